"""Finds whose calendar a call is about, and the rules and clocks it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from points.plugin import Context, MemberView, Refused
from points.plugin.days import Days
from points_checkin import reasons
from points_checkin.calendar import CALENDARS, NEW, Calendar
from points_checkin.config import Campaign, Config, ZonePolicy, zone_named
from points_checkin.deciding import Visit, goes_on
from points_checkin.spans import Mark, last_of, marked
from points_checkin.zones import NOT_ZONED, fixed_zone, moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Is a member's place in a campaign, as a call finds it.

    `present` is the campaign as it is in force; the visit's is that whose rules the
    member's streak goes by, from the program of `version`. `calendar` has been moved
    to the member's zone, and `is_moved` tells whether that changed it.
    """

    name: str
    member: MemberView
    present: Campaign
    calendar: Calendar
    visit: Visit
    version: int
    is_moved: bool


class _Found(NamedTuple):
    name: str
    member: MemberView
    present: Campaign
    calendar: Calendar


def active_seat(ctx: Context, campaign: str) -> Seat:
    """Returns the place of a member who may change something."""
    member = ctx.member()
    if member.state != "ACTIVE":
        raise Refused(
            reasons.MEMBER_NOT_ACTIVE, member_id=member.member_id, state=member.state
        )
    return seat_of(ctx, campaign, member)


def seat_of(ctx: Context, campaign: str, member: MemberView) -> Seat:
    """Returns a member's place in a campaign, the only one if none is named.

    A streak that goes on goes by the rules it began with; any other begins by those
    in force.
    """
    name, present = _campaign(ctx, campaign)
    calendar = ctx.state.get(CALENDARS, member.member_id, name) or NEW
    found = _Found(name, member, present, calendar)
    version = calendar.version
    if version not in {0, ctx.config_version}:
        begun: Config = ctx.config_at(version)
        if ruling := begun.campaigns.get(name):
            seat = _seated(ctx, found, ruling, version)
            if goes_on(seat.calendar, seat.visit):
                return seat
    return _seated(ctx, found, present, ctx.config_version)


def require_open(seat: Seat, day: int) -> None:
    """Raises Refused if the campaign is not open on a day."""
    end = seat.present.end_day
    if day < seat.visit.campaign.first_day or (end is not None and day >= end):
        raise Refused(
            reasons.CAMPAIGN_NOT_OPEN,
            campaign=seat.name,
            date=date.fromordinal(day).isoformat(),
        )


def _campaign(ctx: Context, name: str) -> tuple[str, Campaign]:
    config: Config = ctx.config
    if not name and len(config.campaigns) == 1:
        return next(iter(config.campaigns.items()))
    found = config.campaigns.get(name)
    if found is None:
        raise Refused(reasons.CAMPAIGN_UNKNOWN, campaign=name or "without a name")
    return name, found


def _seated(ctx: Context, found: _Found, ruling: Campaign, version: int) -> Seat:
    calendar = _moved(ctx, found.member, ruling, found.calendar)
    days = Days(_zone(ctx, ruling, calendar), ruling.starts_minutes)
    visit = Visit(
        campaign=ruling,
        days=days,
        now=ctx.now,
        since=found.member.create_time,
        pauses=found.present.paused,
    )
    return Seat(
        name=found.name,
        member=found.member,
        present=found.present,
        calendar=calendar,
        visit=visit,
        version=version,
        is_moved=calendar is not found.calendar,
    )


def _moved(
    ctx: Context, member: MemberView, campaign: Campaign, calendar: Calendar
) -> Calendar:
    rules = campaign.zone
    if rules.policy is not ZonePolicy.MEMBER:
        zoned = calendar.zoned != NOT_ZONED
        return replace(calendar, zoned=NOT_ZONED) if zoned else calendar
    name = member.attributes.get(rules.attribute) or ctx.zone
    if zone_named(name) is None:
        raise Refused(reasons.ZONE_INVALID, attribute=rules.attribute, zone=name)
    move = moved(
        calendar.zoned,
        name,
        ctx.now,
        last=last_of(calendar.spans, Mark.SIGNED) or 0,
        starts_minutes=campaign.starts_minutes,
        wait_days=rules.change_days,
    )
    if move.zoned == calendar.zoned:
        return calendar
    spans = marked(calendar.spans, move.skipped, Mark.SKIPPED)
    return replace(calendar, zoned=move.zoned, spans=spans)


def _zone(ctx: Context, campaign: Campaign, calendar: Calendar) -> tzinfo:
    match campaign.zone.policy:
        case ZonePolicy.MEMBER:
            return ZoneInfo(calendar.zoned.name)
        case ZonePolicy.FIXED:
            return fixed_zone(campaign.zone.offset_minutes)
    return ZoneInfo(ctx.zone)
