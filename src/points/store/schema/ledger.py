"""Tables of the ledger: members, what they have, and every record."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

from points.domain.bounds import TIME_MAX
from points.store.schema.columns import Count, Name, Small, table


layout: Final = table(
    "layout",
    Column("part", Integer, nullable=False),
    # How many parts there are: chosen once, for all routing depends on it.
    Column("part_count", Integer, nullable=False),
    PrimaryKeyConstraint("part", name="layout_pk"),
)

head: Final = table(
    "head",
    Column("part", Integer, nullable=False),
    Column("last_number", Count, nullable=False),
    Column("last_lot_number", Count, nullable=False),
    Column("last_time", Count, nullable=False),
    Column("last_hold_number", Count, nullable=False),
    Column("closed_time", Count, nullable=False),
    # The last version of the program that was applied: the same in every part.
    Column("program_version", Count, nullable=False),
    Column("chain", Text, nullable=False),
    PrimaryKeyConstraint("part", name="head_pk"),
    hot=True,
)

member: Final = table(
    "member",
    Column("part", Integer, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("state", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("create_time", Count, nullable=False),
    Column("update_time", Count, nullable=False),
    Column("version", Count, nullable=False),
    Column("merged_into", Name, nullable=False),
    # The pool it earns by, and the member it earns for; empty for most.
    Column("pool", Name, nullable=False),
    Column("pools_into", Name, nullable=False),
    PrimaryKeyConstraint("part", "member_id", name="member_pk"),
)

account: Final = table(
    "account",
    Column("part", Integer, nullable=False),
    Column("account", Name, nullable=False),
    Column("unit", Name, nullable=False),
    Column("balance", Count, nullable=False),
    Column("floor", Count, nullable=False),
    Column("lifetime_earned", Count, nullable=False),
    Column("lifetime_burned", Count, nullable=False),
    Column("lifetime_expired", Count, nullable=False),
    Column("limits", Text, nullable=False),
    Column("usage", Text, nullable=False),
    Column("shortfall", Count, nullable=False),
    PrimaryKeyConstraint("part", "account", "unit", name="account_pk"),
    CheckConstraint("balance >= floor", name="account_balance_at_least_floor"),
    hot=True,
)

lot: Final = table(
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
    Column("held", Count, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("expiry", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("ended", Count, nullable=False),
    # The expiry of which notice was given, so that it is given once for each.
    Column("noticed_time", Count, nullable=False),
    # Who has earned what a pool got: merges may bring it back to that member.
    Column("earner", Name, nullable=False, server_default=""),
    # 1 once nothing is left: sorts drawn lots behind those that can be drawn, so
    # that one index serves both a burn and the list of all lots.
    Column("is_drawn", Small, nullable=False),
    PrimaryKeyConstraint("part", "number", name="lot_pk"),
    CheckConstraint(
        "remaining >= 0 AND held >= 0 AND remaining + held <= points",
        name="lot_remaining_in_bounds",
    ),
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

# What the sweep looks for: lots that have expired and are not empty. A statement
# has to say `expire_time < 9223372036854775807`, or it is not for this index: burns
# do not, for they would go through the lots of all members in it.
_IS_DUE: Final = text("is_drawn = 0 AND expire_time < 9223372036854775807")
Index(
    "lot_due",
    lot.c.expire_time,
    lot.c.part,
    lot.c.number,
    sqlite_where=_IS_DUE,
    postgresql_where=_IS_DUE,
)

# What advance notice is still to be given of, by unit: not all have a notice period.
# Other words for a lot that expires than above, or SQLite might take that index and
# go through all that has been announced.
_IS_UNNOTICED: Final = text(
    f"is_drawn = 0 AND noticed_time <> expire_time AND expire_time <= {TIME_MAX}"
)
Index(
    "lot_unnoticed",
    lot.c.unit,
    lot.c.expire_time,
    lot.c.part,
    lot.c.number,
    sqlite_where=_IS_UNNOTICED,
    postgresql_where=_IS_UNNOTICED,
)

hold: Final = table(
    "hold",
    Column("part", Integer, nullable=False),
    Column("number", Count, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("unit", Name, nullable=False),
    Column("points", Count, nullable=False),
    # What is still open: JSON of lot, points and expiry, the first first.
    Column("draws", Text, nullable=False),
    Column("captured_points", Count, nullable=False),
    Column("voided_points", Count, nullable=False),
    Column("state", Text, nullable=False),
    Column("place_time", Count, nullable=False),
    Column("lapse_time", Count, nullable=False),
    Column("update_time", Count, nullable=False),
    Column("on_timeout", Text, nullable=False),
    Column("freeze_expiry", Small, nullable=False),
    Column("sink", Name, nullable=False),
    Column("reason", Text, nullable=False),
    Column("record_number", Count, nullable=False),
    PrimaryKeyConstraint("part", "number", name="hold_pk"),
    hot=True,
)

Index("hold_of_member", hold.c.part, hold.c.member_id, hold.c.number)

# What commands settle before they draw, and what the sweep looks for.
Index(
    "hold_open",
    hold.c.part,
    hold.c.member_id,
    hold.c.unit,
    hold.c.lapse_time,
    sqlite_where=text("state = 'OPEN'"),
    postgresql_where=text("state = 'OPEN'"),
)
Index(
    "hold_due",
    hold.c.lapse_time,
    hold.c.part,
    hold.c.number,
    sqlite_where=text("state = 'OPEN'"),
    postgresql_where=text("state = 'OPEN'"),
)

reversal: Final = table(
    "reversal",
    Column("part", Integer, nullable=False),
    # The number of the record that is reversed.
    Column("number", Count, nullable=False),
    Column("reversed_points", Count, nullable=False),
    # What was returned of an activity, by item and unit: JSON, empty for others.
    Column("returned", Text, nullable=False),
    PrimaryKeyConstraint("part", "number", name="reversal_pk"),
    hot=True,
)

record: Final = table(
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
    # The number of the record that this one reverses, 0 for none.
    Column("reverses", Count, nullable=False),
    # The version of the program that it was decided under.
    Column("program_version", Count, nullable=False),
    Column("body", Text, nullable=False),
    # Attributes and metadata with their salt: the body has their digest, so that
    # they can be erased and the chain still holds.
    Column("personal", Text, nullable=False),
    Column("chain", Text, nullable=False),
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

Index(
    "record_reverses",
    record.c.part,
    record.c.reverses,
    record.c.number,
    sqlite_where=text("reverses > 0"),
    postgresql_where=text("reverses > 0"),
)

# Statements by the time at which things happened: only what was dated back, for
# all else follows the order of the records.
Index(
    "record_dated_back",
    record.c.part,
    record.c.member_id,
    record.c.effective_time,
    record.c.number,
    sqlite_where=text("is_transaction = 1 AND effective_time < record_time"),
    postgresql_where=text("is_transaction = 1 AND effective_time < record_time"),
)
