"""The fixtures: pytest knows them by `-p points.testing.fixtures`.

What they need is imported when they are asked for, not whenever pytest starts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest


if TYPE_CHECKING:
    from pathlib import Path

    from points.plugin.host import Host
    from points.testing.bench import Bench
    from points.testing.served import Served


DATABASE_VARIABLE: Final = "POINTS_TEST_DATABASE_URL"
"""Names a PostgreSQL server, in which every test gets a database of its own."""

_DATABASES: Final = (
    "sqlite",
    *(["postgresql"] if DATABASE_VARIABLE in os.environ else []),
)


@pytest.fixture(scope="session")
def points_empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a SQLite file with the tables and nothing in them, to be copied."""
    from points.store.opening import open_store  # noqa: PLC0415 - see above
    from points.testing.bench import PARTS  # noqa: PLC0415 - see above

    path = tmp_path_factory.mktemp("points") / "empty.db"
    with open_store(f"sqlite:///{path}", part_count=PARTS):
        return path


@pytest.fixture(scope="session")
def points_postgresql() -> str:
    """Returns the address of a PostgreSQL server. Override it to have another one."""
    return os.environ[DATABASE_VARIABLE]


@pytest.fixture(params=_DATABASES)
def points_database(
    request: pytest.FixtureRequest, tmp_path: Path, points_empty_file: Path
) -> Iterator[str]:
    """Yields the URL of an empty database; of PostgreSQL too if an address is given."""
    if request.param == "sqlite":
        path = tmp_path / "points.db"
        shutil.copyfile(points_empty_file, path)
        yield f"sqlite:///{path}"
        return
    from points.testing.databases import fresh_database  # noqa: PLC0415 - see above

    server_url = request.getfixturevalue("points_postgresql")
    with fresh_database(server_url, f"points_test_{uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture(scope="session")
def points_host() -> Host:
    """Returns the plugins that take part: all installed ones, which must all load.

    Override it to have others.
    """
    from points.plugin.host import load_plugins  # noqa: PLC0415 - see above

    host = load_plugins().started()
    statuses = [status for status in host.statuses if not status.takes_part]
    wrong = [f"{each.name} {each.state}: {each.reason}" for each in statuses]
    if wrong:
        pytest.fail("; ".join(wrong))
    return host


@pytest.fixture
def bench(points_database: str, points_host: Host) -> Iterator[Bench]:
    """Yields an engine with the plugins; its books are checked after the test."""
    from points.testing.bench import Bench, running_bench  # noqa: PLC0415 - see above

    with running_bench(Bench(points_database, points_host.registry)) as running:
        yield running


@pytest.fixture
def served(points_database: str, points_host: Host) -> Iterator[Served]:
    """Yields a server with the plugins, in this process."""
    from points.testing.served import running_served  # noqa: PLC0415 - see above

    with running_served(points_database, points_host) as running:
        yield running
