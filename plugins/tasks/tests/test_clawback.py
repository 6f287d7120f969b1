"""Rewards that are taken back, of members who were merged since too."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.tasks.tests.test_merging import claim, state
from plugins.tasks.tests.test_tasks import configure
from plugins.tasks.tests.test_tasks import task as level_task

from points.domain.commands import Reverse, ShortfallPolicy
from points.domain.values import ReasonCode
from points.testing import Bench
from points_tasks.v1 import tasks_service_pb2 as pb


DEBIT: dict[str, Any] = {"clawback": "DEBIT", "auto_claim": True}


def report(bench: Bench, member_id: str, event_id: str, cancels: str = "") -> Any:
    """Reports an event of a member; returns the result in the one task."""
    request = pb.ReportEventRequest(
        member_id=member_id, event_id=event_id, name="level", cancels_event_id=cancels
    )
    return bench.call(request).results[0]


@pytest.mark.parametrize("names", [("bob",), ("carol", "bob")])
def test_what_a_merged_member_was_given_is_kept_and_the_event_taken_back(
    bench: Bench, names: tuple[str, ...]
) -> None:
    configure(bench, a=level_task(**DEBIT))
    for name in names:
        bench.member(name)
    report(bench, names[0], "e1")
    for name, into in zip(names, (*names[1:], "alice"), strict=True):
        bench.merge(name, into)

    found = report(bench, "alice", "e2", cancels="e1")

    assert found.verdict == pb.VERDICT_TAKEN_BACK
    assert (found.task.steps[0].value, found.task.is_clawed_back) == (0, False)
    assert bench.available() == 100
    assert report(bench, "alice", "e3", cancels="e1").verdict == pb.VERDICT_UNKNOWN
    bench.check_books()


def test_what_who_goes_on_was_given_is_taken_back_beside_what_is_kept(
    bench: Bench,
) -> None:
    configure(bench, a=level_task(**DEBIT))
    bench.member("bob")
    report(bench, "alice", "e1")
    report(bench, "bob", "e1")
    bench.merge("bob", "alice")

    found = report(bench, "alice", "e2", cancels="e1")

    assert found.task.is_clawed_back
    assert bench.available() == 100


def test_what_is_done_after_a_merge_is_taken_back_as_ever(bench: Bench) -> None:
    configure(bench, a=level_task(2, **DEBIT))
    bench.member("bob")
    report(bench, "bob", "e1")
    bench.merge("bob", "alice")
    report(bench, "alice", "e2")

    found = report(bench, "alice", "e3", cancels="e1")

    assert found.task.is_clawed_back
    assert bench.available() == 0


def test_a_reward_that_was_taken_back_from_either_is_so_after_a_merge(
    bench: Bench,
) -> None:
    configure(bench, a=level_task(2, **DEBIT))
    bench.member("bob")
    for event_id in ("e1", "e2"):
        report(bench, "alice", event_id)
    report(bench, "alice", "e3", cancels="e2")
    report(bench, "bob", "e4")
    bench.merge("bob", "alice")
    before = state(bench).is_clawed_back

    report(bench, "alice", "e5", cancels="e4")

    assert before
    assert state(bench).is_clawed_back
    assert claim(bench).already
    assert bench.available() == 0


def test_a_reward_that_an_operator_has_reversed_is_not_in_the_way(
    bench: Bench,
) -> None:
    configure(bench, a=level_task(**DEBIT))
    (given,) = report(bench, "alice", "e1").rewards
    bench.execute(
        Reverse(
            member_id="alice",
            request_id="by-hand",
            transaction_id=given.transaction_id,
            reason="a mistake",
            reason_code=ReasonCode.CORRECTION,
            shortfall_policy=ShortfallPolicy.SHORTFALL,
        )
    )

    found = report(bench, "alice", "e2", cancels="e1")

    assert found.verdict == pb.VERDICT_TAKEN_BACK
    assert bench.available() == 0
