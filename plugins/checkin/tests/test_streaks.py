"""Streaks derived from sets of days, in every mode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.checkin.tests.build import day, signed

from points_checkin.spans import (
    Mark,
    Spans,
    last_of,
    mark_of,
    marked,
    missing,
    unmarked,
)
from points_checkin.streaks import (
    NO_DAY,
    Mode,
    Period,
    Rules,
    count_on,
    kept_count,
    period_end,
    period_start,
    position,
    reached_on,
    streaks_of,
)


FIRST = day("2026-03-02")  # a Monday

CONSECUTIVE = Rules(mode=Mode.CONSECUTIVE)

calendars = st.dictionaries(
    st.integers(FIRST, FIRST + 60), st.sampled_from(list(Mark)), max_size=50
)
rules = st.builds(
    Rules,
    mode=st.sampled_from(list(Mode)),
    cycle_days=st.integers(1, 10),
    period=st.sampled_from(list(Period)),
    anchor=st.just(FIRST),
    decay=st.integers(0, 3),
    floor=st.integers(0, 3),
    counts_frozen=st.booleans(),
)


def spans_of(marks: dict[int, Mark]) -> Spans:
    spans: Spans = ()
    for at, mark in marks.items():
        spans = marked(spans, [at], mark)
    return spans


@given(calendars)
def test_spans_are_the_set_of_days_in_whatever_order_they_came(
    marks: dict[int, Mark],
) -> None:
    spans = spans_of(marks)

    assert spans == spans_of(dict(sorted(marks.items())))
    days = range(FIRST - 1, FIRST + 62)
    assert {at: mark_of(spans, at) for at in days} == {at: marks.get(at) for at in days}
    assert missing(spans, days[0], days[-1]) == [at for at in days if at not in marks]


@given(calendars, st.integers(FIRST, FIRST + 60))
def test_taking_a_day_out_and_back_in_changes_nothing(
    marks: dict[int, Mark], at: int
) -> None:
    spans = spans_of(marks)
    without = unmarked(spans, at)

    assert mark_of(without, at) is None
    if at in marks:
        assert marked(without, [at], marks[at]) == spans
    else:
        assert without == spans


def test_days_in_a_row_are_one_streak_and_a_missed_one_begins_another() -> None:
    first, second = streaks_of(signed(1, 2, 3, 5, 6), CONSECUTIVE)

    assert (first.first, first.last, first.counted) == (1, 3, 3)
    assert (second.first, second.last, second.counted) == (5, 6, 2)


def test_frozen_days_keep_a_streak_and_do_not_count() -> None:
    spans = marked(signed(1, 2, 4), [3], Mark.FROZEN)
    (streak,) = streaks_of(spans, CONSECUTIVE)

    assert streak.counted == 3
    assert [count_on(streak, at) for at in (1, 2, 3, 4)] == [1, 2, 2, 3]


def test_frozen_days_count_where_the_campaign_says_so() -> None:
    spans = marked(signed(1, 2, 4), [3], Mark.FROZEN)
    rules = Rules(mode=Mode.CONSECUTIVE, counts_frozen=True)

    assert streaks_of(spans, rules)[0].counted == 4


@pytest.mark.parametrize(
    ("missed", "floor", "counted"),
    [(1, 0, 9), (3, 0, 5), (5, 0, 1), (4, 4, 5), (9, 4, 5)],
)
def test_decay_takes_some_of_a_count_for_each_missed_day(
    missed: int, floor: int, counted: int
) -> None:
    rules = Rules(mode=Mode.CONSECUTIVE, decay=2, floor=floor)
    come = [*range(1, 11), 11 + missed]

    assert streaks_of(signed(*come), rules)[-1].counted == counted


def test_decay_to_nothing_ends_a_streak() -> None:
    rules = Rules(mode=Mode.CONSECUTIVE, decay=2)

    assert [one.first for one in streaks_of(signed(1, 2, 5), rules)] == [1, 5]


@pytest.mark.parametrize(("count", "place"), [(0, 0), (1, 1), (7, 7), (8, 1), (15, 1)])
def test_a_cycle_begins_anew_after_its_last_day(count: int, place: int) -> None:
    assert position(count, Rules(mode=Mode.CYCLE, cycle_days=7)) == place


@pytest.mark.parametrize(
    ("period", "at", "start", "end"),
    [
        (Period.WEEK, "2026-03-08", "2026-03-02", "2026-03-09"),
        (Period.WEEK, "2027-01-01", "2026-12-28", "2027-01-04"),
        (Period.MONTH, "2028-02-29", "2028-02-01", "2028-03-01"),
        (Period.MONTH, "2026-12-31", "2026-12-01", "2027-01-01"),
        (Period.CYCLE, "2026-03-14", "2026-03-12", "2026-03-22"),
        (Period.CYCLE, "2026-03-01", "2026-02-20", "2026-03-02"),
    ],
)
def test_a_period_holds_its_days(period: Period, at: str, start: str, end: str) -> None:
    rules = Rules(mode=Mode.CALENDAR, period=period, cycle_days=10, anchor=FIRST)

    assert period_start(day(at), rules) == day(start)
    assert period_end(day(at), rules) == day(end)


def test_a_calendar_counts_the_days_of_its_month_alone() -> None:
    come = [
        day(text) for text in ("2026-01-30", "2026-01-31", "2026-02-01", "2026-02-27")
    ]
    january, february = streaks_of(signed(*come), Rules(mode=Mode.CALENDAR))

    assert (january.counted, february.counted) == (2, 2)
    assert kept_count(february, day("2026-02-28"), Rules(mode=Mode.CALENDAR)) == 2
    assert kept_count(february, day("2026-03-01"), Rules(mode=Mode.CALENDAR)) is None


def test_a_lifetime_counts_every_day() -> None:
    (streak,) = streaks_of(signed(1, 50, 900), Rules(mode=Mode.CUMULATIVE))

    assert streak.counted == 3
    assert reached_on(streak, 2) == 50
    assert reached_on(streak, 4) == NO_DAY


def counted_naively(marks: dict[int, Mark], rules: Rules) -> dict[int, int]:
    """Returns the count on each marked day, told by a walk from day to day."""
    counts: dict[int, int] = {}
    count, open_streak, start = 0, False, 0
    for at in range(FIRST, FIRST + 61):
        mark = marks.get(at)
        if rules.mode is Mode.CALENDAR and period_start(at, rules) != start:
            count, open_streak, start = 0, False, period_start(at, rules)
        if mark is None and rules.mode in {Mode.CONSECUTIVE, Mode.CYCLE}:
            count = (
                max(min(count, rules.floor), count - rules.decay) if rules.decay else 0
            )
            open_streak = open_streak and count > 0
        if mark in rules.counting:
            open_streak, count = True, (count if open_streak else 0) + 1
        if mark is not None and open_streak:
            counts[at] = count
    return counts


@given(calendars, rules)
def test_spans_count_what_a_walk_from_day_to_day_counts(
    marks: dict[int, Mark], rules: Rules
) -> None:
    found = {
        at: count_on(streak, at)
        for streak in streaks_of(spans_of(marks), rules)
        for at in range(streak.first, streak.last + 1)
        if at in marks
    }

    assert found == counted_naively(marks, rules)


@given(calendars, rules, st.integers(1, 20))
def test_a_count_is_reached_on_the_first_day_that_shows_it(
    marks: dict[int, Mark], rules: Rules, count: int
) -> None:
    for streak in streaks_of(spans_of(marks), rules):
        shown = [
            at
            for step in streak.steps
            for at in range(step.first, step.last + 1)
            if step.counts and count_on(streak, at) == count
        ]
        assert reached_on(streak, count) == (shown[0] if shown else NO_DAY)


def test_the_last_day_of_a_mark_is_told() -> None:
    spans = marked(signed(1, 2), [3, 4], Mark.FROZEN)

    assert last_of(spans, Mark.SIGNED) == 2
    assert last_of(spans, Mark.PAUSED) is None
