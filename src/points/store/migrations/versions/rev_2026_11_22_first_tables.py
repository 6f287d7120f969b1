"""Makes the first tables: heads, members, accounts, lots, holds and records.

Frozen: ledgers were made with it. What they need beyond is another migration.

Revision ID: 2026_11_22_first_tables
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op


revision = "2026_11_22_first_tables"
down_revision = None
branch_labels = None
depends_on = None

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables, and a head for each part."""
    _layout()
    _head()
    _member()
    _account()
    _lot()
    _hold()
    _reversal()
    _progress()
    _program_version()
    _counter()
    _standing()
    _claim()
    _document()
    _record()


def _layout() -> None:
    layout = _create(
        "layout",
        _required("part", sa.Integer()),
        _required("part_count", sa.Integer()),
        sa.PrimaryKeyConstraint("part", name="layout_pk"),
    )
    part_count = context.config.attributes["part_count"]
    op.bulk_insert(layout, [{"part": 0, "part_count": part_count}])


def _head() -> None:
    heads = _create(
        "head",
        _required("part", sa.Integer()),
        _required("last_number", _COUNT),
        _required("last_lot_number", _COUNT),
        _required("last_time", _COUNT),
        _required("last_hold_number", _COUNT),
        _required("closed_time", _COUNT),
        _required("program_version", _COUNT),
        _required("chain", sa.Text()),
        sa.PrimaryKeyConstraint("part", name="head_pk"),
        hot=True,
    )
    numbers = ("last_number", "last_lot_number", "last_time", "last_hold_number")
    others = ("closed_time", "program_version")
    fresh = {**dict.fromkeys((*numbers, *others), 0), "chain": ""}
    part_count = context.config.attributes["part_count"]
    op.bulk_insert(heads, [{"part": part, **fresh} for part in range(part_count)])


def _member() -> None:
    _create(
        "member",
        _required("part", sa.Integer()),
        _required("member_id", _NAME),
        _required("state", sa.Text()),
        _required("attributes", sa.Text()),
        _required("create_time", _COUNT),
        _required("update_time", _COUNT),
        _required("version", _COUNT),
        _required("merged_into", _NAME),
        _required("pool", _NAME),
        _required("pools_into", _NAME),
        sa.PrimaryKeyConstraint("part", "member_id", name="member_pk"),
    )


def _account() -> None:
    _create(
        "account",
        _required("part", sa.Integer()),
        _required("account", _NAME),
        _required("unit", _NAME),
        _required("balance", _COUNT),
        _required("floor", _COUNT),
        _required("lifetime_earned", _COUNT),
        _required("lifetime_burned", _COUNT),
        _required("lifetime_expired", _COUNT),
        _required("limits", sa.Text()),
        _required("usage", sa.Text()),
        _required("shortfall", _COUNT),
        sa.PrimaryKeyConstraint("part", "account", "unit", name="account_pk"),
        sa.CheckConstraint("balance >= floor", name="account_balance_at_least_floor"),
        hot=True,
    )


def _lot() -> None:
    bounds = "remaining >= 0 AND held >= 0 AND remaining + held <= points"
    _create(
        "lot",
        _required("part", sa.Integer()),
        _required("number", _COUNT),
        _required("member_id", _NAME),
        _required("unit", _NAME),
        _required("points", _COUNT),
        _required("remaining", _COUNT),
        _required("earn_time", _COUNT),
        _required("activate_time", _COUNT),
        _required("expire_time", _COUNT),
        _required("record_number", _COUNT),
        _required("held", _COUNT),
        _required("waits_for", sa.Text()),
        _required("expiry", sa.Text()),
        _required("origin", sa.Text()),
        _required("ended", _COUNT),
        _required("noticed_time", _COUNT),
        _required("is_drawn", _SMALL),
        sa.PrimaryKeyConstraint("part", "number", name="lot_pk"),
        sa.CheckConstraint(bounds, name="lot_remaining_in_bounds"),
        hot=True,
    )
    order = ["part", "member_id", "is_drawn", "unit", "expire_time", "number"]
    op.create_index("lot_draw_order", "lot", order)
    due = ["expire_time", "part", "number"]
    is_due = "is_drawn = 0 AND expire_time < 9223372036854775807"
    _index_some("lot_due", "lot", due, is_due)
    unnoticed = (
        "is_drawn = 0 AND noticed_time <> expire_time"
        " AND expire_time <= 253402300799999999"
    )
    _index_some("lot_unnoticed", "lot", ["unit", *due], unnoticed)


