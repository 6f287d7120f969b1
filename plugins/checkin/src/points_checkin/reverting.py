"""What operators do: they take a day back, and put it back again."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from points.plugin import Context, Refusal, Refused
from points.plugin.days import text_of
from points_checkin import asking, reasons
from points_checkin.answers import checked_day, streak_message
from points_checkin.calendar import (
    CALENDARS,
    NEW,
    SNAPSHOTS,
    Calendar,
    Receipt,
    Snapshot,
)
from points_checkin.deciding import place_of
from points_checkin.paying import give
from points_checkin.receipts import drop_receipt, keep_receipt, latest_of, receipt_of
from points_checkin.rewards import Given, Granted, holds
from points_checkin.seats import Seat, seat_of
from points_checkin.spans import TAKEN, mark_of, unmarked
from points_checkin.streaks import streaks_of
from points_checkin.v1 import checkin_service_pb2 as pb


def revert_check_in(
    ctx: Context, request: pb.RevertCheckInRequest
) -> pb.RevertCheckInResponse:
    """Takes a day back that was checked in, or puts the last one back."""
    asking.require_text(request.operator, "operator", asking.OPERATOR_CHARACTERS_MAX)
    asking.require_text(request.reason, "reason", asking.REASON_CHARACTERS_MAX)
    # Operators correct frozen members, too.
    seat = seat_of(ctx, request.campaign, ctx.member())
    if request.restore:
        return _restored(ctx, seat)
    return _reverted(ctx, seat, request)


def _reverted(
    ctx: Context, seat: Seat, request: pb.RevertCheckInRequest
) -> pb.RevertCheckInResponse:
    day = asking.day_of(request.date)
    owner = seat.member.member_id
    before = ctx.state.get(CALENDARS, owner, seat.name) or NEW
    receipt = _receipt(ctx, seat, before, day)
    after = _without(seat, before, day)
    lost = [one for one in before.granted if one not in after.granted]
    taken = receipt._replace(given=_taken_back(ctx, receipt.given))
    gone = {one: one._replace(given=_taken_back(ctx, one.given)) for one in lost}
    taken = taken._replace(paid=_taken_back(ctx, receipt.paid))
    drop_receipt(ctx, seat, day)
    granted = tuple(gone.get(one, one) for one in before.granted)
    snapshot = Snapshot(
        before=replace(before, granted=granted),
        after=after,
        receipt=taken,
        operator=request.operator,
        reason=request.reason,
        time=ctx.now,
    )
    ctx.state.put(CALENDARS, owner, after, seat.name)
    ctx.state.put(SNAPSHOTS, owner, snapshot, seat.name)
    return _answer(seat, after, receipt, lost)


def _restored(ctx: Context, seat: Seat) -> pb.RevertCheckInResponse:
    owner = seat.member.member_id
    snapshot = ctx.state.get(SNAPSHOTS, owner, seat.name)
    if snapshot is None:
        raise Refused(reasons.NOTHING_REVERTED)
    day = snapshot.receipt.day
    if ctx.state.get(CALENDARS, owner, seat.name) != snapshot.after:
        raise Refused(reasons.REVERT_OVERTAKEN, date=text_of(day))
    receipt = snapshot.receipt._replace(
        given=_give_again(ctx, seat, day, snapshot.receipt.given),
        paid=_charge_again(ctx, snapshot.receipt.paid),
    )
    kept = snapshot.after.granted
    granted = tuple(
        one if one in kept else _grant_again(ctx, seat, one)
        for one in snapshot.before.granted
    )
    latest = latest_of(snapshot.after, receipt)
    calendar = replace(snapshot.before, granted=granted, latest=latest)
    ctx.state.put(CALENDARS, owner, calendar, seat.name)
    ctx.state.delete(SNAPSHOTS, owner, seat.name)
    keep_receipt(ctx, seat, receipt)
    return _answer(seat, calendar, receipt, [g for g in granted if g not in kept])


def _receipt(ctx: Context, seat: Seat, calendar: Calendar, day: int) -> Receipt:
    """Returns the receipt of a day; raises Refused if it cannot be taken back."""
    if mark_of(calendar.spans, day) not in TAKEN:
        raise Refused(reasons.DATE_NOT_SIGNED, date=text_of(day))
    found = receipt_of(ctx, seat, day)
    if found is None or day < seat.visit.today - seat.present.revert_days:
        raise Refused(reasons.REVERT_TOO_LATE, date=text_of(day))
    return found


def _without(seat: Seat, calendar: Calendar, day: int) -> Calendar:
    """Returns a calendar without a day, and without milestones that hung on it."""
    spans = unmarked(calendar.spans, day)
    rules = seat.visit.campaign.rules
    streaks, before = streaks_of(spans, rules), streaks_of(calendar.spans, rules)
    granted = tuple(
        one
        for one in calendar.granted
        # What other streaks have reached, or older rules gave, is let alone.
        if holds(streaks, one, rules) or not holds(before, one, rules)
    )
    latest = calendar.latest
    is_latest = latest is not None and latest.day == day
    kept = None if is_latest else latest
    return replace(calendar, spans=spans, granted=granted, latest=kept)


def _taken_back(ctx: Context, given: tuple[Given, ...]) -> tuple[Given, ...]:
    """Reverses what moved; returns it, final where somebody had reversed it before.

    That is not put back with the day: it was taken, or returned, for itself.
    """
    return tuple(
        one if one.is_final or _is_reversed(ctx, one) else one._replace(is_final=True)
        for one in given
    )


def _is_reversed(ctx: Context, given: Given) -> bool:
    """Reverses what moved; tells whether any of it was left to reverse."""
    try:
        ctx.ledger.reverse(given.transaction_id, reason="check-in reverted")
    except Refusal as refusal:
        if refusal.reason() != "ALREADY_REVERSED":
            raise
        return False
    return True


def _give_again(
    ctx: Context, seat: Seat, day: int, given: tuple[Given, ...], milestone: str = ""
) -> tuple[Given, ...]:
    """Gives what was taken back, so not what is final."""
    kept = tuple(one for one in given if one.is_final)
    points = {one.unit: one.points for one in given if not one.is_final}
    return (*kept, *give(ctx, seat.name, day, points, milestone))


def _charge_again(ctx: Context, paid: tuple[Given, ...]) -> tuple[Given, ...]:
    return tuple(
        one
        if one.is_final
        else one._replace(
            transaction_id=ctx.ledger.burn(
                one.points, unit=one.unit, reason="make-up"
            ).transaction_id
        )
        for one in paid
    )


def _grant_again(ctx: Context, seat: Seat, granted: Granted) -> Granted:
    given = _give_again(ctx, seat, granted.day, granted.given, granted.name)
    return granted._replace(given=given)


def _answer(
    seat: Seat, calendar: Calendar, receipt: Receipt, granted: Iterable[Granted]
) -> pb.RevertCheckInResponse:
    place = place_of(calendar, seat.visit)
    return pb.RevertCheckInResponse(
        day=checked_day(receipt.day, receipt, granted),
        streak=streak_message(place.settled.spans, seat.visit.campaign, place.day),
    )
