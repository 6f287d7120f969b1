"""Holds beside the writer; those that have lapsed are as their lapse leaves them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
)

from points.domain.holds import lapsed
from points.domain.identity import Place
from points.domain.lapses import Lapses
from points.domain.values import Hold, HoldState, Lot, Record
from points.store.reads.fetcher import Fetcher
from points.store.schema import hold, lot, record
from points.store.texts.rows import hold_of, lot_of, record_of


_PART: Final = bindparam("part", type_=Integer)
_NUMBERS: Final[Any] = bindparam("numbers", expanding=True)
# Written out, for the index of open holds is a partial one.
_OPEN: Final = text("hold.state = 'OPEN'")
_DUE: Final = hold.c.lapse_time <= bindparam("now")

_HOLD: Final = select(hold).where(
    hold.c.part == _PART, hold.c.number == bindparam("number")
)
_OF_MEMBER: Final = select(hold).where(
    hold.c.part == _PART, hold.c.member_id == bindparam("member_id", type_=Text)
)
_LAPSED: Final = _OF_MEMBER.where(_OPEN, _DUE)
_HOLDS: Final = (
    _OF_MEMBER.where(hold.c.number < bindparam("before"))
    .order_by(hold.c.number.desc())
    .limit(bindparam("limit"))
)
_LOTS: Final = select(lot).where(lot.c.part == _PART, lot.c.number.in_(_NUMBERS))
_RECORDS: Final = select(record).where(
    record.c.part == _PART, record.c.number.in_(_NUMBERS)
)


class PlacedHold(NamedTuple):
    """Is a hold together with the record that placed it."""

    hold: Hold
    record: Record


class HoldReads(Fetcher):
    """Reads holds within one snapshot."""

    def hold(self, place: Place, *, now: int) -> PlacedHold | None:
        """Returns the hold at a place as it is at `now`, or None."""
        rows = self._all(_HOLD, part=place.part, number=place.number)
        found = self._placed(place.part, map(hold_of, rows), now=now)
        return found[0] if found else None

    def holds(
        self,
        part: int,
        member_id: str,
        *,
        unit: str,
        states: Collection[HoldState],
        before: int,
        now: int,
        limit: int,
    ) -> list[PlacedHold]:
        """Returns the holds in these states at `now`, the latest placed first.

        Only those before a number; `unit` empty means all.
        """
        statement = _HOLDS.where(or_(*(_is_in(state) for state in states)))
        if unit:
            statement = statement.where(hold.c.unit == unit)
        key = {"part": part, "member_id": member_id}
        rows = self._all(statement, **key, before=before, now=now, limit=limit)
        return self._placed(part, map(hold_of, rows), now=now)

    def lapses(self, part: int, member_id: str, *, now: int) -> Lapses:
        """Returns what the member's lapses do that nobody has recorded yet."""
        rows = self._all(_LAPSED, part=part, member_id=member_id, now=now)
        due = [hold_of(row) for row in rows]
        return Lapses.of(due, self._lots_of(part, due))

    def _placed(
        self, part: int, holds: Iterable[Hold], *, now: int
    ) -> list[PlacedHold]:
        found = list(holds)
        due = [one for one in found if one.has_lapsed(now)]
        lots = self._lots_of(part, due)
        numbers = [one.record_number for one in found]
        records = {
            row.number: record_of(row)
            for row in self._numbered(_RECORDS, part, numbers)
        }
        return [
            PlacedHold(
                lapsed(one, lots) if one.has_lapsed(now) else one,
                records[one.record_number],
            )
            for one in found
        ]

    def _lots_of(self, part: int, holds: Iterable[Hold]) -> dict[Place, Lot]:
        numbers = {draw.lot.number for one in holds for draw in one.draws}
        found = map(lot_of, self._numbered(_LOTS, part, sorted(numbers)))
        return {one.place(): one for one in found}

    def _numbered(
        self, statement: Select[Any], part: int, numbers: list[int]
    ) -> Collection[Any]:
        if not numbers:
            return ()
        return self._all(statement, part=part, numbers=numbers)


def _is_in(state: HoldState) -> ColumnElement[bool]:
    """Returns what holds of a hold that is in a state at `now`."""
    match state:
        case HoldState.OPEN:
            return and_(_OPEN, ~_DUE)
        case HoldState.LAPSED:
            return or_(hold.c.state == state.value, and_(_OPEN, _DUE))
    return hold.c.state == state.value
