"""What members see: their calendar, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable

from points.plugin import Context, Refused
from points.plugin.days import text_of
from points_checkin import asking, reasons
from points_checkin.answers import (
    STATES,
    given_points,
    milestone_ahead,
    reward_points,
    streak_message,
    timestamp,
)
from points_checkin.calendar import Calendar
from points_checkin.config import Campaign, Once
from points_checkin.deciding import (
    MINUTE,
    Place,
    Visit,
    checked_in,
    is_taken,
    place_of,
    standing_on,
)
from points_checkin.handlers import make_ups_left
from points_checkin.missed import Pause
from points_checkin.receipts import MONTHS, receipts_between
from points_checkin.seats import Seat, seat_of
from points_checkin.spans import Spans, mark_of
from points_checkin.streaks import (
    GAPS_MATTER,
    period_end,
    period_start,
    streaks_of,
)
from points_checkin.v1 import checkin_service_pb2 as pb


DAYS_MAX = 366
"""Most days that one call returns beyond the first."""


def get_calendar(
    ctx: Context, request: pb.GetCalendarRequest
) -> pb.GetCalendarResponse:
    """Returns days, each with what became of it."""
    seat = _seat(ctx, request.member_id, request.campaign)
    first, last = _range(request, seat.visit.today)
    spans = place_of(seat.calendar, seat.visit).settled.spans
    receipts = receipts_between(ctx, seat, first, last)
    return pb.GetCalendarResponse(
        days=[
            pb.CalendarDay(
                date=text_of(day),
                state=_state(seat, spans, day),
                rewards=given_points(receipts[day].given) if day in receipts else (),
            )
            for day in range(first, last + 1)
        ],
        today=text_of(seat.visit.today),
        zone=str(seat.visit.days.zone),
    )


def get_streak(ctx: Context, request: pb.GetStreakRequest) -> pb.GetStreakResponse:
    """Returns where a member stands now, and what is ahead."""
    seat = _seat(ctx, request.member_id, request.campaign)
    campaign, visit = seat.visit.campaign, seat.visit
    place = place_of(seat.calendar, visit)
    upcoming = _next(seat.calendar, place)
    answer = pb.GetStreakResponse(
        streak=streak_message(place.settled.spans, campaign, place.day),
        today=text_of(visit.today),
        is_checked_in=is_taken(seat.calendar, place),
        next_rewards=reward_points(
            checked_in(seat.calendar, campaign, upcoming).rewards
        ),
        milestones=_ahead(seat, place),
        freeze_count=len(place.settled.freezes),
        make_ups_left=make_ups_left(seat, seat.calendar),
    )
    if until := _keep_until(place, visit):
        answer.keep_until_time.CopyFrom(timestamp(until))
    return answer


def _seat(ctx: Context, member_id: str, campaign: str) -> Seat:
    asking.require_text(member_id, "member_id", asking.MEMBER_CHARACTERS_MAX)
    return seat_of(ctx, campaign, ctx.member(member_id))


def _range(request: pb.GetCalendarRequest, today: int) -> tuple[int, int]:
    if request.first_date:
        first = asking.day_of(request.first_date, "first_date")
    else:
        first = period_start(today, MONTHS)
    if request.last_date:
        last = asking.day_of(request.last_date, "last_date")
    else:
        last = period_end(first, MONTHS) - 1
    if not first <= last <= first + DAYS_MAX:
        raise Refused(reasons.RANGE_INVALID, days_max=DAYS_MAX)
    return first, last


def _state(seat: Seat, spans: Spans, day: int) -> pb.DayState.ValueType:
    mark, today, end = mark_of(spans, day), seat.visit.today, seat.present.end_day
    if mark is not None:
        return STATES[mark]
    if day < seat.visit.opened or (end is not None and day >= end):
        return pb.DAY_STATE_OUTSIDE
    if day in {today, place_of(seat.calendar, seat.visit).day}:
        return pb.DAY_STATE_OPEN
    return pb.DAY_STATE_AHEAD if day > today else pb.DAY_STATE_MISSED


def _next(calendar: Calendar, place: Place) -> Place:
    """Returns the day that the next check-in is for, if it comes as soon as it can."""
    return place._replace(day=place.day + 1) if is_taken(calendar, place) else place


def _keep_until(place: Place, visit: Visit) -> int | None:
    """Returns when a streak is lost, or less, if nobody comes; None if none is.

    None, too, where a pause is not over before the last day that can be told.
    """
    campaign, spans = visit.campaign, place.settled.spans
    streaks = streaks_of(spans, campaign.rules)
    standing = standing_on(streaks, campaign.rules, place.day)
    if campaign.mode not in GAPS_MATTER or standing.streak is None:
        return None
    day = _behind(visit.pauses, max(standing.streak.last + 1, place.day))
    if day > asking.LAST.toordinal():
        return None
    return visit.days.end(day) + campaign.grace_minutes * MINUTE


def _behind(pauses: Iterable[Pause], day: int) -> int:
    """Returns the first day from one on that is in none of the pauses."""
    for pause in sorted(pauses):
        if pause.first <= day < pause.end:
            day = pause.end
    return day


def _ahead(seat: Seat, place: Place) -> list[pb.Milestone]:
    campaign = seat.visit.campaign
    streaks = streaks_of(place.settled.spans, campaign.rules)
    count = standing_on(streaks, campaign.rules, place.day).counted
    counts = [
        (_next_count(campaign, one.count, one.once, count), one)
        for one in campaign.milestones
    ]
    ahead = sorted((at, one.name, one) for at, one in counts if at > count)
    had = {one.name for one in seat.calendar.granted}
    return [
        milestone_ahead(one, at)
        for at, name, one in ahead
        if not (one.once is Once.EVER and name in had)
    ]


def _next_count(campaign: Campaign, wanted: int, once: Once, count: int) -> int:
    """Returns the next count at which a milestone is reached."""
    if once is not Once.CYCLE or wanted > count:
        return wanted
    cycles = (count - wanted) // campaign.cycle_days + 1
    return wanted + cycles * campaign.cycle_days
