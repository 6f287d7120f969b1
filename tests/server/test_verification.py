"""VerifyLedger: progress, and at last what was found."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.verification_pb2 import (
    VerificationProgress,
    VerifyLedgerRequest,
    VerifyLedgerResponse,
)
from tests.engine.build import run_sql
from tests.server import build
from tests.server.running import Served
from tests.store.cleaning import PARTS


Serve = Callable[..., Served]


@pytest.fixture
def server(serve_reused: Serve) -> Served:
    """Returns a server with little to verify."""
    return serve_reused()


def messages(stubs: Connection, **fields: int) -> list[VerifyLedgerResponse]:
    """Returns all messages of a verification."""
    return list(stubs.ledger.VerifyLedger(VerifyLedgerRequest(**fields)))


def test_verify_ledger_finds_a_whole_ledger_intact(
    stubs: Connection, saver: str
) -> None:
    del saver

    *progress, last = messages(stubs)

    found = last.verification
    assert all(message.HasField("progress") for message in progress)
    assert progress
    assert (found.intact, list(found.findings), found.finding_count) == (True, [], 0)
    assert found.record_count == sum(head.number for head in found.heads) > 0


def test_the_heads_change_with_every_record(stubs: Connection, saver: str) -> None:
    before = messages(stubs)[-1].verification

    revision = stubs.ledger.Earn(build.earn(saver)).revision

    after = messages(stubs)[-1].verification
    changed = [
        (old.number, new)
        for old, new in zip(before.heads, after.heads, strict=True)
        if old != new
    ]
    ((old_number, new),) = changed
    assert f"{new.part}-{new.number}" == revision
    assert (new.number, len(new.digest)) == (old_number + 1, 64)


def test_the_revision_names_what_was_verified(stubs: Connection, saver: str) -> None:
    del saver
    found = messages(stubs)[-1].verification

    assert found.revision == ",".join(
        f"{head.part}-{head.number}" for head in found.heads if head.number
    )


def test_what_differs_is_an_answer_that_names_its_place(serve_reused: Serve) -> None:
    server = serve_reused()
    with PointsClient(server.address) as client:
        client.create_member("ada")
        client.earn("ada", 10, reason="purchase")
        run_sql(server.engine.store, "UPDATE record SET reverses = 1 WHERE number = 2")

        found = client.verify_ledger()

    (finding,) = found.findings
    assert (found.intact, finding.number) == (False, 2)
    assert found.heads[finding.part].number == 2
    assert "differs from what was recorded" in finding.message


def test_only_as_many_findings_are_listed_as_were_asked_for(
    serve_reused: Serve,
) -> None:
    server = serve_reused()
    run_sql(server.engine.store, "UPDATE head SET last_time = 1")
    with PointsClient(server.address) as client:
        found = client.verify_ledger(findings_max=3)

    assert (len(found.findings), found.finding_count) == (3, PARTS)


def test_a_client_is_told_how_far_it_has_come(client: PointsClient) -> None:
    seen: list[VerificationProgress] = []

    client.verify_ledger(on_progress=seen.append)

    assert all(told.record_count <= told.total_record_count for told in seen)
    assert seen


def test_fewer_findings_than_none_cannot_be_asked_for(stubs: Connection) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        messages(stubs, findings_max=-1)

    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_many_verifications_come_one_after_the_other(
    stubs: Connection, saver: str
) -> None:
    del saver
    request = VerifyLedgerRequest()
    calls = [stubs.ledger.VerifyLedger(request) for _ in range(3)]

    assert all([*call][-1].verification.intact for call in calls)


def test_a_caller_who_goes_away_frees_the_verifier(
    stubs: Connection, saver: str
) -> None:
    del saver
    given_up = stubs.ledger.VerifyLedger(VerifyLedgerRequest())
    next(given_up)
    given_up.cancel()

    assert messages(stubs)[-1].verification.intact
