"""Builders that the tests of check-in share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from points.plugin.days import Days
from points_checkin.calendar import NEW, Calendar
from points_checkin.config import Campaign
from points_checkin.deciding import Outcome, Visit, checked_in, place_of
from points_checkin.spans import Mark, Spans, marked


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day(text: str) -> int:
    """Returns the day that a text such as 2026-03-29 names."""
    return date.fromisoformat(text).toordinal()


def instant(text: str) -> int:
    """Returns the instant of an ISO text with its offset."""
    return (datetime.fromisoformat(text) - _EPOCH) // (datetime.resolution)


def days_in(zone: str = "Europe/Berlin", starts_minutes: int = 0) -> Days:
    """Returns the days of a zone."""
    return Days(ZoneInfo(zone), starts_minutes)


def signed(*days: int) -> Spans:
    """Returns a calendar that was signed on days."""
    return marked((), days, Mark.SIGNED)


def visit(campaign: Campaign, now: int, zone: str = "UTC") -> Visit:
    """Returns somebody who comes to a campaign at an instant."""
    days = days_in(zone, campaign.starts_minutes)
    return Visit(campaign=campaign, days=days, now=now, pauses=campaign.paused)


def noon(at: int, zone: str = "UTC") -> int:
    """Returns an instant in the middle of a day."""
    return days_in(zone).start(at) + 12 * 3_600 * 1_000_000


def come(campaign: Campaign, *days: int, calendar: Calendar = NEW) -> list[Outcome]:
    """Returns what coming at noon on days comes to, one after the other."""
    outcomes: list[Outcome] = []
    for at in days:
        place = place_of(calendar, visit(campaign, noon(at)))
        outcomes.append(checked_in(calendar, campaign, place))
        calendar = outcomes[-1].calendar
    return outcomes