def _hold() -> None:
    _create(
        "hold",
        _required("part", sa.Integer()),
        _required("number", _COUNT),
        _required("member_id", _NAME),
        _required("unit", _NAME),
        _required("points", _COUNT),
        _required("draws", sa.Text()),
        _required("captured_points", _COUNT),
        _required("voided_points", _COUNT),
        _required("state", sa.Text()),
        _required("place_time", _COUNT),
        _required("lapse_time", _COUNT),
        _required("update_time", _COUNT),
        _required("on_timeout", sa.Text()),
        _required("freeze_expiry", _SMALL),
        _required("sink", _NAME),
        _required("reason", sa.Text()),
        _required("record_number", _COUNT),
        sa.PrimaryKeyConstraint("part", "number", name="hold_pk"),
        hot=True,
    )
    op.create_index("hold_of_member", "hold", ["part", "member_id", "number"])
    is_open = "state = 'OPEN'"
    order = ["part", "member_id", "unit", "lapse_time"]
    _index_some("hold_open", "hold", order, is_open)
    _index_some("hold_due", "hold", ["lapse_time", "part", "number"], is_open)


def _reversal() -> None:
    _create(
        "reversal",
        _required("part", sa.Integer()),
        _required("number", _COUNT),
        _required("reversed_points", _COUNT),
        _required("returned", sa.Text()),
        sa.PrimaryKeyConstraint("part", "number", name="reversal_pk"),
        hot=True,
    )


def _progress() -> None:
    _create(
        "progress",
        _required("part", sa.Integer()),
        _required("member_id", _NAME),
        _required("body", sa.Text()),
        sa.PrimaryKeyConstraint("part", "member_id", name="progress_pk"),
        hot=True,
    )


def _counter() -> None:
    _create(
        "counter",
        _required("part", sa.Integer()),
        _required("name", _NAME),
        _required("start_time", _COUNT),
        _required("end_time", _COUNT),
        _required("used", _COUNT),
        _required("granted", _COUNT),
        sa.PrimaryKeyConstraint("part", "name", "start_time", name="counter_pk"),
        sa.CheckConstraint(
            "used >= 0 AND (substr(name, 1, 6) <> 'funds:' OR used <= granted)",
            name="counter_used_in_bounds",
        ),
        hot=True,
    )


def _program_version() -> None:
    _create(
        "program_version",
        _required("part", sa.Integer()),
        _required("version", _COUNT),
        _required("digest", sa.Text()),
        _required("effective_time", _COUNT),
        _required("apply_time", _COUNT),
        _required("operator", _NAME),
        _required("reason", sa.Text()),
        _required("units", sa.Text()),
        _required("document", sa.Text()),
        sa.PrimaryKeyConstraint("part", "version", name="program_version_pk"),
    )


