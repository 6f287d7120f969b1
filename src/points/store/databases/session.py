"""One database transaction of the writer, straight on the driver.

SQLAlchemy keeps the connections; its own way to run a statement costs more than
most of our statements do, so the few of the writer go past it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from points.store.texts.rows import Row


if TYPE_CHECKING:
    from points.store.databases.backend import Backend


class Session:
    """Is a connection with an open transaction; `commit` or `undo` ends both.

    `check` is asked before each statement, and may raise to have it all undone.
    """

    def __init__(
        self, backend: Backend, check: Callable[[], None] | None = None
    ) -> None:
        self._backend = backend
        self._check = check
        self._pooled = backend.writing.raw_connection()
        self._raw: Any = self._pooled.driver_connection
        self._observe: Callable[[str, Row], None] | None = backend.on_statement
        try:
            backend.begin(self._raw)
        except BaseException:
            self._drop()
            raise

    def execute(self, sql: str, parameters: Row) -> Any:
        """Runs a statement and returns the driver's cursor."""
        if self._check is not None:
            self._check()
        if self._observe is not None:
            self._observe(sql, parameters)
        return self._raw.execute(sql, parameters)

    def commit(self) -> None:
        """Makes everything durable; raises the driver's error with it unknown."""
        try:
            self._raw.commit()
        except BaseException:
            self._drop()
            raise
        self._pooled.close()

    def undo(self) -> None:
        """Takes everything back, or leaves that to the database if it is away."""
        try:
            self._raw.rollback()
        except self._backend.driver_error:
            self._drop()
        else:
            self._pooled.close()

    def _drop(self) -> None:
        """Closes the connection for good: nobody knows what state it is in."""
        self._pooled.invalidate()
        self._pooled.close()
