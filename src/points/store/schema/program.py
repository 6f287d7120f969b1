"""Tables of what the program and plugins keep beside the ledger."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    text,
)

from points.store.schema.columns import Count, Name, table


# What each member has done, as rules, caps and ladders count it: JSON.
progress: Final = table(
    "progress",
    Column("part", Integer, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("part", "member_id", name="progress_pk"),
    hot=True,
)

# Beside the records, which have the digest alone: documents may be large, and are
# the same for every part. They stand in part 0.
program_version: Final = table(
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
counter: Final = table(
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
standing: Final = table(
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
claim: Final = table(
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
document: Final = table(
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
