"""Members who do tasks, on a real engine."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from points.domain.commands import Burn, FreezeMember, RecordActivity, Reverse
from points.domain.values import ReasonCode
from points.testing import Bench, Example, assert_conforms, assert_idempotent, race
from points_tasks.v1 import tasks_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


def configure(bench: Bench, **tasks: Any) -> None:
    """Applies a program with these tasks, and makes sure of Alice."""
    bench.configure("tasks", {"tasks": tasks})
    bench.member()


def task(target: int = 1, **rules: Any) -> dict[str, Any]:
    """Returns a task that counts `level` events and gives 100 points."""
    steps = [{"name": "play", "event": "level", "target": target}]
    return {"steps": steps, "rewards": [{"points": 100}], **rules}


def report(bench: Bench, event_id: str, name: str = "level", **fields: Any) -> Any:
    """Reports an event of Alice; returns the result in the first task, if any."""
    results = bench.call(event(event_id, name, **fields)).results
    return results[0] if results else None


def event(event_id: str, name: str = "level", **fields: Any) -> pb.ReportEventRequest:
    """Returns the report of an event of Alice."""
    return pb.ReportEventRequest(
        member_id="alice", event_id=event_id, name=name, **fields
    )


def claim(bench: Bench, name: str = "a", **fields: Any) -> pb.ClaimResponse:
    """Claims a task of Alice."""
    response: pb.ClaimResponse = bench.call(
        pb.ClaimRequest(member_id="alice", task=name, **fields)
    )
    return response


def listed(bench: Bench) -> dict[str, int]:
    """Returns the states of Alice's tasks."""
    tasks = bench.call(pb.ListTasksRequest(member_id="alice")).tasks
    return {one.name: one.state for one in tasks}


@ON_BOTH_DATABASES
def test_events_count_once_and_a_claim_gives_once(bench: Bench) -> None:
    configure(bench, a=task(2))
    first = report(bench, "e1")
    again = report(bench, "e1")
    second = assert_idempotent(bench, event("e2")).results[0]
    claimed = claim(bench)
    twice = claim(bench)

    assert first.task.state == pb.TASK_STATE_ACTIVE
    assert (again.verdict, again.task.steps[0].value) == (pb.VERDICT_DUPLICATE, 1)
    assert second.task.state == pb.TASK_STATE_COMPLETED
    assert (claimed.already, twice.already) == (False, True)
    assert twice.rewards == claimed.rewards
    assert bench.available() == 100


@ON_BOTH_DATABASES
def test_two_claims_at_once_give_once(bench: Bench) -> None:
    configure(bench, a=task())
    report(bench, "e1")
    request = pb.ClaimRequest(member_id="alice", task="a")
    answers = race(bench, 3, lambda _: request)

    assert sorted(answer.already for answer in answers) == [False, True, True]
    assert bench.available() == 100


@ON_BOTH_DATABASES
def test_rewards_that_need_no_claim_come_with_the_last_event(bench: Bench) -> None:
    configure(bench, a=task(auto_claim=True))
    result = report(bench, "e1")

    assert result.task.state == pb.TASK_STATE_CLAIMED
    assert [one.points for one in result.rewards] == [100]
    assert bench.available() == 100


def test_a_claim_that_cannot_be_says_why(bench: Bench) -> None:
    configure(bench, a=task(2), b=task(claim_minutes=60))
    report(bench, "e1")
    bench.clock.advance(hours=1)

    with bench.refused("NOT_COMPLETED", state="ACTIVE"):
        claim(bench, "a")
    with bench.refused("CLAIM_TOO_LATE"):
        claim(bench, "b")
    with bench.refused("TASK_UNKNOWN"):
        claim(bench, "c")
    with bench.refused("INSTANCE_UNKNOWN"):
        claim(bench, "a", instance=7)
    assert bench.available() == 0
    assert listed(bench)["b"] == pb.TASK_STATE_EXPIRED


