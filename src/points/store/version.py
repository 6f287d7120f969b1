"""The version of the schema: what the database has, and what this program works with.

Every start asks for it; only a migration needs Alembic, which takes long to import.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select, text


VERSION_TABLE: Final = "alembic_version_core"

NEWEST_VERSION: Final = "2026_11_22_lot_earner"
"""What this program works with: the last of `migrations`."""

_LOCK_KEY: Final = 0x506F_696E_7473
"""Advisory lock that keeps two migrations of one database apart: "Points"."""

# The table is Alembic's own: it is no part of the schema.
_versions: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))


def current_version(connection: Connection) -> str | None:
    """Returns the version of the schema in the database, None if it has none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_versions.c.version_num)).scalar_one_or_none()


def lock_migrations(connection: Connection) -> None:
    """Keeps migrations of other processes waiting until the transaction ends."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _LOCK_KEY})
