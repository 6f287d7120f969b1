"""What is kept about a member and a campaign: the calendar, and receipts by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from points.plugin import Collection
from points_checkin.rewards import Given, Granted
from points_checkin.spans import Spans
from points_checkin.zones import NOT_ZONED, Zoned


class Receipt(NamedTuple):
    """Says how a day was checked in, and what it gave by which rules.

    `paid` is what making it up cost.
    """

    day: int
    time: int
    version: int
    counted: int
    given: tuple[Given, ...] = ()
    paid: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Is all of a member's days in a campaign: streaks are derived from it.

    `version` is that of the program whose rules the present streak goes by.
    `freezes` are the instants at which those that are left were equipped. Make-ups
    are counted for one month, that of its first day.
    """

    version: int = 0
    spans: Spans = ()
    freezes: tuple[int, ...] = ()
    zoned: Zoned = NOT_ZONED
    granted: tuple[Granted, ...] = ()
    make_up_month: int = 0
    make_up_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Is the receipts of the days of one month, in their order."""

    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Is a calendar before and after a day was taken back, to put it back again."""

    before: Calendar
    after: Calendar
    receipt: Receipt
    operator: str
    reason: str
    time: int


NEW: Final = Calendar()

CALENDARS: Final[Collection[Calendar]] = Collection(
    name="calendar", type=Calendar, bytes_max=262_144
)
MONTHS: Final[Collection[Month]] = Collection(name="month", type=Month)
SNAPSHOTS: Final[Collection[Snapshot]] = Collection(
    name="snapshot", type=Snapshot, bytes_max=524_288, read_ahead=False
)


def month_key(campaign: str, day: int) -> str:
    """Returns the key of the receipts that a day's is among."""
    return f"{campaign}/{date.fromordinal(day):%Y-%m}"


def with_receipt(month: Month | None, receipt: Receipt) -> Month:
    """Returns a month with a receipt, in the place of the day's own if it has one."""
    others = [one for one in (month or Month()).receipts if one.day != receipt.day]
    return Month(receipts=tuple(sorted([*others, receipt])))


def without_receipt(month: Month, day: int) -> Month:
    """Returns a month without the receipt of a day."""
    return Month(receipts=tuple(one for one in month.receipts if one.day != day))


def receipt_of(month: Month | None, day: int) -> Receipt | None:
    """Returns the receipt of a day, or None."""
    return next((one for one in (month or Month()).receipts if one.day == day), None)