def test_a_report_that_cannot_be_says_why(bench: Bench) -> None:
    configure(bench, a=task())
    ahead = pb.ReportEventRequest(member_id="alice", event_id="e", name="level")
    ahead.occurred_time.FromSeconds(bench.clock() // 1_000_000 + 1)

    with bench.refused("TIME_IN_FUTURE", ahead_micros="1000000"):
        bench.call(ahead)
    with bench.refused("EVENT_INVALID", field="event_id"):
        report(bench, "")
    with bench.refused("EVENT_INVALID", field="name"):
        report(bench, "e", "BURN")
    with bench.refused("EVENT_INVALID", field="cancels_event_id"):
        report(bench, "e", cancels_event_id="x" * 129)
    with bench.refused("EVENT_INVALID", field="fields"):
        report(bench, "e", fields={"long": "x" * 257})
    with bench.refused("EVENT_INVALID", field="fields"):
        report(bench, "e", fields={str(at): "" for at in range(51)})
    assert report(bench, "e", "unheard") is None
    assert listed(bench) == {"a": pb.TASK_STATE_ACTIVE}


def test_an_event_that_is_told_late_counts_in_its_own_window(bench: Bench) -> None:
    daily = {"kind": "RECURRING", "starts": "0 0 * * *"}
    rules = task(window=daily, repeat="WINDOW", lateness_minutes=120)
    configure(bench, a=rules)
    bench.clock.freeze_at(datetime(2026, 1, 2, 1, tzinfo=ZoneInfo("UTC")))
    late = event("late")
    late.occurred_time.FromJsonString("2026-01-01T23:30:00Z")
    older = event("older")
    older.occurred_time.FromJsonString("2026-01-01T22:30:00Z")
    found = bench.call(late).results[0]
    refused = bench.call(older).results[0]
    today = report(bench, "today")

    assert found.task.end_time.ToJsonString() == "2026-01-02T00:00:00Z"
    assert refused.verdict == pb.VERDICT_LATE
    assert (today.verdict, today.task.instance) == (pb.VERDICT_COUNTED, 2)


def test_a_task_waits_for_those_that_it_requires(bench: Bench) -> None:
    configure(bench, a=task(), b=task(requires=["a"]))

    assert listed(bench)["b"] == pb.TASK_STATE_LOCKED
    report(bench, "e1")
    assert listed(bench)["b"] == pb.TASK_STATE_LOCKED
    claim(bench)
    assert listed(bench)["b"] == pb.TASK_STATE_ACTIVE
    report(bench, "e2")
    assert listed(bench)["b"] == pb.TASK_STATE_COMPLETED


def test_a_cancelled_event_counts_no_more_until_it_is_claimed(bench: Bench) -> None:
    configure(bench, a=task(), b=task(auto_claim=True, clawback="DEBIT"))
    report(bench, "e1")
    before = bench.available()
    report(bench, "e2", cancels_event_id="e1")

    assert (before, bench.available()) == (100, 0)
    assert listed(bench) == {"a": pb.TASK_STATE_ACTIVE, "b": pb.TASK_STATE_CLAIMED}
    with bench.refused("NOT_COMPLETED"):
        claim(bench)


def test_an_event_that_is_cancelled_before_it_is_told_never_counts(
    bench: Bench,
) -> None:
    configure(bench, a=task())
    cancelled = report(bench, "e2", cancels_event_id="e1")
    told = report(bench, "e1")

    assert cancelled.verdict == pb.VERDICT_UNKNOWN
    assert told.verdict == pb.VERDICT_CANCELLED


def test_a_blocked_task_gives_nothing_until_an_operator_says_so(bench: Bench) -> None:
    rules = task(auto_claim=True, clawback="BLOCK", repeat="COOLDOWN")
    configure(bench, a=rules)
    report(bench, "e1")
    report(bench, "e2", cancels_event_id="e1")
    bench.clock.advance(minutes=1)
    blocked = report(bench, "e3")
    unblock = pb.UnblockTaskRequest(
        member_id="alice", task="a", operator="eve", reason="test"
    )
    bench.call(unblock)
    report(bench, "e4")

    assert blocked.verdict == pb.VERDICT_LOCKED
    assert bench.available() == 200
    with bench.refused("TASK_NOT_BLOCKED"):
        bench.call(unblock)


def test_an_instance_keeps_its_rules_and_the_next_has_the_new_ones(
    bench: Bench,
) -> None:
    configure(bench, a=task(2, repeat="COOLDOWN"))
    report(bench, "e1")
    configure(bench, a=task(1, repeat="COOLDOWN", rewards=[{"points": 7}]))
    bench.clock.advance(minutes=1)
    old = report(bench, "e2")
    bench.clock.advance(minutes=1)
    new = report(bench, "e3")

    assert [old.task.rewards[0].points, new.task.rewards[0].points] == [100, 7]
    assert (old.task.instance, new.task.instance) == (1, 2)


def test_what_is_begun_goes_on_when_the_program_has_the_task_no_more(
    bench: Bench,
) -> None:
    configure(bench, a=task(2))
    report(bench, "e1")
    configure(bench, b=task(2))
    report(bench, "e2")
    claimed = claim(bench)

    assert claimed.task.state == pb.TASK_STATE_CLAIMED
    assert bench.available() == 100
    with bench.refused("TASK_UNKNOWN"):
        bench.member("bob")
        bench.call(pb.GetTaskRequest(member_id="bob", task="a"))


def test_rewards_that_wait_are_listed_beside_the_present_window(bench: Bench) -> None:
    daily = {"kind": "RECURRING", "starts": "0 0 * * *"}
    configure(bench, a=task(window=daily, repeat="WINDOW"))
    report(bench, "e1")
    bench.clock.advance(days=1)
    listing = bench.call(pb.ListTasksRequest(member_id="alice")).tasks
    waiting = bench.call(
        pb.ListTasksRequest(member_id="alice", states=[pb.TASK_STATE_COMPLETED])
    ).tasks

    completed, active = pb.TASK_STATE_COMPLETED, pb.TASK_STATE_ACTIVE
    assert [one.state for one in listing] == [completed, active]
    assert [one.instance for one in waiting] == [1]
    assert claim(bench).task.instance == 1


def test_tasks_are_for_their_audience(bench: Bench) -> None:
    audience = {"attributes": {"country": ["DE"]}}
    configure(bench, a=task(audience=audience), b=task())
    bench.member("bob", attributes={"country": "DE"})
    found = bench.call(pb.ListTasksRequest(member_id="bob")).tasks

    assert [one.name for one in found] == ["a", "b"]
    assert list(listed(bench)) == ["b"]


def test_a_frozen_member_reports_nothing(bench: Bench) -> None:
    configure(bench, a=task())
    freeze = FreezeMember(member_id="alice", request_id="freeze", reason="test")
    bench.execute(freeze)

    with bench.refused("MEMBER_NOT_ACTIVE", state="FROZEN"):
        report(bench, "e1")


@ON_BOTH_DATABASES
def test_tasks_keep_the_laws_of_plugins(bench: Bench) -> None:
    configure(bench, a=task(repeat="COOLDOWN"))
    report(bench, "first")

    unblock = pb.UnblockTaskRequest(
        member_id="alice", task="a", operator="eve", reason="test"
    )
    assert_conforms(
        bench,
        "tasks",
        [
            Example(event("e1")),
            Example(pb.ClaimRequest(member_id="alice", task="a")),
            Example(unblock),
            Example(pb.ListTasksRequest(member_id="alice")),
            Example(pb.GetTaskRequest(member_id="alice", task="a")),
        ],
    )


def test_records_of_the_ledger_are_counted_by_themselves(bench: Bench) -> None:
    steps = [{"name": "spend", "event": "BURN", "aggregator": "SUM", "target": 50}]
    configure(bench, a={"steps": steps, "rewards": [{"points": 7}], "auto_claim": True})
    bench.earn("alice", 100)
    bench.execute(burn(30))
    before = bench.available()
    bench.execute(burn(20))

    assert (before, bench.available()) == (70, 57)


def test_activities_are_counted_with_their_fields(bench: Bench) -> None:
    where = [{"field": "type", "one_of": ["purchase"]}]
    steps = [{"name": "buy", "event": "ACTIVITY", "where": where}]
    configure(bench, a={"steps": steps, "rewards": [{"points": 7}], "auto_claim": True})
    activity = partial(
        RecordActivity, member_id="alice", request_id="visit", activity_type="visit"
    )
    bench.execute(activity())
    before = bench.available()
    bench.execute(activity(request_id="purchase", activity_type="purchase"))

    assert bench.available() == before + 7


def test_progress_goes_back_with_a_reversal(bench: Bench) -> None:
    steps = [{"name": "spend", "event": "BURN"}]
    configure(bench, a={"steps": steps})
    bench.earn("alice", 100)
    record = bench.execute(burn(30))
    before = listed(bench)["a"]
    place = record.place().transaction_id()
    bench.execute(
        Reverse(
            member_id="alice",
            request_id="back",
            transaction_id=place,
            reason="test",
            reason_code=ReasonCode.REFUND,
        )
    )

    assert (before, listed(bench)["a"]) == (
        pb.TASK_STATE_COMPLETED,
        pb.TASK_STATE_ACTIVE,
    )


def burn(points: int) -> Burn:
    """Returns a burn of Alice's points."""
    return Burn(
        member_id="alice",
        request_id=f"burn-{points}",
        unit="points",
        points=points,
        reason="test",
        sink="redemption",
    )
