"""Reads the closes of the books: one record in every part for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from points.domain.commands.books import NOBODY
from points.domain.values import BooksClose, Kind, Record
from points.store.schema import layout, record
from points.store.texts.rows import record_of


@dataclass(frozen=True, slots=True)
class Close:
    """Is a close of the books: its record in part 0, and its number in every part."""

    record: Record
    numbers: dict[int, int]


# Found by their request ids' index, in which they stand together: few and sorted.
_OF_NOBODY: Final = (
    record.c.member_id == NOBODY,
    record.c.kind == Kind.CLOSE_BOOKS.value,
)
_CLOSES: Final = (
    select(record)
    .where(record.c.part == 0, *_OF_NOBODY, record.c.number < bindparam("before"))
    .order_by(record.c.number.desc())
    .limit(bindparam("limit"))
)


def closes_of(connection: Connection, *, before: int, limit: int) -> list[Close]:
    """Returns the closes before a number of part 0, the latest first."""
    rows = connection.execute(_CLOSES, {"before": before, "limit": limit}).fetchall()
    # Refused ones leave no records, for all parts are closed together.
    records = [r for r in map(record_of, rows) if isinstance(r.result, BooksClose)]
    numbers = _numbers(connection, [record.request_id for record in records])
    return [Close(record, numbers[record.request_id]) for record in records]


def _numbers(
    connection: Connection, request_ids: Sequence[str]
) -> dict[str, dict[int, int]]:
    """Returns the numbers of the records with these request ids, by part."""
    part_count = connection.execute(select(layout.c.part_count)).scalar_one()
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    query = _of_all_parts(range(part_count), request_ids)
    for request_id, part, number in connection.execute(query):
        found[request_id][part] = number
    return found


def _of_all_parts(parts: Iterable[int], request_ids: Sequence[str]) -> Select[Any]:
    # Every part by name: the index begins with the part.
    return select(record.c.request_id, record.c.part, record.c.number).where(
        record.c.part.in_(parts),
        *_OF_NOBODY,
        record.c.request_id.in_(request_ids),
    )
