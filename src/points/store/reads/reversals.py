"""Reads what has been reversed of transactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, func, literal_column, select

from points.domain.identity import Place
from points.store.reads.reader import Snapshot
from points.store.schema import record, reversal


REVERSED_BY_MAX: Final = 100
"""Most reverses that a transaction names: one may be undone point by point."""

_PART: Final = bindparam("part", type_=Integer)
_NUMBERS: Final = bindparam("numbers", type_=BigInteger, expanding=True)

_POINTS: Final = select(reversal.c.number, reversal.c.reversed_points).where(
    reversal.c.part == _PART, reversal.c.number.in_(_NUMBERS)
)
_RANKED: Final = (
    select(
        record.c.reverses,
        record.c.number,
        func.row_number()
        .over(partition_by=record.c.reverses, order_by=record.c.number)
        .label("rank"),
    )
    .where(
        record.c.part == _PART,
        # A literal, or PostgreSQL's plan for all values cannot use the index.
        record.c.reverses > literal_column("0"),
        record.c.reverses.in_(_NUMBERS),
    )
    .subquery()
)
_BY: Final = (
    select(_RANKED.c.reverses, _RANKED.c.number)
    .where(_RANKED.c.rank <= REVERSED_BY_MAX)
    .order_by(_RANKED.c.reverses, _RANKED.c.number)
)


class Reversed(NamedTuple):
    """Is what has been reversed of a transaction, and by which, the oldest first.

    At most REVERSED_BY_MAX are named.
    """

    points: int
    by: tuple[Place, ...]


def read_reversed(
    snapshot: Snapshot, part: int, numbers: Sequence[int]
) -> dict[Place, Reversed]:
    """Returns what has been reversed, by place; what has not been is left out."""
    rows = snapshot.all(_POINTS, part=part, numbers=list(numbers))
    points: dict[int, int] = {row.number: row.reversed_points for row in rows}
    if not points:
        return {}
    by: dict[int, tuple[Place, ...]] = dict.fromkeys(points, ())
    for reverses, number in snapshot.all(_BY, part=part, numbers=list(points)):
        by[reverses] += (Place(part, number),)
    return {Place(part, n): Reversed(points[n], by[n]) for n in points}
