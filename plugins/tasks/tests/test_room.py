"""However much is told, the progress of a task fits into its document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from plugins.tasks.tests.build import NOW, desk, happening, task, tell

from points.engine.plugins.codec import read_document, write_document
from points_tasks.counting import Verdict, counted
from points_tasks.entries import ID_BYTES_MAX, KEYS_MAX, key_of, short_id
from points_tasks.events import Happening
from points_tasks.progress import PROGRESS, Progress
from points_tasks.pruning import ENTRIES_MAX


DAY: Final = 1440
LATE: Final[dict[str, Any]] = {
    "window": {"kind": "RECURRING", "starts": "0 0 * * *"},
    "repeat": "WINDOW",
    "lateness_minutes": 20 * DAY,
}


def told(rules: Any, days: int, each: int, **fields: str) -> Progress:
    """Returns the progress of somebody with so many events on each of some days."""
    progress = Progress()
    for day in range(days, 0, -1):
        for at in range(each):
            event = Happening(
                event_id=short_id(f"{day}-{at}".rjust(128, "\N{GRINNING FACE}")),
                name="level",
                time=NOW - day * DAY * 60_000_000 + at,
                fields={name: f"{text}{at}" for name, text in fields.items()},
            )
            found = counted(desk(rules), progress, event)
            assert found is not None
            progress = found.progress
    return progress


def entry_count(progress: Progress) -> int:
    """Returns how many entries are kept."""
    return sum(len(kept.entries) for one in progress.instances for kept in one.steps)


def test_many_steps_and_events_of_each_day_fit_for_as_long_as_they_may_be_told() -> (
    None
):
    rules = task(*({"target": 1_000},) * 20, **LATE)

    progress = told(rules, days=9, each=60)

    write_document(PROGRESS, progress)
    assert len(progress.instances) == 9
    assert {s.entries[-1].event_id == "" for s in progress.instances[0].steps} == {True}
    latest = progress.instances[-1].steps[0].entries
    assert len({entry.event_id for entry in latest}) == 60


def test_what_was_kept_under_long_ids_is_told_apart_by_short_ones_from_then_on() -> (
    None
):
    step = {"aggregator": "DISTINCT", "key": "shop", "target": 9}
    rules, late = task(step, **LATE), happening("late" * 9, -DAY, shop="a")
    now, old = told(rules, 1, 2, shop="long " * 7), "an id of version 1"
    kept = now.instances[0].steps[0]
    entries = tuple(
        one._replace(event_id=f"{old} {at}", key="key" * 20)
        for at, one in enumerate(kept.entries)
    )
    before = replace(
        now,
        instances=(replace(now.instances[0], steps=(kept._replace(entries=entries),)),),
        cancelled=("late" * 9,),
    )

    after = read_document(PROGRESS, 1, write_document(PROGRESS, before))

    found = after.instances[0].steps[0].entries
    assert [one.event_id for one in found] == [short_id(f"{old} {n}") for n in (0, 1)]
    assert {one.key for one in found} == {key_of("key" * 20)}
    again = replace(late, event_id=short_id(late.event_id))
    refused = counted(desk(rules), after, again)
    assert refused is not None
    assert refused.verdict is Verdict.CANCELLED


def test_keys_without_end_of_days_without_end_fit() -> None:
    step = {"aggregator": "DISTINCT", "key": "shop", "target": 1}
    rules = task(*(step,) * 20, **LATE, claim_minutes=1)

    progress = told(rules, days=5, each=KEYS_MAX, shop="a shop of a long name, and ")

    write_document(PROGRESS, progress)
    assert len(progress.instances) == 5
    assert entry_count(progress) <= ENTRIES_MAX
    assert all(one.completed_time for one in progress.instances)


def test_more_of_what_is_added_together_takes_nothing_back() -> None:
    """What came before the first step is then among what came behind it."""
    rules = task({"event": "begin"}, {"target": 150}, order="ORDERED", auto_claim=True)
    names = ["level", "begin", *["level"] * 240]

    progress = tell(
        rules, *(happening(f"e{at}", at - 500, n) for at, n in enumerate(names))
    )

    assert progress.instances[0].steps[1].horizon
    assert progress.instances[0].completed_time
    assert progress.done_count == 1


@given(st.lists(st.text(alphabet="aé😀-", max_size=128), unique=True))
def test_events_are_told_apart_by_few_bytes(ids: list[str]) -> None:
    found = [short_id(one) for one in ids]

    assert len(set(found)) == len(ids)
    assert max((len(one.encode()) for one in found), default=0) <= ID_BYTES_MAX
    assert all(bool(short) == bool(one) for short, one in zip(found, ids, strict=True))
