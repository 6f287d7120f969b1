"""What the ledger records as events: captures count, reverses take back theirs."""

from __future__ import annotations

from typing import Any

from points.domain.commands import (
    Burn,
    CaptureHold,
    Earn,
    PlaceHold,
    Reverse,
    ShortfallPolicy,
)
from points.domain.values import ReasonCode, Record, Transaction
from points.testing.bench import Bench
from points_tasks.v1 import tasks_service_pb2 as pb


def task(event: str, aggregator: str, target: int, **more: Any) -> dict[str, Any]:
    """Returns a task of one step about records of the ledger."""
    step = {"name": "x", "event": event, "aggregator": aggregator, "target": target}
    return {"steps": [step], "rewards": [{"points": 7}], **more}


def steps(bench: Bench) -> dict[str, int]:
    """Returns how far Alice is in the step of each task."""
    found = bench.call(pb.ListTasksRequest(member_id="alice")).tasks
    return {one.name: one.steps[0].value for one in found}


def burn(bench: Bench, points: int) -> Record:
    """Has Alice burn points."""
    return bench.execute(
        Burn(
            member_id="alice",
            request_id=f"burn-{points}",
            unit="points",
            points=points,
            sink="redemption",
            reason="test",
        )
    )


def reverse(bench: Bench, record: Record, points: int = 0) -> None:
    """Takes a transaction back, whatever is left of it."""
    bench.execute(
        Reverse(
            member_id="alice",
            request_id=f"reverse-{points}",
            transaction_id=record.place().transaction_id(),
            points=points,
            reason="a mistake",
            reason_code=ReasonCode.CORRECTION,
            shortfall_policy=ShortfallPolicy.SHORTFALL,
        )
    )


def test_an_earning_that_is_reversed_counts_no_more_though_most_of_it_was_spent(
    bench: Bench,
) -> None:
    again = {"clawback": "DEBIT", "auto_claim": True}
    tasks = {"once": task("EARN", "COUNT", 1, **again), "sum": task("EARN", "SUM", 900)}
    bench.configure("tasks", {"tasks": tasks})
    bench.member()
    earned = bench.earn("alice", 100)
    assert steps(bench) == {"once": 1, "sum": 100}
    burn(bench, 90)

    reverse(bench, earned)

    assert steps(bench)["sum"] == 0
    assert bench.balances("alice").shortfall == 90


def test_a_part_of_a_burn_goes_back_as_a_part_though_its_points_have_expired(
    bench: Bench,
) -> None:
    bench.configure("tasks", {"tasks": {"sum": task("BURN", "SUM", 900)}})
    bench.member()
    soon = bench.clock() + 3_600_000_000
    bench.execute(
        Earn(
            member_id="alice",
            request_id="earn",
            unit="points",
            points=100,
            reason="test",
            expire_time=soon,
        )
    )
    burned = burn(bench, 100)
    bench.advance(hours=2)

    reverse(bench, burned, points=10)

    assert steps(bench) == {"sum": 90}


def test_a_capture_counts_what_was_captured(bench: Bench) -> None:
    bench.configure("tasks", {"tasks": {"sum": task("CAPTURE", "SUM", 900)}})
    bench.member(points=100)
    placed = bench.execute(
        PlaceHold(
            member_id="alice",
            request_id="hold",
            unit="points",
            points=80,
            sink="redemption",
            reason="test",
        )
    )
    assert isinstance(placed.result, Transaction)
    assert placed.result.hold is not None
    capture = CaptureHold(
        member_id="alice",
        request_id="capture",
        hold_id=placed.result.hold.place().hold_id(),
        points=30,
    )

    bench.execute(capture)

    assert steps(bench) == {"sum": 30}
