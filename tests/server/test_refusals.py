"""What the ledger refuses, with its reason and everything variable in it."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode

from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1 import member_service_pb2 as members
from tests.server import build
from tests.server.failures import Failure, error_of, failure_of, kinds_of, status_of


def refusal(code: StatusCode, reason: str, **metadata: str) -> Failure:
    """Returns the failure of a refusal."""
    return Failure(code=code, reason=reason, metadata=metadata)


def member_not_found(member_id: str) -> Failure:
    """Returns the failure of every call about a member who does not exist."""
    return refusal(StatusCode.NOT_FOUND, "MEMBER_NOT_FOUND", member_id=member_id)


@pytest.mark.parametrize("name", [w for w in build.WRITES if w != "CreateMember"])
def test_a_write_to_nobody_is_refused(
    stubs: Connection, stranger: str, name: str
) -> None:
    write = build.WRITES[name]

    failure = failure_of(write.method(stubs), write.request(stranger))

    assert failure == member_not_found(stranger)


@pytest.mark.parametrize(
    ("service", "method", "kind"),
    [
        ("members", "GetMember", members.GetMemberRequest),
        ("ledger", "GetBalances", ledger.GetBalancesRequest),
        ("ledger", "ListLots", ledger.ListLotsRequest),
        ("ledger", "ListTransactions", ledger.ListTransactionsRequest),
    ],
    ids=["GetMember", "GetBalances", "ListLots", "ListTransactions"],
)
def test_a_read_of_nobody_is_refused(
    stubs: Connection, stranger: str, service: str, method: str, kind: Any
) -> None:
    call = getattr(getattr(stubs, service), method)

    failure = failure_of(call, kind(member_id=stranger))

    assert failure == member_not_found(stranger)


def test_a_member_is_created_once(stubs: Connection, member: str) -> None:
    failure = failure_of(stubs.members.CreateMember, build.create_member(member))

    assert failure == refusal(
        StatusCode.ALREADY_EXISTS, "MEMBER_EXISTS", member_id=member
    )


STOPPED = [
    "Earn",
    "RecordActivity",
    "Burn",
    "Transfer",
    "PlaceHold",
    "CaptureHold",
    "ActivateLot",
    "MergeMembers",
    "FreezeMember",
]


@pytest.mark.parametrize("name", STOPPED)
def test_a_frozen_member_neither_earns_nor_burns(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)
    stubs.members.FreezeMember(build.freeze_member(saver))

    failure = failure_of(write.method(stubs), write.request(saver))

    assert failure == refusal(
        StatusCode.FAILED_PRECONDITION, "MEMBER_FROZEN", member_id=saver
    )


@pytest.mark.parametrize(
    "name", sorted(build.WRITES.keys() - {*STOPPED, "CreateMember", "UnfreezeMember"})
)
def test_all_else_is_done_to_a_frozen_member(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)
    stubs.members.FreezeMember(build.freeze_member(saver))

    assert not write.method(stubs)(write.request(saver)).replayed


@pytest.mark.parametrize(
    ("end", "reason"),
    [("MergeMembers", "MEMBER_MERGED"), ("EraseMember", "MEMBER_ERASED")],
)
@pytest.mark.parametrize("name", sorted(build.WRITES.keys() - {"CreateMember"}))
def test_nothing_is_done_to_a_member_who_has_ended(
    stubs: Connection, saver: str, name: str, end: str, reason: str
) -> None:
    write, last = build.WRITES[name], build.WRITES[end].prepared(stubs, saver)
    last.method(stubs)(last.request(saver))

    if (name, end) == ("EraseMember", "MergeMembers"):
        assert not write.method(stubs)(write.request(saver)).replayed
        return
    failure = failure_of(write.method(stubs), write.request(saver))
    assert (failure.reason, failure.metadata["member_id"]) == (reason, saver)


def test_only_a_frozen_member_is_unfrozen(stubs: Connection, member: str) -> None:
    failure = failure_of(stubs.members.UnfreezeMember, build.unfreeze_member(member))

    assert failure == refusal(
        StatusCode.FAILED_PRECONDITION, "MEMBER_NOT_FROZEN", member_id=member
    )


def test_an_update_by_an_old_etag_is_refused(stubs: Connection, member: str) -> None:
    stubs.members.UpdateMember(build.update_member(member))
    late = build.update_member(member, etag="1")

    failure = failure_of(stubs.members.UpdateMember, late)

    assert failure == refusal(
        StatusCode.ABORTED,
        "ETAG_MISMATCH",
        member_id=member,
        etag="1",
        current_etag="2",
    )


@pytest.mark.parametrize("name", [*build.MOVES, "PlaceHold", "SetLimits"])
def test_a_unit_that_the_program_does_not_have_is_refused(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name]

    failure = failure_of(write.method(stubs), write.request(saver, unit="stars"))

    assert failure == refusal(StatusCode.INVALID_ARGUMENT, "UNIT_UNKNOWN", unit="stars")


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("GetBalances", lambda m: ledger.GetBalancesRequest(member_id=m, unit="stars")),
        ("ListLots", lambda m: ledger.ListLotsRequest(member_id=m, unit="stars")),
        ("GetTrialBalance", lambda _: ledger.GetTrialBalanceRequest(unit="stars")),
    ],
    ids=["GetBalances", "ListLots", "GetTrialBalance"],
)
def test_a_read_of_a_unit_that_does_not_exist_is_refused(
    stubs: Connection, member: str, method: str, request_of: Any
) -> None:
    failure = failure_of(getattr(stubs.ledger, method), request_of(member))

    assert failure == refusal(StatusCode.INVALID_ARGUMENT, "UNIT_UNKNOWN", unit="stars")


def test_a_unit_that_counts_towards_tiers_is_never_burned(
    stubs: Connection, member: str
) -> None:
    stubs.ledger.Earn(build.earn(member, unit="qualifying_points"))
    request = build.burn(member, unit="qualifying_points")

    assert failure_of(stubs.ledger.Burn, request) == refusal(
        StatusCode.FAILED_PRECONDITION, "UNIT_NOT_SPENDABLE", unit="qualifying_points"
    )


def test_a_sink_that_the_program_does_not_have_is_refused(
    stubs: Connection, saver: str
) -> None:
    failure = failure_of(stubs.ledger.Burn, build.burn(saver, sink="bonfire"))

    assert failure == refusal(
        StatusCode.INVALID_ARGUMENT, "SINK_UNKNOWN", sink="bonfire"
    )


def test_a_burn_of_more_than_is_available_is_refused(
    stubs: Connection, saver: str
) -> None:
    failure = failure_of(stubs.ledger.Burn, build.burn(saver, 101))

    assert failure == refusal(
        StatusCode.FAILED_PRECONDITION,
        "INSUFFICIENT_POINTS",
        member_id=saver,
        unit="points",
        available="100",
        points="101",
    )


def test_an_account_holds_no_more_than_an_int64(stubs: Connection, member: str) -> None:
    stubs.ledger.Earn(build.earn(member, 2**63 - 1, unit="giants"))

    failure = failure_of(
        stubs.ledger.Earn, build.earn(member, 2**63 - 1, unit="giants")
    )

    assert failure == refusal(
        StatusCode.FAILED_PRECONDITION,
        "LIMIT_EXCEEDED",
        account=f"member:{member}",
        unit="giants",
        limit=str(2**63 - 1),
    )


@pytest.mark.parametrize(
    "transaction_id",
    ["t1-999999999999", "t999-1", "t1-0", "l1-1", "t1-1 ", "order-17", "t" + "9" * 127],
)
def test_a_transaction_that_does_not_exist_is_not_found(
    stubs: Connection, transaction_id: str
) -> None:
    request = ledger.GetTransactionRequest(transaction_id=transaction_id)

    failure = failure_of(stubs.ledger.GetTransaction, request)

    assert failure == refusal(
        StatusCode.NOT_FOUND, "TRANSACTION_NOT_FOUND", transaction_id=transaction_id
    )


def test_the_creation_of_a_member_is_no_transaction(
    stubs: Connection, stranger: str
) -> None:
    created = stubs.members.CreateMember(build.create_member(stranger))
    request = ledger.GetTransactionRequest(transaction_id=f"t{created.revision}")

    failure = failure_of(stubs.ledger.GetTransaction, request)

    assert failure.reason == "TRANSACTION_NOT_FOUND"


def test_an_outcome_that_does_not_exist_is_not_found(
    stubs: Connection, member: str
) -> None:
    request = ledger.GetOutcomeRequest(member_id=member, request_id="never sent")

    assert failure_of(stubs.ledger.GetOutcome, request) == refusal(
        StatusCode.NOT_FOUND,
        "OUTCOME_NOT_FOUND",
        member_id=member,
        request_id="never sent",
    )


def test_a_refusal_carries_one_error_info_and_nothing_else(
    stubs: Connection, member: str
) -> None:
    error = error_of(stubs.ledger.Burn, build.burn(member))

    assert kinds_of(status_of(error)) == ["ErrorInfo"]


def test_a_refusal_says_its_sentence(stubs: Connection, member: str) -> None:
    error = error_of(stubs.ledger.Burn, build.burn(member, 25))

    assert error.details() == (
        f"member '{member}' has 0 points available, 25 are needed"
    )


def test_a_refusal_changes_nothing(stubs: Connection, saver: str) -> None:
    request = ledger.GetBalancesRequest(member_id=saver)
    before = stubs.ledger.GetBalances(request).balances
    failure_of(stubs.ledger.Burn, build.burn(saver, 101))

    after = stubs.ledger.GetBalances(request).balances

    assert after == before
