"""Two members who become one: what both have done counts together, once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.tasks.tests.build import NOW, desk, happening, task, tell
from plugins.tasks.tests.test_tasks import configure
from plugins.tasks.tests.test_tasks import task as level_task

from points.testing import Bench
from points_tasks.merging import one_progress
from points_tasks.progress import standing_of
from points_tasks.v1 import tasks_service_pb2 as pb


def report(bench: Bench, member_id: str, *event_ids: str) -> None:
    """Reports events of a member."""
    for event_id in event_ids:
        bench.call(
            pb.ReportEventRequest(member_id=member_id, event_id=event_id, name="level")
        )


def claim(bench: Bench, member_id: str = "alice", **fields: Any) -> pb.ClaimResponse:
    """Claims the task."""
    response: pb.ClaimResponse = bench.call(
        pb.ClaimRequest(member_id=member_id, task="a", **fields)
    )
    return response


def state(bench: Bench) -> pb.Task:
    """Returns Alice's task."""
    answer: pb.GetTaskResponse = bench.call(
        pb.GetTaskRequest(member_id="alice", task="a")
    )
    return answer.task


@pytest.mark.parametrize("is_automatic", [True, False])
def test_two_who_have_half_of_it_each_have_all_of_it_together(
    bench: Bench, *, is_automatic: bool
) -> None:
    configure(bench, a=level_task(4, auto_claim=is_automatic))
    bench.member("bob")
    report(bench, "alice", "e1", "e2")
    report(bench, "bob", "e2", "e3", "e4")

    bench.merge("bob", "alice")

    if not is_automatic:
        assert bench.available() == 0
        claim(bench)
    assert bench.available() == 100
    assert claim(bench).already


COUNTED: dict[str, Any] = {"aggregator": "COUNT", "target": 50}
SUMMED: dict[str, Any] = {"aggregator": "SUM", "value": "points", "target": 1_000}
STREAK: dict[str, Any] = {"aggregator": "STREAK", "target": 3}


@pytest.mark.parametrize(("old", "new"), [(COUNTED, STREAK), (SUMMED, COUNTED)])
@pytest.mark.parametrize("is_old_kept", [True, False])
def test_who_goes_on_keeps_a_step_that_the_other_counted_by_other_rules(
    bench: Bench, old: dict[str, Any], new: dict[str, Any], *, is_old_kept: bool
) -> None:
    for name, rules in (("bob", old), ("alice", new)):
        step = {"name": "play", "event": "level", **rules}
        configure(bench, a={"steps": [step], "rewards": [{"points": 100}]})
        bench.member(name)
        event = pb.ReportEventRequest(member_id=name, event_id=name, name="level")
        event.fields["points"] = "300"
        bench.call(event)
    ended, kept = ("alice", "bob") if is_old_kept else ("bob", "alice")
    before = bench.call(pb.GetTaskRequest(member_id=kept, task="a")).task

    bench.merge(ended, kept)

    after = bench.call(pb.GetTaskRequest(member_id=kept, task="a")).task
    assert after == before
    bench.check_books()


def test_a_reward_that_either_has_got_is_got(bench: Bench) -> None:
    configure(bench, a=level_task(2))
    bench.member("bob")
    report(bench, "bob", "e1", "e2")
    claim(bench, "bob")
    report(bench, "alice", "e3", "e4")

    bench.merge("bob", "alice")

    assert claim(bench).already
    assert bench.available() == 100


def test_progress_of_one_alone_goes_along_with_what_waits(bench: Bench) -> None:
    configure(bench, a=level_task(2))
    bench.member("bob")
    report(bench, "bob", "e1", "e2")

    bench.merge("bob", "alice")
    claim(bench)

    assert bench.available() == 100


def test_what_waits_and_has_no_place_is_given_at_once(bench: Bench) -> None:
    configure(bench, a=level_task(1, repeat="COOLDOWN"))
    bench.member("bob")
    report(bench, "alice", "e0")
    for event_id in ("e1", "e2"):
        bench.advance(minutes=1)
        report(bench, "bob", event_id)

    bench.merge("bob", "alice")
    claim(bench)

    # Bob's first was given, his second is the same as Alice's.
    assert bench.available() == 200
    assert claim(bench).already


def test_events_of_a_task_that_was_dropped_stay_with_who_goes_on(bench: Bench) -> None:
    configure(bench, a=level_task(2))
    bench.member("bob")
    report(bench, "alice", "e1")
    report(bench, "bob", "e2")
    bench.configure("tasks", {"tasks": {}})

    bench.merge("bob", "alice")

    assert state(bench).name == "a"


