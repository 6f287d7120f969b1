"""Fixtures: stores to share, stores to spoil, and stores on one database only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.store.opening import Store, open_store
from tests.postgresql.server import PostgresServer
from tests.store.cleaning import emptied, file_opened_once, opened_once


@pytest.fixture(scope="package")
def reused_postgresql_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL that is emptied before each test."""
    with opened_once(postgres_server) as opened:
        yield opened


@pytest.fixture(scope="package")
def reused_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yields a store in a SQLite file that is emptied before each test."""
    with file_opened_once(tmp_path_factory.mktemp("sqlite")) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Returns an empty store on each database, whose schema must be left alone."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture
def fresh_store(database_url: str) -> Iterator[Store]:
    """Yields a store of this test alone on each database."""
    with open_store(database_url, migrating=True) as opened:
        yield opened


@pytest.fixture
def sqlite_store(reused_sqlite_store: Store) -> Store:
    """Returns an empty store in a SQLite file, whose schema must be left alone."""
    return emptied(reused_sqlite_store)


@pytest.fixture
def postgresql_store(reused_postgresql_store: Store) -> Store:
    """Returns an empty store on PostgreSQL, whose schema must be left alone."""
    return emptied(reused_postgresql_store)
