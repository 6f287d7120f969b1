"""The statements of the writer in SQLite, and of some reads. See `sqlite`."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from sqlalchemy import Table

from points.domain.bounds import NEVER
from points.domain.values import Lot
from points.store.databases.backend import Keyed, column_names, key_names, on_conflict
from points.store.schema import account, claim, document, hold, lot
from points.store.texts.rows import LOT_PLAIN, LOT_RARE


@lru_cache
def fetch_sql(keyed: Keyed) -> str:
    """Returns the read: SQLite takes CROSS JOIN as an order, so keys drive it."""
    matches = " AND ".join(
        f"{keyed.table.name}.{name} = wanted.value ->> {position}"
        for position, name in enumerate(keyed.key)
    )
    index = f" INDEXED BY {keyed.index}" if keyed.index else ""
    return (
        f"SELECT json_group_array(json_array({keyed.columns}))"  # noqa: S608 - our names
        f" FROM json_each(?) AS wanted"
        f" CROSS JOIN {keyed.table.name}{index} ON {matches}"
    )


@lru_cache
def insert_sql(table: Table, *, replacing: bool = False) -> str:
    """Returns what inserts rows, or replaces them; they go as one JSON text."""
    names = column_names(table)
    values = ", ".join(f"given ->> {position}" for position in range(len(names)))
    # The LIMIT keeps SQLite from writing each row out anew for each of its columns.
    rows = f"SELECT {values} FROM (SELECT value AS given FROM json_each(?) LIMIT -1)"  # noqa: S608 - our names
    return _insert_of(table, rows, replacing=replacing)


@cache
def insert_rows_sql(table: Table, room: int, *, replacing: bool = False) -> str:
    """Returns what inserts rows, or replaces them; each value is a parameter.

    There is room for so many rows; a last parameter says how many there are.
    """
    row = f"({', '.join('?' * len(column_names(table)))})"
    values = ", ".join([row] * room)
    rows = f"SELECT * FROM (VALUES {values})"  # noqa: S608 - no names
    return _insert_of(table, rows, replacing=replacing, bound=" LIMIT ?")


def _insert_of(table: Table, rows: str, *, replacing: bool, bound: str = "") -> str:
    # Without a WHERE the parser takes ON CONFLICT for the ON of a join.
    names = ", ".join(column_names(table))
    told = f"INSERT INTO {table.name} ({names}) {rows} WHERE true{bound} "
    return told + on_conflict(table) if replacing else told


@lru_cache
def update_sql(table: Table, names: tuple[str, ...]) -> str:
    """Returns what changes these columns of rows."""
    key = key_names(table)
    places = range(len(key), len(key) + len(names))
    values = (
        f"{name} = given ->> {at}" for name, at in zip(names, places, strict=True)
    )
    matches = (f"{table.name}.{name} = given ->> {at}" for at, name in enumerate(key))
    return (
        f"UPDATE {table.name} SET {', '.join(values)}"  # noqa: S608 - our names
        " FROM (SELECT value AS given FROM json_each(?) LIMIT -1)"
        f" WHERE {' AND '.join(matches)}"
    )


@lru_cache
def assign_sql(table: Table, assignments: str) -> str:
    """Returns what changes rows alike."""
    return (
        f"UPDATE {table.name} SET {assignments} WHERE (part, number) IN ("  # noqa: S608 - our names
        "SELECT CAST(parts.key AS INTEGER), numbers.value FROM json_each(?) AS parts"
        " CROSS JOIN json_each(parts.value) AS numbers)"
    )


# SQLite compares a key of several columns with a list by the first of them alone, and
# would look through a whole part: what goes is marked by its key, then found by that.
GONE: Final = -1
"""Due time of a document that is about to be deleted: no other is ever due then."""

MARK_GONE: Final = update_sql(document, ("due_time",))

# The bound is that of the index of what is due.
DELETE_GONE: Final = (
    f"DELETE FROM document WHERE due_time = {GONE} AND due_time < {NEVER}"  # noqa: S608 - our names
)


_PLAIN: Final = ", ".join(f"json_group_array({name})" for name in LOT_PLAIN)
# In SQL a text is quoted as Python does it, as long as it is empty.
_DEFAULTS: Final = " AND ".join(
    f"{name} = {Lot._field_defaults[name]!r}" for name in LOT_RARE
)
_RARE: Final = f"iif({_DEFAULTS}, 0, json_array({', '.join(LOT_RARE)}))"

# Column by column: a text for each lot would be written twice.
OPEN_LOTS: Final = f"""
SELECT json_group_array((
       SELECT json_array({_PLAIN}, json_group_array({_RARE}))
         FROM (SELECT * FROM lot
                WHERE lot.part = wanted.value ->> 0
                  AND lot.member_id = wanted.value ->> 1
                  AND lot.unit = wanted.value ->> 2
                  AND lot.is_drawn = 0
                  AND lot.expire_time > ?
                  AND lot.activate_time <= ?
                ORDER BY lot.expire_time, lot.number
                LIMIT ?)))
  FROM json_each(?) AS wanted
