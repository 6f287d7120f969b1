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

from points.domain.bounds import TIME_MAX


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
    Column("last_hold_number", Count, nullable=False),
    Column("closed_time", Count, nullable=False),
    # The last version of the program that was applied: the same in every part.
    Column("program_version", Count, nullable=False),
    Column("chain", Text, nullable=False),
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
    Column("merged_into", Name, nullable=False),
    # The pool it earns by, and the member it earns for; empty for most.
    Column("pool", Name, nullable=False),
    Column("pools_into", Name, nullable=False),
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
    Column("limits", Text, nullable=False),
    Column("usage", Text, nullable=False),
    Column("shortfall", Count, nullable=False),
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
    Column("held", Count, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("expiry", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("ended", Count, nullable=False),
    # The expiry of which notice was given, so that it is given once for each.
    Column("noticed_time", Count, nullable=False),
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

hold: Final = _table(
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

reversal: Final = _table(
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

# What each member has done, as rules, caps and ladders count it: JSON.
progress: Final = _table(
    "progress",
    Column("part", Integer, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("part", "member_id", name="progress_pk"),
    hot=True,
)

# Beside the records, which have the digest alone: documents may be large, and are
# the same for every part. They stand in part 0.
program_version: Final = _table(
    "program_version",
    Column("part", Integer, nullable=False),
    Column("version", Count, nullable=False),
    Column("digest", Text, nullable=False),
    Column("effective_time", Count, nullable=False),
    Column("apply_time", Count, nullable=False),
    Column("operator", Name, nullable=False),
    Column("reason", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("part", "version", name="program_version_pk"),
)

# What members share: named by what it counts, in the part of that name.
counter: Final = _table(
    "counter",
    Column("part", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("start_time", Count, nullable=False),
    Column("end_time", Count, nullable=False),
    Column("used", Count, nullable=False),
    Column("granted", Count, nullable=False),
    PrimaryKeyConstraint("part", "name", "start_time", name="counter_pk"),
    CheckConstraint(
        "used >= 0 AND (substr(name, 1, 6) <> 'funds:' OR used <= granted)",
        name="counter_used_in_bounds",
    ),
    hot=True,
)

# Where each member stands on each ladder on which anything ever moved.
standing: Final = _table(
    "standing",
    Column("part", Integer, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("ladder", Name, nullable=False),
    Column("tier", Name, nullable=False),
    Column("since_time", Count, nullable=False),
    Column("until_time", Count, nullable=False),
    Column("lose_time", Count, nullable=False),
    Column("floor", Name, nullable=False),
    Column("floor_until_time", Count, nullable=False),
    Column("due_time", Count, nullable=False),
    Column("cause", Text, nullable=False),
    Column("update_time", Count, nullable=False),
    Column("earned", Name, nullable=False),
    Column("earned_time", Count, nullable=False),
    Column("base", Name, nullable=False),
    Column("history", Text, nullable=False),
    # The last end of a tier that was announced, 0 for none.
    Column("noticed_time", Count, nullable=False),
    PrimaryKeyConstraint("part", "member_id", "ladder", name="standing_pk"),
    hot=True,
)

Index(
    "standing_in_tier",
    standing.c.ladder,
    standing.c.tier,
    standing.c.part,
    standing.c.member_id,
)

# What the sweep looks for, and what lists work out anew.
Index(
    "standing_due",
    standing.c.due_time,
    standing.c.part,
    standing.c.member_id,
    sqlite_where=text("due_time < 9223372036854775807"),
    postgresql_where=text("due_time < 9223372036854775807"),
)

# Points that wait to be collected: by the record that made them, in its order.
claim: Final = _table(
    "claim",
    Column("part", Integer, nullable=False),
    Column("number", Count, nullable=False),
    Column("position", Count, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("rule_id", Name, nullable=False),
    Column("award_number", Count, nullable=False),
    Column("unit", Name, nullable=False),
    Column("points", Count, nullable=False),
    Column("create_time", Count, nullable=False),
    Column("lapse_time", Count, nullable=False),
    # The budget that it waits for; empty if what pays for it was reserved.
    Column("budget", Name, nullable=False),
    Column("state", Text, nullable=False),
    Column("claim_record", Count, nullable=False),
    # The counter of the budget that has paid for it, and its period; empty for none.
    Column("reserve", Name, nullable=False),
    Column("reserve_start", Count, nullable=False),
    Column("reserve_end", Count, nullable=False),
    PrimaryKeyConstraint("part", "number", "position", name="claim_pk"),
    hot=True,
)

_CLAIM_ORDER: Final = (
    claim.c.part,
    claim.c.member_id,
    claim.c.number,
    claim.c.position,
)
Index("claim_of_member", *_CLAIM_ORDER)
Index(
    "claim_open",
    *_CLAIM_ORDER,
    sqlite_where=text("state = 'OPEN'"),
    postgresql_where=text("state = 'OPEN'"),
)

Index(
    "claim_reserved",
    claim.c.lapse_time,
    claim.c.part,
    claim.c.number,
    claim.c.position,
    sqlite_where=text("state = 'OPEN' AND reserve <> ''"),
    postgresql_where=text("state = 'OPEN' AND reserve <> ''"),
)

# What plugins keep of members and objects, and the jobs that wait.
document: Final = _table(
    "document",
    Column("part", Integer, nullable=False),
    Column("plugin", Name, nullable=False),
    Column("collection", Name, nullable=False),
    Column("owner", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("version", Count, nullable=False),
    Column("body", Text, nullable=False),
    Column("due_time", Count, nullable=False),
    PrimaryKeyConstraint(
        "part", "plugin", "collection", "owner", "key", name="document_pk"
    ),
    hot=True,
)

# The jobs that the sweep looks for.
Index(
    "document_due",
    document.c.due_time,
    document.c.part,
    document.c.plugin,
    document.c.collection,
    document.c.owner,
    document.c.key,
    sqlite_where=text("due_time < 9223372036854775807"),
    postgresql_where=text("due_time < 9223372036854775807"),
)

# Lists of a collection over all owners.
Index(
    "document_of_collection",
    document.c.plugin,
    document.c.collection,
    document.c.owner,
    document.c.key,
    document.c.part,
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
