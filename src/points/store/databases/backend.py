"""What SQLite and PostgreSQL do differently: bulk reads, bulk writes, locks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import Engine, Table
from sqlalchemy.exc import DBAPIError

from points.store.databases.session import Session
from points.store.texts.rows import Row


Rows: TypeAlias = Callable[[], Sequence[Any]]
"""Returns the rows that were asked for, to be called once: only that waits for them."""


@dataclass(frozen=True)
class Keyed:
    """Is a table and the columns by which a bulk read finds rows in it.

    SQLite is told the `index`, where it would not find that by itself.
    """

    table: Table
    key: tuple[str, ...]
    index: str = ""

    @cached_property
    def columns(self) -> str:
        """Returns all columns, qualified, as SQL."""
        name = self.table.name
        return ", ".join(f"{name}.{column.name}" for column in self.table.columns)


class Backend(ABC):
    """Is one kind of database, with its engines.

    `writing` belongs to the writer alone; `reading` never changes anything.
    `on_statement`, if there is one, is told every statement of the writer with
    its parameters. `driver_error` is what the driver raises, and `readers` how many
    threads read more than fewer would, as long as no read is slow.
    """

    name: str
    readers: int
    driver_error: type[Exception]
    on_statement: Callable[[str, Row], None] | None = None
    writing: Engine
    reading: Engine

    @abstractmethod
    def transaction(self, raw: Any) -> AbstractContextManager[None]:
        """Begins a transaction on a connection of the driver.

        It is committed at the end of the block, undone if that raises.
        """

    @abstractmethod
    def ask(self, session: Session, keyed: Keyed, keys: Sequence[Row]) -> Rows:
        """Returns the rows with these keys, in no order, in one statement."""

    @abstractmethod
    def ask_open_lots(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns the first usable lots of each (part, member_id, unit), key by key.

        At most `limit` of each, as the columns of `lots_of`, in one statement.
        """

    @abstractmethod
    def ask_lapsed_holds(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the open holds of each (part, member_id, unit) that have lapsed.

        In no order, in one statement.
        """

    @abstractmethod
    def ask_expired_lots(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the lots of each (part, member_id, unit) that expired undrawn.

        In no order, in one statement.
        """

    @abstractmethod
    def ask_open_holds(self, session: Session, keys: Sequence[Row]) -> Rows:
        """Returns the holds of each (part, member_id) that are open or unsettled.

        In no order, in one statement.
        """

    @abstractmethod
    def ask_open_claims(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns what each (part, member_id) may collect, or a budget get back.

        The oldest, at most `limit` of each, in no order, in one statement.
        """

    @abstractmethod
    def ask_undrawn_lots(
        self, session: Session, keys: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns the lots of each (part, member_id) that have points left.

        At most `limit` of each, in no order, in one statement.
        """

    @abstractmethod
    def ask_documents(
        self, session: Session, spans: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns documents of each (part, plugin, collection, owner, start, end).

        At most `limit` of each, those of the lowest keys from `start` to `end`, in
        no order, in one statement.
        """

    @abstractmethod
    def fetch_glances(self, keys: Sequence[Row], *, now: int) -> Sequence[Any]:
        """Returns what there is of each (part, member_id, own, held).

        The last two are accounts. For readers, from one snapshot and in one round trip:
        in the order of the keys, as `Glance.of_row` takes it.
        """

    @abstractmethod
    def delete_documents(self, session: Session, keys: Sequence[Row]) -> None:
        """Removes the documents with these keys, in as many statements for any."""

    @abstractmethod
    def erase(self, session: Session, keys: Sequence[Row]) -> None:
        """Empties the personal data of all records of each (part, member_id)."""

    @abstractmethod
    def lock_heads(
        self, session: Session, parts: Sequence[int], *, wait: bool
    ) -> Sequence[Any]:
        """Locks the heads of these parts until the commit and returns their rows.

        Without `wait`, parts that another writer holds are left out.
        """

    @abstractmethod
    def save(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows, or replaces those with the same key, in one statement."""

    @abstractmethod
    def update(
        self,
        session: Session,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Changes these columns of rows that are there, in one statement.

        Each row is the primary key and the values, in this order.
        """

    @abstractmethod
    def assign(
        self, session: Session, table: Table, assignments: str, keys: Sequence[Row]
    ) -> None:
        """Changes the rows with these keys alike, in one statement.

        `assignments` are SQL of ours; a key is a part and a number.
        """

    @abstractmethod
    def insert(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows, none of which may be there yet, in one statement."""

    @abstractmethod
    def lost(self, error: BaseException) -> bool:
        """Says whether the same work may succeed on another connection or later."""

    def close(self) -> None:
        """Closes every connection."""
        self.reading.dispose()
        self.writing.dispose()


def driver_error_of(error: BaseException) -> BaseException:
    """Returns what the driver raised, if SQLAlchemy has wrapped it."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error


def key_names(table: Table) -> list[str]:
    """Returns the names of the columns of a table's primary key, in order."""
    return [column.name for column in table.primary_key]


def column_names(table: Table) -> list[str]:
    """Returns the names of a table's columns, in order."""
    return [column.name for column in table.columns]


def on_conflict(table: Table) -> str:
    """Returns the clause that replaces a row whose primary key is there already."""
    key = key_names(table)
    rest = [name for name in column_names(table) if name not in key]
    assignments = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {assignments}"
