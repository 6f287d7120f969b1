"""What a check-in or a make-up comes to: pure, from a calendar to the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from msgspec.structs import replace

from points.plugin.days import SECOND, Days
from points_checkin.calendar import Calendar
from points_checkin.config import Campaign, MakeUpReward, Reward
from points_checkin.missed import Freezes, Pause, Settled, settle
from points_checkin.rewards import Due, daily_rewards, due_milestones, gap_rewards
from points_checkin.spans import Mark, Spans, last_of, mark_of, marked, unmarked
from points_checkin.streaks import (
    GAPS_MATTER,
    Mode,
    Rules,
    Streak,
    count_on,
    kept_count,
    streak_at,
    streaks_of,
)


MINUTE = 60 * SECOND


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Is somebody who comes, or looks: whose rules, when, and by which clocks.

    `since` is the instant from which on there was the member. Pauses are those in
    force, whatever the rules of the streak are.
    """

    campaign: Campaign
    days: Days
    now: int
    since: int = 0
    pauses: tuple[Pause, ...] = ()

    @cached_property
    def today(self) -> int:
        """Returns the day that it is."""
        return self.days.at(self.now)

    @cached_property
    def opened(self) -> int:
        """Returns the first day that can be checked in: of the campaign or the member.

        The member's own day counts, whatever time it was.
        """
        return max(self.campaign.first_day, self.days.at(self.since))

    @property
    def is_grace(self) -> bool:
        """Tells whether yesterday may still be checked in."""
        grace = self.campaign.grace_minutes * MINUTE
        return grace > 0 and self.now < self.days.start(self.today) + grace


class Place(NamedTuple):
    """Is the day that a check-in is for, once the missed days are dealt with."""

    day: int
    settled: Settled


class Standing(NamedTuple):
    """Is the streak that a day is in, or would go on with, and what it counts."""

    streak: Streak | None
    counted: int


class Outcome(NamedTuple):
    """Is what a day came to: the next calendar, and what is to be given.

    `streaks` are those of the calendar.
    """

    calendar: Calendar
    streaks: tuple[Streak, ...]
    day: int
    counted: int
    rewards: tuple[Reward, ...]
    due: tuple[Due, ...]


def place_of(calendar: Calendar, visit: Visit) -> Place:
    """Returns the day that a check-in now is for, with every missed day before it.

    It is today, unless yesterday is still open: neither signed, nor excused, nor
    covered by freezes that cover all that was missed.
    """
    today = visit.today
    settled = settled_by(calendar, visit, today)
    if visit.is_grace and _is_open(calendar, visit, settled):
        return Place(today - 1, settled_by(calendar, visit, today - 1))
    return Place(today, settled)


def _is_open(calendar: Calendar, visit: Visit, settled: Settled) -> bool:
    """Tells whether yesterday is neither used nor excused."""
    yesterday = visit.today - 1
    last = last_of(calendar.spans, Mark.SIGNED) or 0
    is_free = mark_of(settled.spans, yesterday) is None
    return is_free and yesterday >= visit.opened and yesterday > last


def settled_by(calendar: Calendar, visit: Visit, day: int) -> Settled:
    """Returns what the days that were missed before a day came to."""
    campaign = visit.campaign
    if campaign.mode not in GAPS_MATTER:
        return Settled(calendar.spans, calendar.freezes, 0)
    rules = campaign.freezes
    times = calendar.freezes if rules else ()
    freezes = Freezes(times, is_partial=bool(rules and rules.partial))
    found = settle(calendar.spans, day, visit.days, visit.pauses, freezes)
    return found if rules else found._replace(freezes=calendar.freezes)


def goes_on(calendar: Calendar, visit: Visit) -> bool:
    """Tells whether the streak so far goes on with a check-in now.

    Where it does, it goes by the rules that it began with. A lifetime has no end, so
    CUMULATIVE days go by the rules in force, each by itself.
    """
    place = place_of(calendar, visit)
    if mark_of(place.settled.spans, place.day) is not None:
        return True
    rules = visit.campaign.rules
    standing = standing_on(streaks_of(place.settled.spans, rules), rules, place.day)
    return rules.mode is not Mode.CUMULATIVE and standing.streak is not None


def standing_on(streaks: tuple[Streak, ...], rules: Rules, day: int) -> Standing:
    """Returns what counts on a day, by a calendar that is settled up to it."""
    begun = [one for one in streaks if one.first <= day]
    if not begun:
        return Standing(None, 0)
    latest = begun[-1]
    if day <= latest.last:
        return Standing(latest, count_on(latest, day))
    kept = kept_count(latest, day, rules)
    return Standing(None, 0) if kept is None else Standing(latest, kept)


def is_taken(calendar: Calendar, place: Place) -> bool:
    """Tells whether the day is used: by itself, or by a later one of other clocks."""
    last = last_of(calendar.spans, Mark.SIGNED)
    taken = mark_of(calendar.spans, place.day) in {Mark.SIGNED, Mark.MADE_UP}
    return taken or (last is not None and place.day <= last)


def checked_in(calendar: Calendar, campaign: Campaign, place: Place) -> Outcome:
    """Returns what a check-in comes to on a day that is not taken."""
    spans = _cleared(place.settled.spans, place.day)
    before = streaks_of(spans, campaign.rules)
    after = marked(spans, [place.day], Mark.SIGNED)
    streaks = streaks_of(after, campaign.rules)
    streak = _found(streaks, place.day)
    count = count_on(streak, place.day)
    return Outcome(
        replace(calendar, spans=after, freezes=place.settled.freezes),
        streaks,
        place.day,
        count,
        (*daily_rewards(campaign, count), *gap_rewards(campaign, after, place.day)),
        due_milestones(campaign, before, streak, calendar.granted),
    )


def made_up(calendar: Calendar, visit: Visit, day: int) -> Outcome:
    """Returns what making up a missed day comes to.

    Pauses are seen, so that days on both sides of one are joined; freezes wait for
    the next check-in, which may no longer need them.
    """
    campaign = visit.campaign
    kept = replace(calendar, freezes=())
    spans = settled_by(kept, visit, visit.today).spans
    after = marked(spans, [day], Mark.MADE_UP)
    streaks = streaks_of(after, campaign.rules)
    streak = _found(streaks, day)
    count = count_on(streak, day)
    return Outcome(
        replace(calendar, spans=after),
        streaks,
        day,
        count,
        _MAKE_UP[_make_up_reward(campaign)](campaign, count),
        due_milestones(
            campaign, streaks_of(spans, campaign.rules), streak, calendar.granted
        ),
    )


def _make_up_reward(campaign: Campaign) -> MakeUpReward:
    return campaign.make_up.reward if campaign.make_up else MakeUpReward.NONE


def _nothing(campaign: Campaign, count: int) -> tuple[Reward, ...]:
    del campaign, count
    return ()


def _least(campaign: Campaign, count: int) -> tuple[Reward, ...]:
    del count
    return daily_rewards(campaign, 1)


_MAKE_UP: dict[MakeUpReward, Callable[[Campaign, int], tuple[Reward, ...]]] = {
    MakeUpReward.NONE: _nothing,
    MakeUpReward.BASE: _least,
    MakeUpReward.FULL: daily_rewards,
}


def _found(streaks: tuple[Streak, ...], day: int) -> Streak:
    streak = streak_at(streaks, day)
    assert streak is not None, "a day that counts is in a streak"
    return streak


def _cleared(spans: Spans, day: int) -> Spans:
    """Returns the spans without what excused a day that somebody comes on after all."""
    return unmarked(spans, day)
