"""What goes wrong inside is said without its details; the log has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from grpc import StatusCode
from structlog.testing import capture_logs

from points.client import PointsClient
from points.client.connection import Connection
from points.engine.writer import WriterLimits
from points.v1.ledger_service_pb2 import (
    GetBalancesRequest,
    GetTransactionRequest,
    GetTrialBalanceRequest,
    ListLotsRequest,
)
from points.v1.member_service_pb2 import GetMemberRequest
from tests.postgresql.proxy import TcpProxy
from tests.server import build
from tests.server.failures import (
    ErrorInfo,
    Failure,
    RetryInfo,
    details_of,
    error_of,
    failure_of,
    kinds_of,
    status_of,
)
from tests.server.holding import execute
from tests.server.running import Served


Serve = Callable[..., Served]


@pytest.fixture
def own(serve: Serve) -> Served:
    """Returns a server of the test's own on each database, to be damaged."""
    return serve()


@pytest.fixture
def damaged(own: Served) -> dict[str, Any]:
    """Returns calls that meet a record which cannot be read, by name."""
    request = build.earn("alice")
    with PointsClient(own.address) as client:
        client.create_member("alice")
        earned = client.ledger.Earn(request).transaction
    execute(own.database_url, "UPDATE record SET body = 'secret' WHERE kind = 'EARN'")
    asked = GetTransactionRequest(transaction_id=earned.transaction_id)
    return {"GetTransaction": asked, "Earn": request}


@pytest.mark.parametrize("name", ["GetTransaction", "Earn"])
def test_an_unforeseen_failure_is_internal_and_its_id_is_in_the_log(
    own: Served, damaged: dict[str, Any], name: str
) -> None:
    with capture_logs() as lines, PointsClient(own.address) as client:
        failure = failure_of(getattr(client.ledger, name), damaged[name])

    (error_id,) = [line["error_id"] for line in lines if "error_id" in line]
    assert failure == Failure(
        code=StatusCode.INTERNAL, reason="INTERNAL", metadata={"error_id": error_id}
    )


@pytest.mark.parametrize("name", ["GetTransaction", "Earn"])
def test_an_unforeseen_failure_says_nothing_about_itself(
    own: Served, damaged: dict[str, Any], name: str
) -> None:
    with capture_logs(), PointsClient(own.address) as client:
        error = error_of(getattr(client.ledger, name), damaged[name])

    (info,) = details_of(status_of(error), ErrorInfo())
    assert error.details() == (
        f"the server failed: its log has error {info.metadata['error_id']}"
    )
    assert kinds_of(status_of(error)) == ["ErrorInfo"]


@pytest.mark.parametrize("name", ["GetTransaction", "Earn"])
def test_the_log_has_the_cause_of_an_unforeseen_failure(
    own: Served, damaged: dict[str, Any], name: str
) -> None:
    with capture_logs() as lines, PointsClient(own.address) as client:
        error_of(getattr(client.ledger, name), damaged[name])

    causes = [line["exc_info"] for line in lines if "exc_info" in line]
    assert [type(cause).__name__ for cause in causes] == ["DecodeError"]


def test_the_server_goes_on_after_an_unforeseen_failure(
    own: Served, damaged: dict[str, Any]
) -> None:
    with capture_logs(), PointsClient(own.address) as client:
        error_of(client.ledger.Earn, damaged["Earn"])

        assert client.earn("alice", 1, reason="purchase").transaction


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_read_that_the_database_rejects_is_an_internal_failure(own: Served) -> None:
    with PointsClient(own.address) as client:
        client.create_member("alice")
        execute(own.database_url, "ALTER TABLE lot RENAME TO gone")
        request = ListLotsRequest(member_id="alice")

        failure = failure_of(client.ledger.ListLots, request)

    assert failure.reason == "INTERNAL"


@pytest.fixture
def broken(own: Served) -> PointsClient:
    """Returns a client of a server that has met books that do not add up."""
    client = PointsClient(own.address, options=[("grpc.enable_retries", 0)])
    client.create_member("alice")
    client.earn("alice", 10, reason="purchase")
    damage = "UPDATE account SET balance = 0 WHERE account = 'member:alice'"
    execute(own.database_url, damage)
    return client


def test_books_that_do_not_add_up_are_an_internal_failure(
    broken: PointsClient,
) -> None:
    with capture_logs() as lines:
        failure = failure_of(broken.ledger.Burn, build.burn("alice"))

    (line,) = [line for line in lines if line["event"] == "books_broken"]
    assert line["log_level"] == "critical"
    assert failure == Failure(
        code=StatusCode.INTERNAL,
        reason="INTERNAL",
        metadata={"error_id": line["error_id"]},
    )


