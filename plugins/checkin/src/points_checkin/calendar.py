"""What is kept about a member and a campaign: the calendar, and how days went.

Structs, for each check-in makes two of them: a frozen dataclass takes several times as
long to make anew, and longer to write and to read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import Struct

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


class Calendar(Struct, frozen=True, kw_only=True):
    """Is all of a member's days in a campaign: streaks are derived from it.

    `version` is that of the program whose rules the present streak goes by.
    `freezes` are the instants at which those that are left were equipped. Make-ups
    are counted for one month, that of its first day. `latest` is the receipt of the
    last day that has one. `granted` are the milestones of days that can still be
    taken back or made up, and the latest of each name.
    """

    version: int = 0
    spans: Spans = ()
    freezes: tuple[int, ...] = ()
    zoned: Zoned = NOT_ZONED
    granted: tuple[Granted, ...] = ()
    make_up_month: int = 0
    make_up_count: int = 0
    latest: Receipt | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """Is a calendar before and after a day was taken back, to put it back again."""

    before: Calendar
    after: Calendar
    receipt: Receipt
    operator: str
    reason: str
    time: int


NEW: Final = Calendar()

CALENDARS: Final[Collection[Calendar]] = Collection(
    name="calendar", type=Calendar, bytes_max=524_288
)
SNAPSHOTS: Final[Collection[Snapshot]] = Collection(
    name="snapshot", type=Snapshot, bytes_max=1_048_576, read_ahead=False
)