@pytest.mark.parametrize("is_automatic", [True, False])
def test_two_who_did_it_every_day_are_merged_after_all_of_it_is_over(
    bench: Bench, *, is_automatic: bool
) -> None:
    daily = {"kind": "RECURRING", "starts": "0 0 * * *"}
    rules = level_task(2, window=daily, repeat="WINDOW", auto_claim=is_automatic)
    configure(bench, a=rules)
    bench.member("bob")
    for day in range(7):
        # On the first days each has half of it.
        events = (0,) if day < 2 else (0, 1)
        for member_id in ("alice", "bob"):
            report(bench, member_id, *(f"{member_id}{day}-{each}" for each in events))
            if day >= 2 and not is_automatic:
                claim(bench, member_id)
        bench.advance(days=1)
    bench.advance(days=7)

    bench.merge("bob", "alice")

    # Five days that both have done are kept; what both did together is completed.
    together = 200 if is_automatic else 0
    assert bench.available() == 1000 + together
    claimed = [claim(bench, instance=number) for number in range(3, 8)]
    assert all(each.already for each in claimed)
    if is_automatic:
        with bench.refused("INSTANCE_UNKNOWN"):
            claim(bench, instance=1)


def test_two_who_have_only_taken_back_what_is_to_come_are_merged(bench: Bench) -> None:
    configure(bench, a=level_task())
    bench.member("bob")
    for member_id in ("alice", "bob"):
        bench.call(
            pb.ReportEventRequest(
                member_id=member_id,
                event_id="undo",
                cancels_event_id=member_id,
                name="level",
            )
        )

    bench.merge("bob", "alice")
    report(bench, "alice", "bob", "alice")

    assert state(bench).state == pb.TASK_STATE_ACTIVE


EVENTS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
RULES = [
    task({"target": 3}),
    task({"target": 9, "aggregator": "SUM", "value": "size"}),
    task({"target": 2, "aggregator": "DISTINCT", "key": "where"}),
    task({"target": 2}, {"target": 4}, order="ORDERED"),
]


@pytest.mark.parametrize("rules", RULES)
@given(mine=EVENTS, other=EVENTS)
def test_both_together_are_as_far_as_one_who_did_it_all(
    rules: Any, mine: list[str], other: list[str]
) -> None:
    def told(names: list[str]) -> Any:
        found = (
            happening(name, -ord(name), size=str(ord(name) % 5), where=name)
            for name in names
        )
        return tell(rules, *found)

    both = one_progress(told(mine), told(other), desk(rules)).progress
    one = told(list(dict.fromkeys([*mine, *other])))

    assert len(both.instances) == len(one.instances) <= 1
    for found, wanted in zip(both.instances, one.instances, strict=True):
        assert standing_of(rules, found, NOW) == standing_of(rules, wanted, NOW)


def test_what_a_member_had_got_who_was_merged_since_is_not_clawed_back(
    bench: Bench,
) -> None:
    """It was of a member who has ended; the event counts no more all the same."""
    configure(bench, a=level_task(auto_claim=True, clawback="DEBIT", repeat="COOLDOWN"))
    for name in ("bob", "cem"):
        bench.member(name)
    report(bench, "cem", "e1")
    bench.merge("cem", "bob")
    bench.merge("bob", "alice")
    assert bench.available() == 100

    bench.call(
        pb.ReportEventRequest(
            member_id="alice", event_id="x", name="level", cancels_event_id="e1"
        )
    )

    assert bench.available() == 100
    report(bench, "alice", "e1")
    assert bench.available() == 100


@pytest.mark.parametrize("is_blocked", [True, False])
def test_a_reward_that_a_clawback_blocks_is_not_given_by_a_merge(
    bench: Bench, *, is_blocked: bool
) -> None:
    rules = level_task(1, clawback="BLOCK", repeat="COOLDOWN", auto_claim=False)
    configure(bench, a=rules)
    bench.member("bob")
    report(bench, "alice", "a1")
    for event_id in ("b1", "b2"):
        report(bench, "bob", event_id)
        bench.clock.advance(minutes=1)
    claim(bench, "bob", instance=2)
    if is_blocked:
        cancel = pb.ReportEventRequest(
            member_id="bob", event_id="b3", name="level", cancels_event_id="b2"
        )
        bench.call(cancel)
    before = bench.available("alice") + bench.available("bob")

    bench.merge("bob", "alice")

    given = bench.available("alice") - before
    assert given == (0 if is_blocked else 100)


def test_a_reward_that_was_got_long_ago_is_not_got_again_by_a_merge(
    bench: Bench,
) -> None:
    window = {"kind": "RECURRING", "starts": "0 0 * * *"}
    rules = level_task(1, repeat="WINDOW", window=window, auto_claim=False)
    configure(bench, a=rules)
    bench.member("bob")
    report(bench, "bob", "e0")
    for day in range(9):
        report(bench, "alice", f"e{day}")
        claim(bench)
        bench.advance(days=1)
    before = bench.available("alice")

    bench.merge("bob", "alice")
    claimed = claim(bench)

    assert claimed.already
    assert bench.available("alice") == before
