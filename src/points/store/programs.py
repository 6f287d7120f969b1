"""Reads the versions of the program: few, and their documents may be large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, bindparam, select

from points.domain.versions import PROGRAM_PART, AppliedProgram
from points.store.rows import program_of
from points.store.schema import program_version


_OURS: Final = select(program_version).where(program_version.c.part == PROGRAM_PART)
_BETWEEN: Final = (
    _OURS.where(
        program_version.c.version > bindparam("after"),
        program_version.c.version < bindparam("before"),
    )
    .order_by(program_version.c.version.desc())
    .limit(bindparam("limit"))
)
_ALL: Final = _OURS.order_by(program_version.c.version)


def programs_between(
    connection: Connection, *, after: int, before: int, limit: int
) -> list[AppliedProgram]:
    """Returns the versions between two numbers, the last first."""
    values = {"after": after, "before": before, "limit": limit}
    return list(map(program_of, connection.execute(_BETWEEN, values)))


def all_programs(connection: Connection) -> Iterator[AppliedProgram]:
    """Yields every version, the first first."""
    yield from map(program_of, connection.execute(_ALL))
