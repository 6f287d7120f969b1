"""What days give: each day's own rewards, what lies beyond habit, and milestones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from points_checkin.config import Campaign, Daily, Milestone, Once, Reward, TargetGap
from points_checkin.spans import Mark, Spans, count_of
from points_checkin.streaks import (
    NO_DAY,
    Mode,
    Rules,
    Streak,
    count_on,
    period_start,
    position,
    reached_on,
    streak_at,
)


_COME = frozenset({Mark.SIGNED})


class Given(NamedTuple):
    """Is points that moved, and the transaction that tells of them.

    What `is_final` is not reversed any more: it was of a member who was merged since,
    or an operator had reversed it before its day was taken back.
    """

    unit: str
    points: int
    transaction_id: str
    is_final: bool = False


def final(given: Iterable[Given]) -> tuple[Given, ...]:
    """Returns the same points as what is not reversed any more."""
    return tuple(one._replace(is_final=True) for one in given)


class Granted(NamedTuple):
    """Is a milestone that a member has got: for which count, and on which day."""

    name: str
    counted: int
    day: int
    given: tuple[Given, ...] = ()


class Due(NamedTuple):
    """Is a milestone that is reached and not yet granted, on the day it is for."""

    milestone: Milestone
    day: int


def daily_rewards(campaign: Campaign, count: int) -> tuple[Reward, ...]:
    """Returns what a day gives by its count: that of the latest beginning."""
    at = position(count, campaign.rules)
    begun = [one for one in campaign.daily if one.from_count <= at]
    return max(begun, key=_from_count).rewards if begun else ()


def gap_rewards(campaign: Campaign, spans: Spans, day: int) -> tuple[Reward, ...]:
    """Returns what a day gives because the member does not usually come so often."""
    gap = campaign.target_gap
    if gap is None:
        return ()
    rules = _period_rules(campaign, gap)
    start = period_start(day, rules)
    usual = _usual(spans, start, gap, rules)
    come = count_of(spans, _COME, start, day)
    return gap.rewards if usual is not None and usual < come <= gap.target else ()


def summed(rewards: Iterable[Reward]) -> dict[str, int]:
    """Returns the points of rewards by unit."""
    points: dict[str, int] = {}
    for reward in rewards:
        points[reward.unit] = points.get(reward.unit, 0) + reward.points
    return points


def due_milestones(
    campaign: Campaign,
    before: tuple[Streak, ...],
    streak: Streak,
    granted: tuple[Granted, ...],
) -> tuple[Due, ...]:
    """Returns the milestones that a streak has newly reached, in their order.

    Those alone that no day had reached before, and that were not granted in the
    same streak, or cycle, or ever: adding a day to the past gives none twice.
    """
    reached = [
        Due(one, day)
        for one in campaign.milestones
        for count in _counts(one, streak, campaign.rules)
        if (day := reached_on(streak, count)) != NO_DAY
        and not _had(before, day, count)
        and not _is_granted(one, day, streak, granted, campaign.rules)
    ]
    return tuple(sorted(reached, key=lambda due: (due.day, due.milestone.name)))


def holds(streaks: tuple[Streak, ...], granted: Granted, rules: Rules) -> bool:
    """Tells whether what a milestone was granted for is still so.

    Of a day that is gone it may be so by days before: in a CYCLE those of that cycle.
    """
    streak = streak_at(streaks, granted.day)
    if streak is not None:
        return reached_on(streak, granted.counted) != NO_DAY
    before = granted.day - 1
    streak = streak_at(streaks, before)
    if streak is None:
        return False
    is_within = rules.mode is Mode.CYCLE and granted.counted <= rules.cycle_days
    cycles = count_on(streak, before) // rules.cycle_days if is_within else 0
    counted = granted.counted + cycles * rules.cycle_days
    return reached_on(streak, counted) != NO_DAY


def _counts(one: Milestone, streak: Streak, rules: Rules) -> Iterable[int]:
    """Returns the counts at which a milestone is reached, as far as a streak goes."""
    if one.once is not Once.CYCLE:
        return (one.count,)
    highest = max(count_on(streak, step.last) for step in streak.steps)
    return range(one.count, highest + 1, rules.cycle_days)


def _had(before: tuple[Streak, ...], day: int, count: int) -> bool:
    streak = streak_at(before, day)
    return streak is not None and count_on(streak, day) == count


def _is_granted(
    one: Milestone,
    day: int,
    streak: Streak,
    granted: tuple[Granted, ...],
    rules: Rules,
) -> bool:
    same = [grant for grant in granted if grant.name == one.name]
    if one.once is Once.EVER:
        return bool(same)
    within = [grant for grant in same if streak.first <= grant.day <= streak.last]
    if one.once is Once.CYCLE and rules.mode is Mode.CYCLE:
        cycle = (count_on(streak, day) - 1) // rules.cycle_days
        within = [
            grant
            for grant in within
            if (count_on(streak, grant.day) - 1) // rules.cycle_days == cycle
        ]
    return bool(within)


def _usual(spans: Spans, start: int, gap: TargetGap, rules: Rules) -> int | None:
    """Returns how often a member comes in a period, rounded up; None if not known."""
    if not spans:
        return None
    first, counts = spans[0].first, []
    for _ in range(gap.periods):
        end, start = start - 1, period_start(start - 1, rules)
        if first > start:
            break
        counts.append(count_of(spans, _COME, start, end))
    return -(-sum(counts) // len(counts)) if counts else None


def _period_rules(campaign: Campaign, gap: TargetGap) -> Rules:
    return Rules(
        mode=Mode.CALENDAR,
        period=gap.period,
        cycle_days=campaign.cycle_days,
        anchor=campaign.rules.anchor,
    )


def _from_count(daily: Daily) -> int:
    return daily.from_count
