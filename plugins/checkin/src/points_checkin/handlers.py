"""What members do: they check in, make days up and equip freezes."""

from __future__ import annotations

from msgspec.structs import replace

from points.plugin import Context, Refused
from points.plugin.days import text_of
from points_checkin import asking, reasons
from points_checkin.answers import (
    checked_day,
    fill_day,
    fill_streak,
    given_points,
    streak_message,
)
from points_checkin.calendar import CALENDARS, Calendar
from points_checkin.config import FreezeRules, MakeUpRules
from points_checkin.deciding import (
    checked_in,
    is_taken,
    made_up,
    place_of,
    settled_by,
)
from points_checkin.paying import charge, keep
from points_checkin.receipts import MONTHS, receipt_of
from points_checkin.seats import Seat, active_seat, require_open
from points_checkin.spans import TAKEN, Mark, last_of, mark_of
from points_checkin.streaks import Mode, period_start
from points_checkin.v1 import checkin_service_pb2 as pb


def check_in(ctx: Context, request: pb.CheckInRequest) -> pb.CheckInResponse:
    """Checks a member in for the day that it is, or that is open still."""
    seat = active_seat(ctx, request.campaign)
    place = place_of(seat.calendar, seat.visit)
    if is_taken(seat.calendar, place):
        return _already(ctx, seat, place.day)
    require_open(seat, place.day)
    outcome = checked_in(seat.calendar, seat.visit.campaign, place)
    calendar, receipt, granted = keep(ctx, seat, outcome)
    campaign, streaks = seat.visit.campaign, outcome.streaks
    response = pb.CheckInResponse()
    fill_day(response.day, place.day, receipt, granted)
    fill_streak(response.streak, calendar.spans, campaign, place.day, streaks)
    return response


def make_up(ctx: Context, request: pb.MakeUpRequest) -> pb.MakeUpResponse:
    """Checks a member in for a day that was missed, at its price."""
    seat = active_seat(ctx, request.campaign)
    rules = seat.visit.campaign.make_up
    if rules is None:
        raise Refused(reasons.MAKE_UP_NOT_OFFERED, campaign=seat.name)
    day = asking.day_of(request.date)
    _require_missed(seat, rules, day)
    counted = _counted(seat, rules)
    paid = charge(ctx, rules.price, "make-up")
    outcome = made_up(counted, seat.visit, day)
    calendar, receipt, granted = keep(ctx, seat, outcome, paid)
    return pb.MakeUpResponse(
        day=checked_day(day, receipt, granted),
        streak=_streak_now(seat, calendar),
        price=given_points(paid),
        make_ups_left=make_ups_left(seat, calendar),
    )


def equip_freeze(
    ctx: Context, request: pb.EquipFreezeRequest
) -> pb.EquipFreezeResponse:
    """Equips freezes, once those are used that missed days have cost already."""
    seat = active_seat(ctx, request.campaign)
    rules = seat.visit.campaign.freezes
    if rules is None:
        raise Refused(reasons.FREEZES_NOT_OFFERED, campaign=seat.name)
    count = asking.count_of(request.count)
    settled = place_of(seat.calendar, seat.visit).settled
    _require_room(rules, len(settled.freezes), count)
    paid = charge(ctx, rules.price, "freeze", count)
    calendar = replace(
        seat.calendar,
        version=seat.version,
        spans=settled.spans,
        freezes=(*settled.freezes, *(ctx.now,) * count),
    )
    ctx.state.put(CALENDARS, seat.member.member_id, calendar, seat.name)
    return pb.EquipFreezeResponse(
        freeze_count=len(calendar.freezes), price=given_points(paid)
    )


def make_ups_left(seat: Seat, calendar: Calendar) -> int:
    """Returns how many more days a member may make up this month."""
    rules = seat.visit.campaign.make_up
    month = period_start(seat.visit.today, MONTHS)
    used = calendar.make_up_count if calendar.make_up_month == month else 0
    return max(0, rules.per_month - used) if rules else 0


def _already(ctx: Context, seat: Seat, day: int) -> pb.CheckInResponse:
    # Whoever has gone west is told of the day that the old clocks had come to.
    calendar = seat.calendar
    taken = mark_of(calendar.spans, day) in TAKEN
    told = day if taken else last_of(calendar.spans, Mark.SIGNED) or day
    if seat.is_moved:
        ctx.state.put(CALENDARS, seat.member.member_id, calendar, seat.name)
    granted = [one for one in calendar.granted if one.day == told]
    return pb.CheckInResponse(
        day=checked_day(told, receipt_of(ctx, seat, told), granted),
        streak=streak_message(calendar.spans, seat.visit.campaign, told),
        already=True,
    )


def _require_missed(seat: Seat, rules: MakeUpRules, day: int) -> None:
    """Raises Refused unless a day was missed, and recently enough."""
    visit, date = seat.visit, text_of(day)
    today = visit.today
    if day > today:
        raise Refused(reasons.DATE_IN_FUTURE, date=date, today=text_of(today))
    if day < visit.opened:
        first = text_of(visit.opened)
        raise Refused(reasons.DATE_TOO_EARLY, date=date, first_date=first)
    require_open(seat, day)
    mark = mark_of(settled_by(seat.calendar, visit, today).spans, day)
    if mark in TAKEN:
        raise Refused(reasons.DATE_TAKEN, date=date)
    if day == today or place_of(seat.calendar, visit).day == day:
        raise Refused(reasons.DATE_NOT_OVER, date=date)
    if mark is not None:
        raise Refused(reasons.DATE_NOT_MISSED, date=date, state=mark)
    if day < _first_to_make_up(seat, rules):
        first = text_of(_first_to_make_up(seat, rules))
        raise Refused(reasons.MAKE_UP_TOO_LATE, date=date, first_date=first)


def _first_to_make_up(seat: Seat, rules: MakeUpRules) -> int:
    """Returns the first day within the window, and the period if one is counted."""
    today, campaign = seat.visit.today, seat.visit.campaign
    first = today - rules.window_days
    if campaign.mode is Mode.CALENDAR:
        return max(first, period_start(today, campaign.rules))
    return first


def _counted(seat: Seat, rules: MakeUpRules) -> Calendar:
    """Returns the calendar with one more day made up this month, if there may be."""
    left = make_ups_left(seat, seat.calendar)
    if not left:
        raise Refused(reasons.MAKE_UP_LIMIT_REACHED, limit=rules.per_month)
    return replace(
        seat.calendar,
        make_up_month=period_start(seat.visit.today, MONTHS),
        make_up_count=rules.per_month - left + 1,
    )


def _require_room(rules: FreezeRules, equipped: int, count: int) -> None:
    if equipped + count > rules.equipped_max:
        raise Refused(reasons.FREEZES_FULL, equipped=equipped, limit=rules.equipped_max)


def _streak_now(seat: Seat, calendar: Calendar) -> pb.Streak:
    place = place_of(calendar, seat.visit)
    return streak_message(place.settled.spans, seat.visit.campaign, place.day)
