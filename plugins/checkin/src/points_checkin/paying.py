"""Moves the points of a day, and keeps what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from points.plugin import Context
from points.plugin.days import text_of
from points_checkin.calendar import CALENDARS, Calendar, Receipt
from points_checkin.config import Reward
from points_checkin.deciding import Outcome
from points_checkin.receipts import grants_of_use, keep_receipt, latest_of
from points_checkin.rewards import Due, Given, Granted, summed
from points_checkin.seats import Seat


class Kept(NamedTuple):
    """Is what is kept of a day, and the milestones that were granted for it."""

    calendar: Calendar
    receipt: Receipt
    granted: tuple[Granted, ...]


def keep(
    ctx: Context, seat: Seat, outcome: Outcome, paid: tuple[Given, ...] = ()
) -> Kept:
    """Gives what a day came to, and keeps its calendar and its receipt."""
    granted = tuple(_grant(ctx, seat, due) for due in outcome.due)
    receipt = Receipt(
        day=outcome.day,
        time=ctx.now,
        version=seat.version,
        counted=outcome.counted,
        given=give(ctx, seat.name, outcome.day, summed(outcome.rewards)),
        paid=paid,
    )
    calendar = replace(
        outcome.calendar,
        version=seat.version,
        granted=(*grants_of_use(seat), *granted),
        freezes=(*outcome.calendar.freezes, *_freezes(ctx, seat, outcome)),
        latest=latest_of(outcome.calendar, receipt),
    )
    ctx.state.put(CALENDARS, seat.member.member_id, calendar, seat.name)
    keep_receipt(ctx, seat, receipt)
    return Kept(calendar, receipt, granted)


def give(
    ctx: Context,
    campaign: str,
    day: int,
    points: Mapping[str, int],
    milestone: str = "",
) -> tuple[Given, ...]:
    """Earns points by unit for a day, or for a milestone on it."""
    metadata = {"campaign": campaign, "date": text_of(day)}
    if milestone:
        metadata["milestone"] = milestone
    return tuple(
        Given(
            unit,
            amount,
            ctx.ledger.earn(
                amount,
                unit=unit,
                reason="milestone" if milestone else "check-in",
                metadata=metadata,
            ).transaction_id,
        )
        for unit, amount in points.items()
    )


def charge(
    ctx: Context, price: Iterable[Reward], reason: str, times: int = 1
) -> tuple[Given, ...]:
    """Burns a price, so many times; raises the core's InsufficientPoints."""
    return tuple(
        Given(
            unit,
            points * times,
            ctx.ledger.burn(points * times, unit=unit, reason=reason).transaction_id,
        )
        for unit, points in summed(price).items()
    )


def _grant(ctx: Context, seat: Seat, due: Due) -> Granted:
    one = due.milestone
    payload = {"campaign": seat.name, "milestone": one.name, "date": text_of(due.day)}
    ctx.emit("milestone_reached", payload)
    given = give(ctx, seat.name, due.day, summed(one.rewards), one.name)
    return Granted(one.name, one.count, due.day, given)


def _freezes(ctx: Context, seat: Seat, outcome: Outcome) -> tuple[int, ...]:
    """Returns the freezes that milestones equip, as far as there is room."""
    rules = seat.visit.campaign.freezes
    room = rules.equipped_max - len(outcome.calendar.freezes) if rules else 0
    wanted = sum(due.milestone.freezes for due in outcome.due)
    return (ctx.now,) * max(0, min(room, wanted))
