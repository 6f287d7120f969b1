"""From a URL to a store that is known to be ours, whole and of the right version."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from filelock import BaseFileLock, FileLock, Timeout
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from points.store import schema
from points.store.databases.backend import Backend, driver_error_of
from points.store.databases.sqlite import APPLICATION_ID, SqliteBackend
from points.store.databases.translating import words_of
from points.store.errors import StoreRefused
from points.store.version import NEWEST_VERSION, current_version, lock_migrations


PART_COUNT_DEFAULT: Final = 64
_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_MARK_AT: Final = 68
"""Where the header of a SQLite file has the mark of whose it is."""
_SQLITE_OLDEST: Final = (3, 38, 0)
"""First version with STRICT tables and the `->>` operator."""


@dataclass(frozen=True, slots=True)
class Store:
    """Is an open ledger database and the number of its parts."""

    backend: Backend
    part_count: int
    place: str


@contextmanager
def open_store(
    url: str, *, migrating: bool = False, part_count: int = PART_COUNT_DEFAULT
) -> Iterator[Store]:
    """Opens the store at `url` for a server and closes it after the block.

    A SQLite file is made if it is not there, locked against a second server, and
    migrated. A PostgreSQL database is only checked, unless `migrating`.
    `part_count` counts only for a new database. Raises StoreRefused, whose
    message says what to do.
    """
    parsed = parse_url(url)
    with (
        _locked(parsed),
        _opened(parsed, migrating=migrating, part_count=part_count) as backend,
    ):
        yield _checked(backend, parsed)


@contextmanager
def open_store_to_fill(url: str, *, part_count: int) -> Iterator[Store]:
    """Opens the store at `url` for all that a ledger is to have, and migrates it.

    A SQLite file that was not there before is gone if the block fails. Raises
    StoreRefused.
    """
    parsed = parse_url(url)
    with (
        _locked(parsed),
        _gone_if_it_fails(parsed),
        _opened(parsed, migrating=True, part_count=part_count) as backend,
    ):
        yield _checked(backend, parsed)


@contextmanager
def open_store_to_read(url: str) -> Iterator[Store]:
    """Opens the store at `url` beside a running server and changes nothing.

    Raises StoreRefused.
    """
    parsed = parse_url(url)
    if _is_sqlite(parsed):
        path = Path(parsed.database or "")
        if not path.exists():
            message = f"{path} does not exist: start a server or give --database-url"
            raise StoreRefused(message)
        _check_file(path, os.R_OK)
    with _closing(_backend(parsed)) as backend:
        yield _checked(backend, parsed, damaged=True)


def parse_url(url: str) -> URL:
    """Returns the URL of a database we know; raises StoreRefused for any other."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        shown = repr(re.sub(r"//.*@", "//***@", url))
        message = (
            f"{shown} is not a database URL: use sqlite:///FILE"
            " or postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE,"
            " with %2F for a / in a password, %40 for an @ and %3A for a :"
        )
        raise StoreRefused(message) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        message = (
            f"{parsed.drivername!r} is not supported: use sqlite:///FILE"
            " or postgresql+psycopg://USER@HOST/DATABASE"
        )
        raise StoreRefused(message)
    if _is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        message = "a ledger in memory is not durable: use sqlite:///FILE"
        raise StoreRefused(message)
    if not _is_sqlite(parsed) and not _is_text(url):
        raise StoreRefused("the database URL is not UTF-8: write bytes as %XX")
    return parsed


def place_of(url: URL) -> str:
    """Returns where the data is, in words that a person can use; no password."""
    if _is_sqlite(url):
        return str(Path(url.database or "").resolve())
    return url.render_as_string(hide_password=True)


@contextmanager
def _gone_if_it_fails(url: URL) -> Iterator[None]:
    """Removes a SQLite file that was not there before, unless the block succeeds.

    Not that of the lock, which is ours: another process may wait for that very file.
    """
    path = Path(url.database or "") if _is_sqlite(url) else None
    is_ours = path is not None and not path.exists()
    try:
        yield
    except BaseException:
        if path is not None and is_ours:
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        raise


@contextmanager
def _opened(url: URL, *, migrating: bool, part_count: int) -> Iterator[Backend]:
    with _closing(_backend(url)) as backend:
        if _is_sqlite(url) or migrating:
            with _explained(url):
                _migrate(backend, url, part_count)
        yield backend


def _migrate(backend: Backend, url: URL, part_count: int) -> None:
    with backend.writing.connect() as connection, connection.begin():
        # Before anything is looked at: another process may be at it.
        lock_migrations(connection)
        version = current_version(connection)
        if version is None and inspect(connection).has_table("record"):
            message = f"{place_of(url)} has tables of another program"
            raise StoreRefused(message)
        if version == NEWEST_VERSION:
            return
        if version is None or _is_known(version):
            _migration().migrate(connection, part_count=part_count)
        if version is None and _is_sqlite(url):
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _checked(backend: Backend, url: URL, *, damaged: bool = False) -> Store:
    """Returns the store if its schema is the one this program works with.

    Parts that are missing are let pass only if it may be `damaged`.
    """
    with _explained(url), backend.reading.connect() as connection:
        _check_version(connection, url)
        part_counts = connection.execute(select(schema.layout.c.part_count))
        part_count = part_counts.scalar_one_or_none()
        if part_count is None:
            message = (
                f"{place_of(url)} is damaged, it lacks its layout: restore a backup"
            )
            raise StoreRefused(message)
        heads = connection.execute(select(func.count()).select_from(schema.head))
        if heads.scalar_one() != part_count and not damaged:
            message = f"{place_of(url)} is damaged: run points verify"
            raise StoreRefused(message)
    return Store(backend, part_count, place_of(url))