def _record() -> None:
    key = ("part", "member_id", "request_id")
    _create(
        "record",
        _required("part", sa.Integer()),
        _required("number", _COUNT),
        _required("member_id", _NAME),
        _required("request_id", _NAME),
        _required("kind", sa.Text()),
        _required("channel", sa.Text()),
        _required("is_transaction", _SMALL),
        _required("fingerprint", sa.Text()),
        _required("effective_time", _COUNT),
        _required("record_time", _COUNT),
        _required("reverses", _COUNT),
        _required("program_version", _COUNT),
        _required("body", sa.Text()),
        _required("personal", sa.Text()),
        _required("chain", sa.Text()),
        sa.PrimaryKeyConstraint("part", "number", name="record_pk"),
        sa.UniqueConstraint(*key, name="record_request_id"),
    )
    statement = ["part", "member_id", "number"]
    _index_some("record_statement", "record", statement, "is_transaction = 1")
    reverses = ["part", "reverses", "number"]
    _index_some("record_reverses", "record", reverses, "reverses > 0")
    effective = ["part", "member_id", "effective_time", "number"]
    dated_back = "is_transaction = 1 AND effective_time < record_time"
    _index_some("record_dated_back", "record", effective, dated_back)


def _standing() -> None:
    _create(
        "standing",
        _required("part", sa.Integer()),
        _required("member_id", _NAME),
        _required("ladder", _NAME),
        _required("tier", _NAME),
        _required("since_time", _COUNT),
        _required("until_time", _COUNT),
        _required("lose_time", _COUNT),
        _required("floor", _NAME),
        _required("floor_until_time", _COUNT),
        _required("due_time", _COUNT),
        _required("cause", sa.Text()),
        _required("update_time", _COUNT),
        _required("earned", _NAME),
        _required("earned_time", _COUNT),
        _required("base", _NAME),
        _required("history", sa.Text()),
        _required("noticed_time", _COUNT),
        sa.PrimaryKeyConstraint("part", "member_id", "ladder", name="standing_pk"),
        hot=True,
    )
    in_tier = ["ladder", "tier", "part", "member_id"]
    op.create_index("standing_in_tier", "standing", in_tier)
    due = ["due_time", "part", "member_id"]
    _index_some("standing_due", "standing", due, "due_time < 9223372036854775807")


def _claim() -> None:
    _create(
        "claim",
        _required("part", sa.Integer()),
        _required("number", _COUNT),
        _required("position", _COUNT),
        _required("member_id", _NAME),
        _required("rule_id", _NAME),
        _required("award_number", _COUNT),
        _required("unit", _NAME),
        _required("points", _COUNT),
        _required("create_time", _COUNT),
        _required("lapse_time", _COUNT),
        _required("budget", _NAME),
        _required("state", sa.Text()),
        _required("claim_record", _COUNT),
        _required("reserve", _NAME),
        _required("reserve_start", _COUNT),
        _required("reserve_end", _COUNT),
        sa.PrimaryKeyConstraint("part", "number", "position", name="claim_pk"),
        hot=True,
    )
    order = ["part", "member_id", "number", "position"]
    op.create_index("claim_of_member", "claim", order)
    _index_some("claim_open", "claim", order, "state = 'OPEN'")
    due = ["lapse_time", "part", "number", "position"]
    _index_some("claim_reserved", "claim", due, "state = 'OPEN' AND reserve <> ''")


def _document() -> None:
    key = ["part", "plugin", "collection", "owner", "key"]
    _create(
        "document",
        _required("part", sa.Integer()),
        _required("plugin", _NAME),
        _required("collection", _NAME),
        _required("owner", _NAME),
        _required("key", _NAME),
        _required("version", _COUNT),
        _required("body", sa.Text()),
        _required("due_time", _COUNT),
        sa.PrimaryKeyConstraint(*key, name="document_pk"),
        hot=True,
    )
    due = "due_time < 9223372036854775807"
    _index_some("document_due", "document", ["due_time", *key], due)
    of_collection = ["plugin", "collection", "owner", "key", "part"]
    op.create_index("document_of_collection", "document", of_collection)


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _create(name: str, *parts: Any, hot: bool = False) -> sa.Table:
    return op.create_table(
        name,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 70} if hot else {},
    )


def _index_some(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, sqlite_where=condition, postgresql_where=condition
    )