"""  # noqa: S608 - our names

LAPSED_HOLDS: Final = f"""
SELECT json_group_array(json_array({Keyed(hold, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN hold ON hold.part = wanted.value ->> 0
                AND hold.member_id = wanted.value ->> 1
                AND hold.unit = wanted.value ->> 2
                AND hold.state = 'OPEN'
                AND hold.lapse_time <= ?
"""  # noqa: S608 - our names

EXPIRED_LOTS: Final = f"""
SELECT json_group_array(json_array({Keyed(lot, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN lot ON lot.part = wanted.value ->> 0
               AND lot.member_id = wanted.value ->> 1
               AND lot.unit = wanted.value ->> 2
               AND lot.is_drawn = 0
               AND lot.expire_time <= ?
"""  # noqa: S608 - our names

UNDRAWN_LOTS: Final = f"""
SELECT json_group_array(json_array({Keyed(lot, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN lot ON lot.part = wanted.value ->> 0 AND lot.number IN (
       SELECT undrawn.number FROM lot AS undrawn
        WHERE undrawn.part = wanted.value ->> 0
          AND undrawn.member_id = wanted.value ->> 1
          AND undrawn.is_drawn = 0
        LIMIT ?)
"""  # noqa: S608 - our names

DOCUMENTS: Final = """
SELECT json_group_array((
       SELECT json_group_array(json_array(key, version, body, due_time))
         FROM (SELECT * FROM document AS mine
                WHERE mine.part = wanted.value ->> 0
                  AND mine.plugin = wanted.value ->> 1
                  AND mine.collection = wanted.value ->> 2
                  AND mine.owner = wanted.value ->> 3
                  AND mine.key >= wanted.value ->> 4
                  AND mine.key <= wanted.value ->> 5
                ORDER BY mine.key
                LIMIT ?)))
  FROM json_each(?) AS wanted
"""

# SQLite knows nothing of how many rows there are: without a bound on every column
# of the index it would look through the whole part.
ERASE: Final = """
UPDATE record SET personal = ''
 WHERE (part, number) IN (
       SELECT mine.part, mine.number
         FROM json_each(?) AS wanted
        CROSS JOIN record AS mine ON mine.part = wanted.value ->> 0
                                 AND mine.member_id = wanted.value ->> 1
                                 AND mine.request_id > '')
   AND personal <> ''
"""

OPEN_HOLDS: Final = f"""
SELECT json_group_array(json_array({Keyed(hold, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN hold INDEXED BY hold_open ON hold.part = wanted.value ->> 0
                AND hold.member_id = wanted.value ->> 1
                AND hold.state = 'OPEN'
"""  # noqa: S608 - our names

OPEN_CLAIMS: Final = f"""
SELECT json_group_array(json_array({Keyed(claim, ("part",)).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN claim ON claim.part = wanted.value ->> 0
                 AND claim.member_id = wanted.value ->> 1
                 AND claim.state = 'OPEN'
                 AND claim.number IN (
       SELECT open.number FROM claim AS open INDEXED BY claim_open
        WHERE open.part = wanted.value ->> 0
          AND open.member_id = wanted.value ->> 1
          AND open.state = 'OPEN'
          AND (open.lapse_time > ? OR open.reserve <> '')
        ORDER BY open.number
        LIMIT ?)
"""  # noqa: S608 - our names

# The sums as `store.reads.reader` has them; the head's columns as `Glance` does.
GLANCES: Final = f"""
SELECT json_group_array(json_array(
       json_array(head.last_number, head.last_time, head.program_version),
       EXISTS (SELECT 1 FROM member
                WHERE member.part = wanted.value ->> 0
                  AND member.member_id = wanted.value ->> 1),
       (SELECT json_group_array(json_array({Keyed(account, ("part",)).columns}))
          FROM account
         WHERE account.part = wanted.value ->> 0
           AND account.account IN (wanted.value ->> 2, wanted.value ->> 3)),
       (SELECT json_group_array(json_array(unit, expire_time, until, came, points))
          FROM (SELECT lot.unit, lot.expire_time,
                       iif(lot.activate_time <= clock.now, 0, lot.activate_time)
                           AS until,
                       lot.activate_time > clock.now
                           AND lot.origin <> '' AND lot.earner <> lot.member_id
                           AS came,
                       sum(lot.remaining) AS points
                  FROM lot
                 WHERE lot.part = wanted.value ->> 0
                   AND lot.member_id = wanted.value ->> 1
                   AND lot.is_drawn = 0
                 GROUP BY lot.unit, lot.expire_time, until, came)),
       EXISTS (SELECT 1 FROM hold INDEXED BY hold_open
                WHERE hold.part = wanted.value ->> 0
                  AND hold.member_id = wanted.value ->> 1
                  AND hold.state = 'OPEN'
                  AND hold.lapse_time <= max(clock.now, head.last_time))))
  FROM (SELECT ? AS now) AS clock
 CROSS JOIN json_each(?) AS wanted
 CROSS JOIN head ON head.part = wanted.value ->> 0
"""  # noqa: S608 - our names
