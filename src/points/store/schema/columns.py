"""What all tables are made of, on both databases."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem


metadata: Final = MetaData()

# STRICT tables of SQLite know INTEGER only, and BINARY is its default collation.
Count = BigInteger().with_variant(Integer(), "sqlite")
Small = SmallInteger().with_variant(Integer(), "sqlite")
Name = Text().with_variant(Text(collation="C"), "postgresql")


def table(name: str, *parts: SchemaItem, hot: bool = False) -> Table:
    """Returns a table; a `hot` one leaves room on its pages for updates in place."""
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 70} if hot else {},
    )