def _check_version(connection: Connection, url: URL) -> None:
    version = current_version(connection)
    if version == NEWEST_VERSION:
        return
    if version is None or _is_known(version):
        message = (
            f"{place_of(url)} needs a migration:"
            " run points migrate with the same --database-url"
        )
        raise StoreRefused(message)
    message = (
        f"{place_of(url)} was written by a newer version of points ({version}):"
        " update points"
    )
    raise StoreRefused(message)


def _is_text(url: str) -> bool:
    """Says whether a URL was UTF-8, as a command line need not be."""
    try:
        url.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_known(version: str) -> bool:
    """Says whether this program can migrate from a version."""
    return version in _migration().known_versions()


def _migration() -> ModuleType:
    """Returns what migrates: most starts do without what that imports."""
    return import_module("points.store.migration")


@contextmanager
def _locked(url: URL) -> Iterator[None]:
    """Keeps a second server off the same SQLite file; the lock dies with us."""
    if not _is_sqlite(url):
        yield
        return
    path = Path(url.database or "")
    _check_directory(path)
    _check_file(path, os.R_OK | os.W_OK)
    lock = _acquired(path)
    try:
        yield
    finally:
        lock.release()


def _acquired(path: Path) -> BaseFileLock:
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        message = (
            f"another server has {path.resolve()} open: stop it,"
            " or give this one another --database-url"
        )
        raise StoreRefused(message) from None
    except PermissionError as error:
        message = f"{error.filename} cannot be written to: change its permissions"
        raise StoreRefused(message) from None
    return lock


def _check_directory(path: Path) -> None:
    folder = path.resolve().parent
    if not folder.is_dir():
        message = f"{folder} does not exist: make it, or give another --database-url"
        raise StoreRefused(message)
    if not os.access(folder, os.W_OK):
        message = f"{folder} cannot be written to: give another --database-url"
        raise StoreRefused(message)


def _check_file(path: Path, access: int) -> None:
    """Raises StoreRefused unless the file is new, empty or one of ours."""
    if sqlite3.sqlite_version_info < _SQLITE_OLDEST:
        message = f"SQLite {sqlite3.sqlite_version} is too old: 3.38 is needed"
        raise StoreRefused(message)
    if not path.exists() or path.stat().st_size == 0:
        return
    if not os.access(path, access):
        doing = "written to" if access & os.W_OK else "read"
        message = f"{path} cannot be {doing}: change its permissions"
        raise StoreRefused(message)
    if path.is_dir() or not (_is_sqlite_file(path) and _is_ours(path)):
        message = f"{path} is not a points database: give another --database-url"
        raise StoreRefused(message)


def _is_sqlite_file(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC


def _is_ours(path: Path) -> bool:
    """Says whether the file is marked as ours, or is still without any table.

    A server that dies in its first start leaves a header and no more. Raises
    StoreRefused for one of ours that cannot be read, for it may be damaged.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        try:
            (mark,) = connection.execute("PRAGMA application_id").fetchone()
            tables = connection.execute("SELECT count(*) FROM sqlite_master")
            return bool(mark == APPLICATION_ID or tables.fetchone() == (0,))
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not _is_marked(path):
                return False
            message = f"cannot open {path}: {words_of(error)}"
            raise StoreRefused(message) from error


def _is_marked(path: Path) -> bool:
    """Says whether the header has our mark, whatever follows it."""
    with path.open("rb") as file:
        file.seek(_MARK_AT)
        return file.read(4) == APPLICATION_ID.to_bytes(4)


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Turns an error of the driver while opening into words."""
    try:
        yield
    except (DBAPIError, UnicodeDecodeError) as error:
        said = words_of(driver_error_of(error)).strip().splitlines()[0]
        raise StoreRefused(f"cannot open {place_of(url)}: {said}") from error
    except UnicodeError as error:
        said = "no host can have that name: give another --database-url"
        raise StoreRefused(f"cannot open {place_of(url)}: {said}") from error


@contextmanager
def _closing(backend: Backend) -> Iterator[Backend]:
    try:
        yield backend
    finally:
        backend.close()


def _backend(url: URL) -> Backend:
    if _is_sqlite(url):
        return SqliteBackend(Path(url.database or ""))
    # SQLite does without the driver of the other one.
    databases = import_module("points.store.databases.postgresql")
    backend: Backend = databases.PostgresqlBackend(url)
    return backend


def _is_sqlite(url: URL) -> bool:
    return url.drivername == "sqlite"
