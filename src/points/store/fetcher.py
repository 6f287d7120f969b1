"""Statements of one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select


class Fetcher:
    """Runs statements on the connection of a snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, statement: Select[Any], **values: object) -> Sequence[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _one(self, statement: Select[Any], **values: object) -> Any:
        return self._connection.execute(statement, values).fetchone()
