"""Fresh databases of each kind, by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from points.store.opening import open_store
from tests.postgresql.server import running_server


DATABASES: Final = ("sqlite", "postgresql")


@contextmanager
def fresh_database(name: str, folder: Path) -> Iterator[str]:
    """Yields the URL of a new database of a kind, gone at the end of the block."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'points.db'}"
        return
    with running_server() as server, server.fresh_database() as url:
        with open_store(url, migrating=True):
            pass  # A server makes no tables where several may be starting at once.
        yield url
