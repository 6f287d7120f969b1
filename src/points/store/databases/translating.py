"""The errors of drivers in the words of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from points.store.databases.backend import Backend, driver_error_of
from points.store.errors import StoreLost, StoreRejected


_SQLITE_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_POSTGRESQL_DAMAGED: Final = frozenset({"XX001", "XX002"})  # a page, an index
_PRIMARY: Final = 0xFF
"""What SQLite's extended codes have in common with the code that they extend."""


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Turns the driver's errors into StoreLost and StoreRejected."""
    try:
        yield
    except (DBAPIError, backend.driver_error) as error:
        kind = StoreLost if backend.lost(error) else StoreRejected
        raise kind(words_of(driver_error_of(error))) from error


def words_of(error: BaseException) -> str:
    """Returns what a driver has said, and what to do where a database is damaged."""
    if _is_no_text(error):
        # Not the text itself: it is of somebody's record, or anything at all.
        return _damaged("a text is no UTF-8")
    if _tells_of_damage(error):
        return _damaged(str(error).strip().splitlines()[0])
    return str(error)


def _damaged(how: str) -> str:
    return f"the database is damaged ({how}): restore a backup"


def _is_no_text(error: BaseException) -> bool:
    """Says whether SQLite had a text, or an error, that its driver could not read."""
    said_so = isinstance(error, sqlite3.Error) and "Could not decode" in str(error)
    return said_so or isinstance(error, UnicodeDecodeError)


def _tells_of_damage(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    state = getattr(error, "sqlstate", "")
    return code in _SQLITE_DAMAGED or state in _POSTGRESQL_DAMAGED
