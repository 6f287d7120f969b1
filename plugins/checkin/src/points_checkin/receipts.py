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
    spans, today = seat.calendar.spans, seat.visit.today
    last = last_of(spans, Mark.SIGNED)
    if last is None:
        return
    month = period_start(last, MONTHS)
    if month < period_start(today, MONTHS):
        kept_days = seat.present.revert_days
        first = period_start(max(1, month - kept_days), MONTHS)
        yield from _taken(spans, first, period_start(today - kept_days, MONTHS))


def _taken(spans: Spans, first: int, end: int) -> Iterator[int]:
    for span in spans:
        if span.mark in TAKEN:
            yield from range(max(span.first, first), min(span.last + 1, end))


def _key(campaign: str, day: int) -> str:
    """Returns the key of a receipt: those of a campaign are in the order of days."""
    return f"{campaign}/{text_of(day)}"
