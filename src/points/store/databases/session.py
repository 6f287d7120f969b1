"""One database transaction of the writer, straight on the driver.

SQLAlchemy keeps the connections; its own way to run a statement costs more than
most of our statements do, so the few of the writer go past it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from points.store.errors import CommitUnknown
from points.store.texts.rows import Row


if TYPE_CHECKING:
    from points.store.databases.backend import Backend


Check: TypeAlias = Callable[[], None]
"""Is asked before each statement, and the commit: raises to have all undone."""


class Session:
    """Is a connection with an open transaction."""

    def __init__(self, backend: Backend, raw: Any, check: Check | None) -> None:
        self._raw = raw
        self._check = check
        self._observe: Callable[[str, Row], None] | None = backend.on_statement

    def execute(self, sql: str, parameters: Row) -> Any:
        """Runs a statement and returns the driver's cursor.

        Nobody need wait for it before its rows are asked for: what is wrong with a
        statement without any may be found by a later one, or by the commit.
        """
        if self._check is not None:
            self._check()
        if self._observe is not None:
            self._observe(sql, parameters)
        return self._raw.execute(sql, parameters)


@contextmanager
def open_session(backend: Backend, check: Check | None = None) -> Iterator[Session]:
    """Opens a transaction that is committed behind the block, undone if that raises.

    Raises the driver's errors, and CommitUnknown if the connection broke while
    committing.
    """
    pooled = backend.writing.raw_connection()
    is_whole = False
    try:
        with backend.transaction(pooled.driver_connection):
            yield Session(backend, pooled.driver_connection, check)
            if check is not None:
                check()
            is_whole = True
    except backend.driver_error as error:
        # Nobody knows what state the connection is in.
        pooled.invalidate()
        if is_whole and backend.lost(error):
            raise CommitUnknown(str(error)) from error
        raise
    finally:
        pooled.close()
