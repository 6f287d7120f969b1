"""How events add up: laws of aggregators, orders, windows and cancellations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.tasks.tests.build import MINUTE, NOW, came_to, desk, happening, task, tell
from pydantic import ValidationError

from points_tasks import progress as progress_module
from points_tasks.config import Task
from points_tasks.counting import Verdict
from points_tasks.entries import (
    ENTRIES_MAX,
    KEY_BYTES_MAX,
    KEYS_MAX,
    VALUE_MAX,
    Aggregator,
    Entries,
    Entry,
    Kept,
    added,
    key_of,
    summed,
)
from points_tasks.events import Happening
from points_tasks.progress import Progress, standing_of
from points_tasks.settling import claimed


def values(rules: Task, progress: Progress, now: int = 0) -> list[int]:
    """Returns how far the steps of the latest instance are."""
    standing = standing_of(rules, progress.instances[-1], desk(rules, now).now)
    return [step.value for step in standing.steps]


def is_complete(progress: Progress) -> bool:
    """Tells whether the latest instance is done."""
    return bool(progress.instances) and bool(progress.instances[-1].completed_time)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"aggregator": "COUNT"}, 4),
        ({"aggregator": "SUM", "value": "points"}, 3 + 9 + 9 + 2),
        ({"aggregator": "MAX", "value": "points"}, 9),
        ({"aggregator": "DISTINCT", "key": "shop"}, 2),
        ({"aggregator": "STREAK"}, 3),
        ({"where": [{"field": "shop", "one_of": ["b"]}]}, 1),
        ({"where": [{"field": "points", "at_least": 3, "at_most": 8}]}, 1),
        ({"where": [{"field": "missing", "at_least": 0}]}, 0),
    ],
)
def test_a_step_adds_its_events_up_as_it_says(
    step: dict[str, Any], expected: int
) -> None:
    rules = task({"target": 50, **step}, {"event": "level", "target": 99})
    rules = rules.model_copy(update={"lateness_minutes": 10**4})
    told = [
        happening("a", -3 * 1440, shop="a", points="3"),
        happening("b", -2 * 1440, shop="b", points="9"),
        happening("c", -2 * 1440, shop="a", points="9"),
        happening("d", -1440, shop="a", points="2"),
    ]

    assert values(rules, tell(rules, *told))[0] == expected


@pytest.mark.parametrize("text", ["", "-3", "0", "1.5", "1e3", "٣", "9" * 19])
def test_only_whole_numbers_above_zero_are_added(text: str) -> None:
    rules = task({"aggregator": "SUM", "value": "points"})

    assert came_to(rules, Progress(), happening("a", points=text)) is None


ANY: dict[str, Any] = {"order": "ANY"}
ORDERED: dict[str, Any] = {"order": "ORDERED"}
TWO: dict[str, Any] = {"order": "K_OF_N", "steps_needed": 2}


@pytest.mark.parametrize(
    ("rules", "names", "complete"),
    [
        (ANY, "cba", True),
        (ANY, "ab", False),
        (ORDERED, "abc", True),
        (ORDERED, "acb", False),
        (ORDERED, "acbc", True),
        (TWO, "c", False),
        (TWO, "ca", True),
    ],
)
def test_steps_are_done_in_the_order_of_the_task(
    rules: dict[str, Any], names: str, *, complete: bool
) -> None:
    found = task(*({"event": name} for name in "abc"), **rules)
    told = [happening(f"e{at}", at - 60, name) for at, name in enumerate(names)]

    assert is_complete(tell(found, *told)) is complete


def test_an_event_serves_one_of_the_ordered_steps() -> None:
    rules = task({}, {}, **ORDERED)

    assert not is_complete(tell(rules, happening("a", -2)))
    assert is_complete(tell(rules, happening("a", -2), happening("b", -1)))


AGGREGATORS: tuple[dict[str, Any], ...] = (
    {"aggregator": "COUNT"},
    {"aggregator": "SUM", "value": "points"},
    {"aggregator": "MAX", "value": "points"},
    {"aggregator": "DISTINCT", "key": "shop"},
    {"aggregator": "STREAK"},
)
events = st.lists(
    st.builds(
        lambda number, at, points, shop: happening(
            f"e{number}", -at, points=str(points), shop=shop
        ),
        st.integers(0, 9),
        st.integers(0, 5_000),
        st.integers(1, 9),
        st.sampled_from("abc"),
    ),
    max_size=12,
    unique_by=lambda one: one.event_id,
)
tasks = st.builds(
    lambda steps, target, order, rolling: task(
        *({"target": target, **step} for step in steps),
        order=order,
        lateness_minutes=10**4,
        window={"kind": "ROLLING", "minutes": 1_500} if rolling else {"kind": "FIXED"},
    ),
    st.lists(st.sampled_from(AGGREGATORS), min_size=1, max_size=3),
    st.integers(1, 9),
    st.sampled_from(["ANY", "ORDERED"]),
    st.booleans(),
)


@given(tasks, events, st.data())
def test_the_order_in_which_events_are_told_changes_nothing(
    rules: Task, told: list[Happening], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(told))

    assert tell(rules, *told) == tell(rules, *other)


@given(tasks, events)
def test_an_event_that_is_told_twice_counts_once(
    rules: Task, told: list[Happening]
) -> None:
    assert tell(rules, *told, *told) == tell(rules, *told)


@given(tasks, events, st.data())
def test_a_cancelled_event_leaves_what_there_was_without_it(
    rules: Task, told: list[Happening], data: st.DataObject
) -> None:
    if not told:
        return
    gone = data.draw(st.sampled_from(told))
    others = [one for one in told if one is not gone]
    cancelling = replace(happening("x"), cancels=gone.event_id)
    found = tell(rules, *told, cancelling)

    assert is_complete(found) is is_complete(tell(rules, *others))
    if others and found.instances:
        assert values(rules, found) == values(rules, tell(rules, *others))


def test_a_rolling_window_never_takes_two_moments_for_one() -> None:
    rules = task({"target": 150}, window={"kind": "ROLLING", "minutes": 60})
    rules = rules.model_copy(update={"lateness_minutes": 10**5})
    progress = tell(
        rules, *(happening(f"e{at}", at * 10 - 10_000) for at in range(600))
    )
    assert not is_complete(progress)
    assert len(progress.instances[-1].steps[0].entries) == ENTRIES_MAX

    dense = [happening(f"d{at}", -(at // 3)) for at in range(150)]
    assert not is_complete(tell(rules, *dense[:149]))
    assert is_complete(tell(rules, *dense))


def test_a_rolling_window_asks_for_no_more_than_it_looks_at() -> None:
    rolling = {"kind": "ROLLING", "minutes": 60}
    with pytest.raises(ValidationError, match="201 of them are never reached"):
        task({"target": 201}, window=rolling)
    assert task({"target": 200}, window=rolling).is_rolling


def every_end(
    _task: Task, entries: tuple[Entries, ...], _carried: object, _length: int
) -> list[int]:
    """Returns all instants of events: the plain way to look for a stretch."""
    return sorted({entry.time for step in entries for entry in step})


@given(tasks, events)
def test_no_stretch_that_would_do_is_passed_over(
    rules: Task, told: list[Happening]
) -> None:
    found = tell(rules, *told)
    with patch.object(progress_module, "ends_that_may_do", every_end):
        assert tell(rules, *told) == found


def test_what_is_added_up_has_an_end() -> None:
    most = "9" * 18
    rules = task({"aggregator": "SUM", "value": "points", "target": 10**15})
    told = [happening(f"e{at}", at - 1_000, points=most) for at in range(500)]
    progress = tell(rules, *told)

    assert values(rules, progress) == [VALUE_MAX]
    assert all(
        entry.value <= VALUE_MAX
        for one in progress.instances
        for step in one.steps
        for entry in step.entries
    )


def test_part_of_an_event_is_taken_from_a_sum_alone() -> None:
    rules = task({"aggregator": "SUM", "value": "points", "target": 100}, {"target": 5})
    bought = replace(happening("a", points="80"), points=80)
    less = replace(happening("x"), cancels="a", points=30)
    progress = tell(rules, bought, less)

    assert values(rules, progress) == [50, 1]
    rest = replace(happening("y"), cancels="a", points=50)
    found = came_to(rules, progress, rest)
    assert found is not None
    assert values(rules, found.progress) == [0, 0]


def test_a_rolling_window_needs_all_within_its_length() -> None:
    rules = task({"target": 3}, window={"kind": "ROLLING", "minutes": 60})
    spread = [happening(f"e{at}", -at) for at in (120, 70, 10)]

    assert not is_complete(tell(rules, *spread))
    assert values(rules, tell(rules, *spread)) == [1]
    assert is_complete(
        tell(rules, *spread, happening("late", -65), happening("x", -66))
    )


def test_a_rolling_window_is_as_long_as_it_says_and_no_longer() -> None:
    rules = task({"target": 2}, window={"kind": "ROLLING", "minutes": 60})

    assert is_complete(tell(rules, happening("a", -60), happening("b", -1)))
    assert not is_complete(tell(rules, happening("a", -60), happening("b", 0)))


def window(start: str, end: str) -> dict[str, str]:
    return {"kind": "FIXED", "start_time": start, "end_time": end}


def test_a_window_begins_at_its_start_and_is_over_at_its_end() -> None:
    rules = task({}, window=window("2026-01-01T11:00:00Z", "2026-01-01T12:00:00Z"))
    verdicts = [
        found.verdict
        for at in (-61, -60, -1, 0)
        if (found := came_to(rules, Progress(), happening("a", at)))
    ]

    outside, inside = Verdict.OUTSIDE_WINDOW, Verdict.COUNTED
    assert verdicts == [outside, inside, inside, outside]


def test_lateness_is_counted_to_the_microsecond() -> None:
    rules = task({}, lateness_minutes=10)
    in_time = happening("a", -10)
    late = replace(in_time, time=in_time.time - 1)

    assert came_to(rules, Progress(), in_time).verdict is Verdict.COUNTED  # type: ignore[union-attr] # told
    assert came_to(rules, Progress(), late).verdict is Verdict.LATE  # type: ignore[union-attr] # told


def test_a_task_that_is_done_once_counts_nothing_more() -> None:
    rules = task({})
    progress = tell(rules, happening("a", -2))
    done = claimed(progress, replace(progress.instances[0], claimed_time=NOW))
    found = came_to(rules, done, happening("b", -1))

    assert found is not None
    assert (found.verdict, found.progress) == (Verdict.DONE, done)


def test_a_task_goes_again_after_its_cooldown_and_not_before() -> None:
    rules = task({}, repeat="COOLDOWN", cooldown_minutes=10, times_max=2)
    told = [happening("a", -30), happening("b", -21), happening("c", -20)]
    progress = tell(rules, *told, happening("d", -5))

    assert progress.done_count == 2
    assert [one.begin_time for one in progress.instances] == [0, NOW - 20 * MINUTE]


def test_what_is_beyond_the_target_is_carried_over_where_the_task_says_so() -> None:
    step = {"aggregator": "SUM", "value": "points", "target": 10}
    rules = task(step, repeat="COOLDOWN", carry_over=True)
    progress = tell(
        rules, happening("a", -9, points="13"), happening("b", -5, points="4")
    )

    assert values(rules, progress) == [7]
    plain = task(step, repeat="COOLDOWN")
    again = tell(plain, happening("a", -9, points="13"), happening("b", -5, points="4"))
    assert values(plain, again) == [4]


@pytest.mark.parametrize(
    "aggregator", [Aggregator.COUNT, Aggregator.SUM, Aggregator.MAX]
)
def test_entries_that_are_added_together_count_what_they_counted(
    aggregator: Aggregator,
) -> None:
    entries = [Entry(f"e{at}", at, 1 + at % 5) for at in range(1, 3 * ENTRIES_MAX)]
    kept = Kept()
    for entry in entries:
        kept = added(kept, entry, aggregator)

    assert len(kept.entries) <= ENTRIES_MAX + 1
    assert 0 < kept.horizon < entries[-1].time
    assert (
        summed(kept.entries, aggregator, 10**6).value
        == summed(entries, aggregator, 10**6).value
    )


def test_different_keys_without_end_are_kept_within_bounds() -> None:
    kept = Kept()
    for at in range(1, 5_000):
        kept = added(kept, Entry(f"e{at}", at, 1, f"k{at}"), Aggregator.DISTINCT)
        found = summed(kept.entries, Aggregator.DISTINCT, KEYS_MAX)
        assert found.reached_time == (KEYS_MAX if at >= KEYS_MAX else None)

    assert len(kept.entries) <= KEYS_MAX + ENTRIES_MAX


@given(st.lists(st.text(alphabet="aé😀", max_size=40), unique=True))
def test_keys_of_any_length_are_told_apart_by_few_characters(keys: list[str]) -> None:
    found = [key_of(key) for key in keys]

    assert len(set(found)) == len(keys)
    assert max(map(len, found), default=0) <= KEY_BYTES_MAX
    assert all(bool(short) == bool(key) for short, key in zip(found, keys, strict=True))


def test_an_event_that_may_have_been_added_together_counts_no_more() -> None:
    rules = task({"target": 10**6}, lateness_minutes=10**4)
    told = [happening(f"e{at}", at - 1_000) for at in range(ENTRIES_MAX + 1)]
    progress = tell(rules, *told)
    found = came_to(rules, progress, happening("e0", -1_000))

    assert found is not None
    assert (found.verdict, found.progress) == (Verdict.LATE, progress)


def test_instances_that_are_long_over_are_kept_no_more() -> None:
    daily = {"kind": "RECURRING", "starts": "0 0 * * *"}
    rules = task({"target": 9}, window=daily, repeat="WINDOW")
    progress = Progress()
    for day in range(30):
        found = came_to(
            rules, progress, happening(f"e{day}", day * 1440), now=day * 1440
        )
        assert found is not None
        progress = found.progress

    assert len(progress.instances) == 7
    assert [one.number for one in progress.instances] == list(range(24, 31))
