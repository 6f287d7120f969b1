"""Helpers of engine tests about holds: place them, look at them."""

from __future__ import annotations

from typing import Any

from points.domain.bounds import NEVER
from points.domain.identity import Place, part_of
from points.domain.lots import LotState
from points.domain.values import Balances, Hold, HoldState, Lot, Record, Transaction
from points.engine.engine import Engine
from points.store.reads.reader import open_snapshot
from tests.domain.build_holds import place_hold


def placed(engine: Engine, **fields: Any) -> str:
    """Places a hold and returns its id."""
    record = engine.execute(place_hold(**{"request_id": "hold", **fields})).record
    return held_in(record).place().hold_id()


def held_in(record: Record) -> Hold:
    """Returns the hold that a transaction was about."""
    assert isinstance(record.result, Transaction), record.result
    assert record.result.hold is not None
    return record.result.hold


def balances(engine: Engine, member_id: str = "ada") -> Balances:
    """Returns what a member has in points."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        found = snapshot.balances(part, member_id, now=engine.clock())
    (of_points,) = [one for one in found if one.unit == "points"]
    return of_points


def hold_at(engine: Engine, hold_id: str) -> Hold:
    """Returns a hold as it is shown now."""
    place = Place.of_hold(hold_id)
    assert place is not None
    with open_snapshot(engine.store.backend) as snapshot:
        found = snapshot.hold(place, now=engine.clock())
    assert found is not None
    return found.hold


def holds_in(engine: Engine, *states: HoldState, member_id: str = "ada") -> list[int]:
    """Returns the numbers of a member's holds in these states, in listed order."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        found = snapshot.holds(
            part,
            member_id,
            unit="points",
            states=states,
            before=NEVER,
            now=engine.clock(),
            limit=100,
        )
    return [one.hold.number for one in found]


def shown_lots(engine: Engine, *states: LotState, only_open: bool = False) -> list[Lot]:
    """Returns Ada's lots as they are listed, of all states if none is named."""
    part, now = part_of("ada", engine.store.part_count), engine.clock()
    with open_snapshot(engine.store.backend) as snapshot:
        return snapshot.lots(
            part,
            "ada",
            unit="",
            open_at=now if only_open else None,
            after=("", -1, 0),
            limit=100,
            states=frozenset(states),
            now=now,
        )
