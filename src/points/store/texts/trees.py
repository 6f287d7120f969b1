"""Lots, draws, holds and moves as plain values: the pieces of records' bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from points.domain.bounds import NEVER
from points.domain.counters import CounterMove
from points.domain.identity import Place
from points.domain.values import Draw, Hold, HoldState, Lot, Retimed, TimeoutAction


def draw_trees(draws: Iterable[Draw | Retimed]) -> list[list[Any]]:
    """Returns draws, or the new times of lots, in their order."""
    # In one go: a record may have hundreds of them.
    return [
        [part, number, middle, None if expire_time == NEVER else expire_time]
        for (part, number), middle, expire_time in draws
    ]


def move_tree(move: CounterMove) -> list[Any]:
    """Returns the move of a shared counter."""
    name, start_time, end_time, *by = move
    return [name, start_time, instant_tree(end_time), *by]


def lot_tree(lot: Lot) -> list[Any]:
    """Returns the fields of a lot but its part and member, which the record has."""
    tree = [
        lot.number,
        lot.record_number,
        lot.unit,
        lot.points,
        lot.earn_time,
        instant_tree(lot.activate_time),
        instant_tree(lot.expire_time),
    ]
    more = [lot.waits_for, lot.expiry, lot.origin]
    left = (lot.remaining, lot.held, lot.ended)
    if lot.earner:
        return [*tree, *more, *left, lot.earner]
    if left != (lot.points, 0, 0):
        return [*tree, *more, *left]
    return [*tree, *more] if any(more) else tree


def hold_tree(hold: Hold) -> list[Any]:
    """Returns the fields of a hold but its part and member, which the record has."""
    plain: dict[str, Any] = {
        "draws": draw_trees(hold.draws),
        "lapse_time": instant_tree(hold.lapse_time),
    }
    _, number, _, *rest = hold._replace(**plain)
    return [number, *rest]


def read_lot(tree: list[Any], part: int, member_id: str) -> Lot:
    """Returns the lot of a member that `lot_tree` wrote."""
    number, record_number, unit, points, *times = tree
    earn_time, activate_time, expire_time, *more = times
    lot = Lot(
        part=part,
        number=number,
        member_id=member_id,
        unit=unit,
        points=points,
        remaining=points,
        earn_time=earn_time,
        activate_time=read_instant(activate_time),
        expire_time=read_instant(expire_time),
        record_number=record_number,
    )
    if not more:
        return lot
    waits_for, expiry, origin, *left = more
    remaining, held, ended, *earner = left or (points, 0, 0)
    return lot._replace(
        waits_for=waits_for,
        expiry=expiry,
        origin=origin,
        remaining=remaining,
        held=held,
        ended=ended,
        earner=earner[0] if earner else "",
    )


def read_draw(tree: list[Any]) -> Draw:
    """Returns a draw of `draw_trees`."""
    part, number, points, expire_time = tree
    return Draw(Place(part, number), points, read_instant(expire_time))


def read_retimed(tree: list[Any]) -> Retimed:
    """Returns new times of `draw_trees`."""
    part, number, activate_time, expire_time = tree
    return Retimed(Place(part, number), activate_time, read_instant(expire_time))


def read_move(tree: list[Any]) -> CounterMove:
    """Returns the move that `move_tree` wrote."""
    name, start_time, end_time, *by = tree
    return CounterMove(name, start_time, read_instant(end_time), *by)


def read_hold(tree: list[Any], part: int, member_id: str) -> Hold:
    """Returns the hold of a member that `hold_tree` wrote."""
    number, *rest = tree
    hold = Hold(part, number, member_id, *rest)
    return hold._replace(
        draws=tuple(map(read_draw, rest[2])),
        state=HoldState(hold.state),
        lapse_time=read_instant(hold.lapse_time),
        on_timeout=TimeoutAction(hold.on_timeout),
    )


def read_place(tree: list[int] | None) -> Place | None:
    """Returns a place, or None for none."""
    return Place(*tree) if tree else None


def instant_tree(instant: int) -> int | None:
    """Returns the instant, with None for never: readers need not know the sentinel."""
    return None if instant == NEVER else instant


def read_instant(instant: int | None) -> int:
    """Returns the instant that `instant_tree` wrote."""
    return NEVER if instant is None else instant
