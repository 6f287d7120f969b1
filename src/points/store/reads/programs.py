"""Reads the versions of the program: few, and their documents may be large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, bindparam, literal, select

from points.domain.versions import PROGRAM_PART, AppliedProgram
from points.store.schema import program_version
from points.store.texts.rows import program_of


_COLUMNS: Final = program_version.c
_OURS: Final = _COLUMNS.part == PROGRAM_PART
_ALL: Final = select(program_version).where(_OURS).order_by(_COLUMNS.version)
_SOME: Final = _ALL.where(
    _COLUMNS.version >= bindparam("first"), _COLUMNS.version < bindparam("end")
)
_BEFORE: Final = (
    select(*list(_COLUMNS)[:-1], literal("").label("document"))
    .where(_OURS, _COLUMNS.version < bindparam("before"))
    .order_by(_COLUMNS.version.desc())
    .limit(bindparam("limit"))
)


def all_programs(connection: Connection) -> Iterator[AppliedProgram]:
    """Yields every version, the first first."""
    yield from map(program_of, connection.execute(_ALL))


def programs_among(connection: Connection, versions: range) -> list[AppliedProgram]:
    """Returns the versions that exist among these numbers, in order."""
    values = {"first": versions.start, "end": versions.stop}
    return list(map(program_of, connection.execute(_SOME, values)))


def programs_before(
    connection: Connection, version: int, *, limit: int
) -> list[AppliedProgram]:
    """Returns the versions before a number without documents, the last first."""
    values = {"before": version, "limit": limit}
    return list(map(program_of, connection.execute(_BEFORE, values)))
