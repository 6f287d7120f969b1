"""Holds the writer of a server up: from another connection, as another server would."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@contextmanager
def held_up(database_url: str, *, part: int | None = None) -> Iterator[None]:
    """Keeps every writer waiting for the length of the block, or for one part."""
    if database_url.startswith("sqlite"):
        with open_sqlite(database_url) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    with open_postgresql(database_url) as postgresql, postgresql.transaction():
        postgresql.execute(
            "SELECT part FROM head WHERE part = coalesce(%s, part) FOR UPDATE", [part]
        )
        yield


def execute(database_url: str, statement: str) -> None:
    """Changes a database behind the back of its server."""
    if database_url.startswith("sqlite"):
        with open_sqlite(database_url) as connection:
            connection.execute(statement)
        return
    with open_postgresql(database_url) as postgresql:
        postgresql.execute(statement.encode())


@contextmanager
def open_sqlite(database_url: str) -> Iterator[sqlite3.Connection]:
    """Yields a connection of its own to the file, which commits by itself."""
    path = Path(make_url(database_url).database or "")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@contextmanager
def open_postgresql(database_url: str) -> Iterator[psycopg.Connection]:
    """Yields a connection of its own to the database, which commits by itself."""
    url = make_url(database_url).set(drivername="postgresql")
    text = url.render_as_string(hide_password=False)
    with psycopg.connect(text, autocommit=True) as connection:
        yield connection
