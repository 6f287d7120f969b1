"""Exports of small stores, and all that is in a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from points.store.opening import Store
from points.store.transport import write_export
from tests.store.build import rows


PARTS: Final = 3
TABLES: Final = {
    "head": "part",
    "member": "part, member_id",
    "account": "part, account, unit",
    "lot": "part, number",
    "hold": "part, number",
    "reversal": "part, number",
    "program_version": "part, version",
    "counter": "part, name, start_time",
    "record": "part, number",
}


def exported(store: Store, path: Path) -> bytes:
    """Writes an export of the store and returns it."""
    with path.open("wb") as file:
        write_export(store, file)
    return path.read_bytes()


def everything(store: Store) -> dict[str, list[Any]]:
    """Returns all rows of all tables."""
    return {
        table: rows(store, f"SELECT * FROM {table} ORDER BY {key}")
        for table, key in TABLES.items()
    }
