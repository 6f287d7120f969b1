"""The tables. `record` is the truth; all others follow from it and can be rebuilt.

Every key begins with `part`, so that a part can be locked, verified and moved by
itself. Instants are microseconds since 1970 in UTC; texts that are compared are
compared byte by byte on both databases.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem


metadata: Final = MetaData()

# STRICT tables of SQLite know INTEGER only, and BINARY is its default collation.
Count = BigInteger().with_variant(Integer(), "sqlite")
Small = SmallInteger().with_variant(Integer(), "sqlite")
Name = Text().with_variant(Text(collation="C"), "postgresql")


def _table(name: str, *parts: SchemaItem, hot: bool = False) -> Table:
    """Returns a table; a `hot` one leaves room on its pages for updates in place."""
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 70} if hot else {},
    )


layout: Final = _table(
    "layout",
    Column("part", Integer, nullable=False),
    # How many parts there are: chosen once, for all routing depends on it.
    Column("part_count", Integer, nullable=False),
    PrimaryKeyConstraint("part", name="layout_pk"),
)

head: Final = _table(
    "head",
    Column("part", Integer, nullable=False),
    Column("last_number", Count, nullable=False),
    Column("last_lot_number", Count, nullable=False),
    Column("last_time", Count, nullable=False),
    PrimaryKeyConstraint("part", name="head_pk"),
    hot=True,
)

member: Final = _table(
    "member",
    Column("part", Integer, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("state", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("create_time", Count, nullable=False),
    Column("update_time", Count, nullable=False),
    Column("version", Count, nullable=False),
    PrimaryKeyConstraint("part", "member_id", name="member_pk"),
)

account: Final = _table(
    "account",
    Column("part", Integer, nullable=False),
    Column("account", Name, nullable=False),
    Column("unit", Name, nullable=False),
    Column("balance", Count, nullable=False),
    Column("floor", Count, nullable=False),
    Column("lifetime_earned", Count, nullable=False),
    Column("lifetime_burned", Count, nullable=False),
    Column("lifetime_expired", Count, nullable=False),
    PrimaryKeyConstraint("part", "account", "unit", name="account_pk"),
    CheckConstraint("balance >= floor", name="account_balance_at_least_floor"),
    hot=True,
)

lot: Final = _table(
    "lot",
    Column("part", Integer, nullable=False),
    Column("number", Count, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("unit", Name, nullable=False),
    Column("points", Count, nullable=False),
    Column("remaining", Count, nullable=False),
    Column("earn_time", Count, nullable=False),
    Column("activate_time", Count, nullable=False),
    Column("expire_time", Count, nullable=False),
    Column("record_number", Count, nullable=False),
    # 1 once nothing is left: sorts drawn lots behind those that can be drawn, so
    # that one index serves both a burn and the list of all lots.
    Column("is_drawn", Small, nullable=False),
    PrimaryKeyConstraint("part", "number", name="lot_pk"),
    CheckConstraint("remaining BETWEEN 0 AND points", name="lot_remaining_in_bounds"),
    hot=True,
)

Index(
    "lot_draw_order",
    lot.c.part,
    lot.c.member_id,
    lot.c.is_drawn,
    lot.c.unit,
    lot.c.expire_time,
    lot.c.number,
)

record: Final = _table(
    "record",
    Column("part", Integer, nullable=False),
    Column("number", Count, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("request_id", Name, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("is_transaction", Small, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("effective_time", Count, nullable=False),
    Column("record_time", Count, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("part", "number", name="record_pk"),
    UniqueConstraint("part", "member_id", "request_id", name="record_request_id"),
)

Index(
    "record_statement",
    record.c.part,
    record.c.member_id,
    record.c.number,
    sqlite_where=text("is_transaction = 1"),
    postgresql_where=text("is_transaction = 1"),
)
