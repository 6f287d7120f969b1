"""Statements by the time at which things happened: two index ranges, merged.

What was not dated back happened when it was recorded, so it stands in the order of
the records; what was dated back has an index of its own. A page resumes each range
where the page before has left it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    select,
    text,
    tuple_,
)

from points.domain.bounds import NEVER
from points.domain.values import Record
from points.store.schema import record
from points.store.texts.rows import record_of


class StatementPlace(NamedTuple):
    """Says where a statement goes on: before these in either range."""

    number: int = NEVER
    dated_time: int = NEVER
    dated_number: int = NEVER

    def behind(self, records: Iterable[Record]) -> StatementPlace:
        """Returns where it goes on behind these records, which come next."""
        place = self
        for shown in records:
            if shown.effective_time < shown.record_time:
                place = StatementPlace(place.number, shown.effective_time, shown.number)
            else:
                place = place._replace(number=shown.number)
        return place


def _of_member(condition: str) -> Select[Any]:
    # Written out, for both databases must see that it is the index's own.
    return (
        select(record)
        .where(
            record.c.part == bindparam("part", type_=Integer),
            record.c.member_id == bindparam("member_id", type_=Text),
            text(f"record.is_transaction = 1 AND {condition}"),
        )
        .limit(bindparam("limit", type_=Integer))
    )


_ON_TIME: Final = (
    _of_member("record.effective_time >= record.record_time")
    .where(record.c.number < bindparam("number", type_=BigInteger))
    .order_by(record.c.number.desc())
)
_DATED_BACK: Final = (
    _of_member("record.effective_time < record.record_time")
    .where(
        tuple_(record.c.effective_time, record.c.number)
        < tuple_(
            bindparam("dated_time", type_=BigInteger),
            bindparam("dated_number", type_=BigInteger),
        )
    )
    .order_by(record.c.effective_time.desc(), record.c.number.desc())
)


def by_effective_time(
    connection: Connection,
    part: int,
    member_id: str,
    *,
    place: StatementPlace,
    conditions: Sequence[Any],
    limit: int,
) -> list[Record]:
    """Returns the member's transactions from a place on, the latest happened first.

    Of the same instant the one recorded last comes first. `conditions` are SQL.
    """
    values = {"part": part, "member_id": member_id, "limit": limit, **place._asdict()}
    ranges = [
        _read(connection, statement.where(*conditions), values)
        for statement in (_ON_TIME, _DATED_BACK)
    ]
    return list(islice(merge(*ranges, key=_order, reverse=True), limit))


def _read(
    connection: Connection, statement: Select[Any], values: dict[str, Any]
) -> list[Record]:
    return [record_of(row) for row in connection.execute(statement, values).fetchall()]


def _order(shown: Record) -> tuple[int, int]:
    return shown.effective_time, shown.number