def test_nothing_is_written_to_books_that_do_not_add_up(broken: PointsClient) -> None:
    failure_of(broken.ledger.Burn, build.burn("alice"))

    error = error_of(broken.ledger.Earn, build.earn("alice"))

    status = status_of(error)
    (info,) = details_of(status, ErrorInfo())
    (retry,) = details_of(status, RetryInfo())
    assert error.code() is StatusCode.UNAVAILABLE
    assert info.reason == "SERVER_STOPPING"
    assert retry.retry_delay.ToMilliseconds() == 1_000


def test_books_that_do_not_add_up_can_still_be_read(broken: PointsClient) -> None:
    failure_of(broken.ledger.Burn, build.burn("alice"))

    assert broken.get_member("alice").member


def test_the_trial_balance_says_that_books_do_not_add_up(
    own: Served, broken: PointsClient
) -> None:
    del own

    assert not broken.get_trial_balance().balanced


def test_sums_over_the_whole_ledger_may_be_larger_than_one_account(
    own: Served,
) -> None:
    with capture_logs(), PointsClient(own.address) as client:
        for number in range(5):
            client.create_member(f"member-{number}")
            client.earn(f"member-{number}", 2**63 - 1, reason="purchase")

        answer = client.ledger.GetTrialBalance(GetTrialBalanceRequest())

    assert answer.balanced


UNAVAILABLE = Failure(code=StatusCode.UNAVAILABLE, reason="STORE_UNAVAILABLE")


@pytest.fixture
def cut_off(serve: Serve, database_url: str, postgres_proxy: TcpProxy) -> Connection:
    """Returns stubs of a server with little patience behind a proxy."""
    limits = WriterLimits(patience_seconds=0.1)
    return stubs_of(serve(postgres_proxy.url(database_url), writer_limits=limits))


@pytest.fixture
def patient(serve: Serve, database_url: str, postgres_proxy: TcpProxy) -> Connection:
    """Returns stubs of a server with patience behind a proxy."""
    return stubs_of(serve(postgres_proxy.url(database_url)))


def stubs_of(server: Served) -> Connection:
    """Returns stubs that try nothing again, of a server that has Alice."""
    client = PointsClient(server.address, options=[("grpc.enable_retries", 0)])
    client.create_member("alice")
    return client


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_postgresql
def test_a_write_is_unavailable_while_the_database_is_away(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()

    assert failure_of(cut_off.ledger.Earn, build.earn("alice")) == UNAVAILABLE


@on_postgresql
def test_a_read_is_unavailable_while_the_database_is_away(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()
    request = GetMemberRequest(member_id="alice")

    assert failure_of(cut_off.members.GetMember, request) == UNAVAILABLE


@on_postgresql
def test_balances_are_unavailable_while_the_database_is_away_and_come_back(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    request = GetBalancesRequest(member_id="alice")
    before = cut_off.ledger.GetBalances(request)
    postgres_proxy.cut()

    assert failure_of(cut_off.ledger.GetBalances, request) == UNAVAILABLE

    postgres_proxy.heal()
    assert cut_off.ledger.GetBalances(request) == before


@on_postgresql
def test_an_unavailable_database_is_worth_another_try(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()
    error = error_of(cut_off.ledger.Earn, build.earn("alice"))

    (retry,) = details_of(status_of(error), RetryInfo())
    assert retry.retry_delay.ToMilliseconds() == 1_000


@on_postgresql
def test_the_server_goes_on_once_the_database_is_back(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    request = build.earn("alice")
    postgres_proxy.cut()
    failure_of(cut_off.ledger.Earn, request)
    postgres_proxy.heal()

    answer = cut_off.ledger.Earn(request)

    assert not answer.replayed


@on_postgresql
@pytest.mark.parametrize("trap", ["cut_after", "cut_before"])
def test_a_commit_whose_answer_is_lost_is_answered_all_the_same(
    patient: Connection, postgres_proxy: TcpProxy, trap: str
) -> None:
    sprung = getattr(postgres_proxy, trap)(b"COMMIT")

    answer = patient.ledger.Earn(build.earn("alice"))

    assert sprung.is_set()
    assert not answer.replayed


@on_postgresql
def test_a_batch_that_the_database_cannot_take_says_so_for_each_command(
    cut_off: Connection, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()
    batch = build.batch(build.earn("alice"), build.earn("alice"))

    outcomes = cut_off.ledger.BatchWrite(batch).outcomes

    reasons = [item.outcome.refusal.reason for item in outcomes]
    assert reasons == ["STORE_UNAVAILABLE"] * 2
