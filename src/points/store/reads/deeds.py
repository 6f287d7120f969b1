"""What members have done in a span of time, read from the records beside the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)

from points.domain.activities import Activity
from points.domain.progress import Progress
from points.domain.returns import money_of
from points.domain.scores import Deeds, Scoring
from points.domain.values import Kind, Transaction
from points.store.databases.backend import Backend
from points.store.databases.translating import translated
from points.store.reads.fetcher import ROWS_AT_A_TIME
from points.store.schema import head, member, progress, record, reversal
from points.store.texts.canonical import read_result, read_returned
from points.store.texts.rows import Row, progress_of


FIRST: Final = (-1, "")
"""Is the place before the first member."""

Worth = Callable[[Activity], int]
"""Returns the money of an activity in minor units of the program's currency."""

_PART: Final = bindparam("part", type_=Integer)
_START: Final = bindparam("start", type_=BigInteger)
_TIME_OF: Final = select(record.c.record_time).where(
    record.c.part == _PART, record.c.number == bindparam("number", type_=BigInteger)
)
# Literals, for the databases count what is in the statement and plan by that.
_ACTIVITIES: Final = (
    select(
        record.c.member_id,
        record.c.effective_time,
        record.c.body,
        func.coalesce(reversal.c.returned, literal_column("''")),
    )
    .select_from(
        record.outerjoin(
            reversal,
            and_(
                reversal.c.part == record.c.part,
                reversal.c.number == record.c.number,
            ),
        )
    )
    .where(
        record.c.part == _PART,
        record.c.number >= bindparam("first", type_=BigInteger),
        record.c.kind == literal_column(f"'{Kind.ACTIVITY}'"),
        record.c.is_transaction == literal_column("1"),
        record.c.effective_time >= _START,
        record.c.effective_time < bindparam("until", type_=BigInteger),
    )
)
_MERGED: Final = select(member.c.member_id, member.c.merged_into).where(
    member.c.merged_into != literal_column("''")
)
_ORDER: Final = (progress.c.part, progress.c.member_id)
_PROGRESS: Final = (
    select(progress)
    .where(tuple_(*_ORDER) > tuple_(_PART, bindparam("member_id")))
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)


def deeds_of_members(
    backend: Backend, scoring: Scoring, worth: Worth, *, now: int
) -> dict[str, Deeds]:
    """Returns what members have done in the span that is scored at `now`.

    Those who have done nothing are left out, and what was returned is not counted.
    What merged members have done is theirs into whom they were merged, though they
    were erased since. Raises StoreLost.
    """
    found: dict[str, Deeds] = {}
    for part in _parts(backend):
        for name, done in _deeds_of_part(backend, part, scoring, worth, now=now):
            found[name] = found.get(name, Deeds()).joined(done)
    with translated(backend), backend.reading.connect() as connection:
        merged = {row[0]: row[1] for row in connection.execute(_MERGED)}
    for name in found.keys() & merged.keys():
        heir = _heir(name, merged)
        found[heir] = found.get(heir, Deeds()).joined(found.pop(name))
    return found


def progress_behind(backend: Backend, after: Row, limit: int) -> list[Progress]:
    """Returns the progress of members behind (part, member_id); raises StoreLost."""
    part, member_id = after
    values = {"part": part, "member_id": member_id, "limit": limit}
    with translated(backend), backend.reading.connect() as connection:
        return [progress_of(row) for row in connection.execute(_PROGRESS, values)]


def _parts(backend: Backend) -> list[int]:
    with translated(backend), backend.reading.connect() as connection:
        return [part for (part,) in connection.execute(select(head.c.part))]


def _deeds_of_part(
    backend: Backend, part: int, scoring: Scoring, worth: Worth, *, now: int
) -> Iterator[tuple[str, Deeds]]:
    """Yields the activities of a part that count, from a snapshot of its own."""
    start, until = scoring.span(now)
    with translated(backend), backend.reading.connect() as connection:
        values: dict[str, Any] = {"part": part, "start": start, "until": until}
        values["first"] = _first_since(connection, part, start)
        options = {"yield_per": ROWS_AT_A_TIME}
        rows = connection.execute(_ACTIVITIES, values, execution_options=options)
        for member_id, time, body, returned in rows:
            result, _ = read_result(body, part=part, member_id=member_id)
            taken = read_returned(returned)
            assert isinstance(result, Transaction)
            activity = result.activity
            if activity and activity.type in scoring.types and not taken.is_whole:
                left = activity.money - money_of(activity, taken)
                money = worth(activity._replace(money=left))
                yield member_id, Deeds(time, 1, money)


def _first_since(connection: Connection, part: int, start: int) -> int:
    """Returns a number before which nothing of a part was recorded since an instant.

    Halved again and again: numbers have no gaps, and times never go back.
    """
    query = select(head.c.last_number).where(head.c.part == part)
    low, high = 1, connection.execute(query).scalar_one() + 1
    while low < high:
        middle = (low + high) // 2
        values = {"part": part, "number": middle}
        time = connection.execute(_TIME_OF, values).scalar_one()
        low, high = (middle + 1, high) if time < start else (low, middle)
    return low


def _heir(name: str, merged: dict[str, str]) -> str:
    while name in merged:
        name = merged[name]
    return name
