"""The receipts of days: each a document, kept as long as its day can be taken back.

They are written without being read: which there are follows from the calendar. The
latest one is in the calendar as well, for whoever comes twice on a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from points.plugin import Collection, Context
from points.plugin.days import text_of
from points_checkin.calendar import Calendar, Receipt
from points_checkin.config import MAKE_UP_DAYS_MAX
from points_checkin.rewards import Granted
from points_checkin.seats import Seat
from points_checkin.spans import TAKEN, Mark, Spans, last_of
from points_checkin.streaks import Mode, Period, Rules, period_start


RECEIPTS: Final = Collection(name="receipt", type=Receipt, read_ahead=False)

MONTHS: Final = Rules(mode=Mode.CALENDAR, period=Period.MONTH)
"""Counts by months: receipts of one month go together."""


def keep_receipt(ctx: Context, seat: Seat, receipt: Receipt) -> None:
    """Keeps a receipt; the first of a month drops those that are of no use any more."""
    owner = seat.member.member_id
    ctx.state.put(RECEIPTS, owner, receipt, _key(seat.name, receipt.day))
    for day in _outdated(seat):
        ctx.state.delete(RECEIPTS, owner, _key(seat.name, day))


def grants_of_use(seat: Seat) -> tuple[Granted, ...]:
    """Returns the milestones that are kept; the first day of a month drops some.

    Those of days that can neither be taken back nor be made up any more are of no use,
    but for the latest of each name: it may be had once.
    """
    granted, today = seat.calendar.granted, seat.visit.today
    if _month_before(seat) is None:
        return granted
    first = period_start(
        today - max(seat.present.revert_days, MAKE_UP_DAYS_MAX), MONTHS
    )
    latest = {one.name: one for one in granted}
    return tuple(
        one if one.day >= first else one._replace(given=())
        for one in granted
        if one.day >= first or one is latest[one.name]
    )


def drop_receipt(ctx: Context, seat: Seat, day: int) -> None:
    """Drops the receipt of a day that is taken back."""
    ctx.state.delete(RECEIPTS, seat.member.member_id, _key(seat.name, day))


def receipt_of(ctx: Context, seat: Seat, day: int) -> Receipt | None:
    """Returns the receipt of a day, or None."""
    latest = seat.calendar.latest
    if latest is not None and latest.day == day:
        return latest
    return ctx.state.get(RECEIPTS, seat.member.member_id, _key(seat.name, day))


def receipts_between(
    ctx: Context, seat: Seat, first: int, last: int
) -> Mapping[int, Receipt]:
    """Returns the receipts from one day to another, both included, by their days."""
    found = ctx.state.list(
        RECEIPTS,
        seat.member.member_id,
        after=_key(seat.name, max(1, first - 1)),
        limit=last - first + 1,
    )
    return {
        receipt.day: receipt
        for key, receipt in found
        if key == _key(seat.name, receipt.day) and receipt.day <= last
    }


def latest_of(calendar: Calendar, receipt: Receipt) -> Receipt:
    """Returns the later of a receipt and of the one that a calendar has."""
    latest = calendar.latest
    return latest if latest is not None and latest.day > receipt.day else receipt


def _outdated(seat: Seat) -> Iterator[int]:
    """Yields the days whose receipts a month has kept that is over since."""
    month, kept_days = _month_before(seat), seat.present.revert_days
    if month is not None:
        first = period_start(max(1, month - kept_days), MONTHS)
        end = period_start(seat.visit.today - kept_days, MONTHS)
        yield from _taken(seat.calendar.spans, first, end)


def _month_before(seat: Seat) -> int | None:
    """Returns the first day of the month of the last day; None if that is not over."""
    last = last_of(seat.calendar.spans, Mark.SIGNED)
    month = period_start(last, MONTHS) if last is not None else None
    is_over = month is not None and month < period_start(seat.visit.today, MONTHS)
    return month if is_over else None


def _taken(spans: Spans, first: int, end: int) -> Iterator[int]:
    for span in spans:
        if span.mark in TAKEN:
            yield from range(max(span.first, first), min(span.last + 1, end))


def _key(campaign: str, day: int) -> str:
    """Returns the key of a receipt: those of a campaign are in the order of days."""
    return f"{campaign}/{text_of(day)}"
