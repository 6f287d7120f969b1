"""Alembic, driven from code: no ini file, one version table for the core."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def migrate(connection: Connection, *, part_count: int, version: str = "head") -> None:
    """Brings the schema of the database to the newest version, or to an older one.

    `part_count` counts only when the tables are made: it can never be changed.
    """
    command.upgrade(_config(connection, part_count), version)


def newest_version() -> str | None:
    """Returns the version that a migration ends at."""
    return _scripts().get_current_head()


def known_versions() -> frozenset[str]:
    """Returns every version that this program can migrate from."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _config(connection: Connection | None, part_count: int) -> Config:
    config = Config(attributes={"connection": connection, "part_count": part_count})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _scripts() -> ScriptDirectory:
    """Reads the migrations once: they are part of the program."""
    return ScriptDirectory.from_config(_config(None, 0))
