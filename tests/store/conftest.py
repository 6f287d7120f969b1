"""Fixtures: stores between which ledgers are carried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.store.opening import Store
from tests.postgresql.server import PostgresServer
from tests.store.cleaning import file_opened_once, opened_once
from tests.store.exporting import PARTS


@pytest.fixture(scope="module")
def stores(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    """Yields stores with few parts: two in SQLite files, one on PostgreSQL."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    with (
        file_opened_once(first, part_count=PARTS) as sqlite,
        file_opened_once(second, part_count=PARTS) as another,
        opened_once(postgres_server, part_count=PARTS) as postgresql,
    ):
        yield {"sqlite": sqlite, "another": another, "postgresql": postgresql}
