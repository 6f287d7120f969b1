"""What coming comes to: missed days, freezes, grace, make-ups and milestones."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from plugins.checkin.tests.build import (
    come,
    day,
    days_in,
    instant,
    noon,
    signed,
    visit,
)

from points.plugin.days import SECOND
from points_checkin.calendar import NEW, Calendar
from points_checkin.config import (
    Campaign,
    Daily,
    FreezeRules,
    MakeUpReward,
    MakeUpRules,
    Milestone,
    Once,
    Reward,
    Stretch,
    TargetGap,
)
from points_checkin.deciding import checked_in, is_taken, made_up, place_of
from points_checkin.missed import Freezes, Pause, settle
from points_checkin.rewards import Granted, due_milestones
from points_checkin.spans import Mark, mark_of, marked
from points_checkin.streaks import Mode, Period, streaks_of
from points_checkin.zones import Zoned, moved


D = day("2026-03-02")
HOUR = 3_600 * SECOND
WEST = "America/Los_Angeles"
RULES = {"starts_minutes": 0, "wait_days": 7}
SEVEN = Milestone(name="seven", count=7, rewards=(Reward(points=70),))
PLAIN = Campaign(daily=(Daily(rewards=(Reward(points=5),)),), milestones=(SEVEN,))
FROZEN = Campaign(freezes=FreezeRules(partial=False))


def frozen_on(
    missed: range, times: tuple[int, ...], *, partial: bool = False
) -> list[int]:
    """Returns the days that freezes cover, of those missed after a signed one."""
    settled = settle(
        signed(missed.start - 1),
        missed.stop,
        days_in("UTC"),
        (),
        Freezes(times, partial),
    )
    return [at for at in missed if mark_of(settled.spans, at) is Mark.FROZEN]


def test_freezes_cover_the_oldest_missed_day_first() -> None:
    settled = settle(
        signed(D), D + 2, days_in("UTC"), (), Freezes((noon(D) - 2, noon(D)))
    )

    assert settled.freezes == (noon(D),)
    assert mark_of(settled.spans, D + 1) is Mark.FROZEN


def test_no_freeze_is_used_for_a_streak_that_is_lost_anyway() -> None:
    times = (noon(D), noon(D))

    assert frozen_on(range(D + 1, D + 3), times) == [D + 1, D + 2]
    assert frozen_on(range(D + 1, D + 4), times) == []
    assert frozen_on(range(D + 1, D + 4), times, partial=True) == [D + 1, D + 2]


def test_a_freeze_covers_only_days_that_begin_after_it_was_equipped() -> None:
    start = days_in("UTC").start(D + 1)

    assert frozen_on(range(D + 1, D + 2), (start - 1,)) == [D + 1]
    assert frozen_on(range(D + 1, D + 2), (start,)) == []


def test_pauses_are_excused_before_freezes_are_used() -> None:
    settled = settle(
        signed(D), D + 4, days_in("UTC"), (Pause(D + 1, D + 3),), Freezes((noon(D),))
    )

    marks = [mark_of(settled.spans, D + at) for at in (1, 2, 3)]
    assert marks == [Mark.PAUSED, Mark.PAUSED, Mark.FROZEN]
    assert not settled.freezes


def test_a_day_that_a_zone_left_out_is_not_missed() -> None:
    last = day("2011-12-29")
    settled = settle(signed(last), last + 2, days_in("Pacific/Apia"), (), Freezes())

    assert mark_of(settled.spans, last + 1) is Mark.SKIPPED
    assert settled.missed_count == 0


def test_within_grace_a_check_in_is_for_the_day_before() -> None:
    campaign = Campaign(grace_minutes=120)
    calendar = replace(NEW, spans=signed(D))
    start = days_in("UTC").start(D + 2)

    assert place_of(calendar, visit(campaign, start + 2 * HOUR - 1)).day == D + 1
    assert place_of(calendar, visit(campaign, start + 2 * HOUR)).day == D + 2


def test_a_second_check_in_within_grace_is_for_today() -> None:
    campaign = Campaign(grace_minutes=120)
    now = days_in("UTC").start(D + 2)
    calendar = replace(NEW, spans=signed(D))
    first = checked_in(calendar, campaign, place_of(calendar, visit(campaign, now)))
    second = place_of(first.calendar, visit(campaign, now))

    assert (first.day, second.day) == (D + 1, D + 2)
    assert checked_in(first.calendar, campaign, second).counted == 3


def test_grace_spares_a_freeze_that_would_not_cover_all() -> None:
    campaign = Campaign(grace_minutes=120, freezes=FreezeRules())
    calendar = replace(NEW, spans=signed(D), freezes=(noon(D),))
    place = place_of(calendar, visit(campaign, days_in("UTC").start(D + 3)))

    assert place.day == D + 2
    assert checked_in(calendar, campaign, place).counted == 2
    assert mark_of(place.settled.spans, D + 1) is Mark.FROZEN


def test_grace_is_not_for_days_before_the_campaign() -> None:
    campaign = Campaign(grace_minutes=120)
    at = dataclasses.replace(
        visit(campaign, days_in("UTC").start(D)), since=noon(D) - 12 * HOUR
    )

    assert place_of(NEW, at).day == D


def test_a_day_counts_once() -> None:
    calendar = come(PLAIN, D)[-1].calendar

    assert is_taken(calendar, place_of(calendar, visit(PLAIN, noon(D) + HOUR)))
    assert not is_taken(calendar, place_of(calendar, visit(PLAIN, noon(D + 1))))


def test_a_milestone_comes_on_its_very_day_and_once_a_streak() -> None:
    outcomes = come(PLAIN, *range(D, D + 9), *range(D + 20, D + 28))

    assert [at for at, one in enumerate(outcomes) if one.due] == [6, 15]


@pytest.mark.parametrize(
    ("once", "times"), [(Once.STREAK, 1), (Once.CYCLE, 3), (Once.EVER, 1)]
)
def test_a_milestone_is_repeated_as_it_says(once: Once, times: int) -> None:
    milestone = Milestone(name="third", count=3, once=once)
    campaign = Campaign(mode=Mode.CYCLE, cycle_days=7, milestones=(milestone,))

    assert granted_in(campaign, range(D, D + 21)) == times


def granted_in(campaign: Campaign, days: range) -> int:
    """Returns how many milestones coming on days gives, all told."""
    calendar, total = NEW, 0
    for at in days:
        outcome = come(campaign, at, calendar=calendar)[0]
        granted = [
            Granted(d.milestone.name, d.milestone.count, d.day) for d in outcome.due
        ]
        calendar = replace(outcome.calendar, granted=(*calendar.granted, *granted))
        total += len(granted)
    return total


def mending(
    reward: MakeUpReward = MakeUpReward.FULL, pauses: tuple[Stretch, ...] = ()
) -> Campaign:
    """Returns a campaign whose missed days can be made up."""
    daily = (
        Daily(rewards=(Reward(points=5),)),
        Daily(from_count=3, rewards=(Reward(points=9),)),
    )
    return Campaign(
        daily=daily,
        milestones=(SEVEN,),
        make_up=MakeUpRules(reward=reward),
        pauses=pauses,
    )


MENDING = mending()


def test_making_a_day_up_joins_the_streaks_on_both_sides() -> None:
    calendar = replace(NEW, spans=signed(D, D + 1, D + 2, D + 4, D + 5, D + 6))
    outcome = made_up(calendar, visit(MENDING, noon(D + 6)), D + 3)

    assert outcome.counted == 4
    assert [due.day for due in outcome.due] == [D + 6]
    assert streaks_of(outcome.calendar.spans, MENDING.rules)[0].counted == 7


def test_making_a_day_up_gives_no_milestone_twice() -> None:
    calendar = replace(
        NEW,
        spans=signed(*range(D, D + 7), *range(D + 8, D + 12)),
        granted=(Granted("seven", 7, D + 6),),
    )
    outcome = made_up(calendar, visit(MENDING, noon(D + 12)), D + 7)

    assert outcome.due == ()


@pytest.mark.parametrize(
    ("reward", "points"),
    [(MakeUpReward.NONE, []), (MakeUpReward.BASE, [5]), (MakeUpReward.FULL, [9])],
)
def test_a_day_made_up_gives_what_the_campaign_says(
    reward: MakeUpReward, points: list[int]
) -> None:
    campaign = mending(reward)
    calendar = replace(NEW, spans=signed(D, D + 1))
    outcome = made_up(calendar, visit(campaign, noon(D + 3)), D + 2)

    assert [one.points for one in outcome.rewards] == points


def test_a_day_made_up_joins_across_a_pause() -> None:
    pause = Stretch(start=date(2026, 3, 3), end=date(2026, 3, 4))
    campaign = mending(pauses=(pause,))
    calendar = replace(NEW, spans=signed(D))
    outcome = made_up(calendar, visit(campaign, noon(D + 3)), D + 2)

    assert outcome.counted == 2


def test_days_beyond_habit_give_more_up_to_the_target() -> None:
    gap = TargetGap(
        target=7, rewards=(Reward(points=50),), period=Period.WEEK, periods=2
    )
    campaign = Campaign(mode=Mode.CUMULATIVE, target_gap=gap)
    # Five days in each of two weeks; then all seven of the third.
    weeks = [D + 7 * week + at for week in (0, 1) for at in range(5)]
    outcomes = come(campaign, *weeks, *range(D + 14, D + 21))

    assert [bool(one.rewards) for one in outcomes] == [False] * 15 + [True] * 2


def test_nobody_has_a_habit_before_a_full_period() -> None:
    gap = TargetGap(target=7, rewards=(Reward(points=50),))
    campaign = Campaign(mode=Mode.CUMULATIVE, target_gap=gap)

    assert not any(one.rewards for one in come(campaign, *range(D + 3, D + 13)))


def test_going_west_gives_no_day_twice() -> None:
    now = instant("2026-03-03T01:00:00+09:00")
    move = moved(
        Zoned("Asia/Tokyo"),
        "America/Los_Angeles",
        now,
        last=D + 1,
        starts_minutes=0,
        wait_days=7,
    )

    assert move.zoned == Zoned("America/Los_Angeles", now)
    assert not move.skipped
    # It is the second there, which was used already by the clocks of Tokyo.
    calendar = Calendar(spans=signed(D, D + 1))
    assert is_taken(
        calendar, place_of(calendar, visit(PLAIN, now, "America/Los_Angeles"))
    )


def test_going_east_skips_the_day_that_it_takes_away() -> None:
    # Nine in the evening of the second in Los Angeles is the third in Tokyo.
    now = instant("2026-03-02T21:00:00-08:00")
    move = moved(
        Zoned("America/Los_Angeles"),
        "Asia/Tokyo",
        now,
        last=D - 1,
        starts_minutes=0,
        wait_days=7,
    )
    calendar = Calendar(spans=marked(signed(D - 1), move.skipped, Mark.SKIPPED))
    place = place_of(calendar, visit(PLAIN, now, "Asia/Tokyo"))

    assert move.skipped == (D,)
    assert checked_in(calendar, PLAIN, place).counted == 2


def test_another_zone_is_believed_only_after_a_while() -> None:
    zoned = Zoned("Europe/Berlin", noon(D))
    early = moved(zoned, WEST, noon(D + 7) - 1, last=D, **RULES)
    later = moved(zoned, WEST, noon(D + 7), last=D, **RULES)

    assert (early.zoned, later.zoned.name) == (zoned, WEST)


visits = st.lists(st.integers(0, 4 * 24), min_size=1, max_size=40)
places = st.lists(
    st.sampled_from(
        ["Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles", "Pacific/Apia"]
    ),
    min_size=40,
    max_size=40,
)


@given(visits, places)
def test_no_day_is_ever_checked_in_twice_wherever_one_goes(
    hours: list[int], zones: list[str]
) -> None:
    used: list[int] = []
    calendar, now = NEW, noon(D)
    for wait, zone in zip(hours, zones, strict=False):
        now += wait * HOUR
        last = max(used, default=0)
        move = moved(
            calendar.zoned, zone, now, last=last, starts_minutes=240, wait_days=0
        )
        spans = marked(calendar.spans, move.skipped, Mark.SKIPPED)
        calendar = replace(calendar, zoned=move.zoned, spans=spans)
        at = visit(PLAIN, now, zone)
        place = place_of(calendar, at)
        if not is_taken(calendar, place):
            outcome = checked_in(calendar, PLAIN, place)
            calendar = outcome.calendar
            used.append(outcome.day)

    assert used == sorted(set(used))


@given(st.sets(st.integers(D, D + 30), min_size=1), st.data())
def test_days_made_up_in_any_order_come_to_the_same_calendar(
    days: set[int], data: st.DataObject
) -> None:
    last = max(days)
    order = data.draw(st.permutations(sorted(days - {last})))
    calendar = replace(NEW, spans=signed(last))
    for at in order:
        outcome = made_up(calendar, visit(MENDING, noon(last)), at)
        granted = tuple(Granted("seven", 7, due.day) for due in outcome.due)
        calendar = replace(outcome.calendar, granted=(*calendar.granted, *granted))
    streaks = streaks_of(calendar.spans, MENDING.rules)

    assert calendar.spans == marked(signed(last), order, Mark.MADE_UP)
    for streak in streaks:
        within = [g for g in calendar.granted if streak.first <= g.day <= streak.last]
        assert bool(within) == (streak.counted >= 7)
        assert not due_milestones(MENDING, (), streak, calendar.granted)
