"""What is kept about a member and a campaign: the calendar, and how days went."""

from __future__ import annotations

from dataclasses import dataclass
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
    are counted for one month, that of its first day. `latest` is the receipt of the
    last day that has one.
    """

    version: int = 0
    spans: Spans = ()
    freezes: tuple[int, ...] = ()
    zoned: Zoned = NOT_ZONED
    granted: tuple[Granted, ...] = ()
    make_up_month: int = 0
    make_up_count: int = 0
    latest: Receipt | None = None

    def with_days(self, spans: Spans, freezes: tuple[int, ...]) -> Calendar:
        """Returns the calendar with other days, and the freezes that are left."""
        return self._with(self.version, spans, freezes, self.granted, self.latest)

    def checked(
        self,
        receipt: Receipt,
        latest: Receipt,
        granted: tuple[Granted, ...],
        freezes: tuple[int, ...],
    ) -> Calendar:
        """Returns the calendar with the receipt of a day, and what that day gave."""
        return self._with(
            receipt.version,
            self.spans,
            (*self.freezes, *freezes),
            (*self.granted, *granted),
            latest,
        )

    def _with(
        self,
        version: int,
        spans: Spans,
        freezes: tuple[int, ...],
        granted: tuple[Granted, ...],
        latest: Receipt | None,
    ) -> Calendar:
        # Not by `replace`, which looks at every field: each call comes through here.
        return Calendar(
            version=version,
            spans=spans,
            freezes=freezes,
            zoned=self.zoned,
            granted=granted,
            make_up_month=self.make_up_month,
            make_up_count=self.make_up_count,
            latest=latest,
        )


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
SNAPSHOTS: Final[Collection[Snapshot]] = Collection(
    name="snapshot", type=Snapshot, bytes_max=524_288, read_ahead=False
)
