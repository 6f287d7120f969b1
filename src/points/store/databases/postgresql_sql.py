"""The statements of the writer in PostgreSQL, and of some reads. See `postgresql`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import Table

from points.domain.values import Lot
from points.store.databases.backend import Keyed, column_names, key_names, on_conflict
from points.store.schema import account, claim, document, head, hold, lot
from points.store.texts.rows import LOT_PLAIN, LOT_RARE


_ARRAY_TYPES: Final = {
    "integer": "int4",
    "small_integer": "int2",
    "big_integer": "int8",
    "text": "text",
}


def _array(table: Table, name: str) -> str:
    """Returns an array parameter of the column's type."""
    kind = _ARRAY_TYPES[table.c[name].type.__visit_name__]
    return f"%b::text::{kind}[]"


@lru_cache
def fetch_sql(keyed: Keyed) -> str:
    """Returns the read of the rows with these keys."""
    arrays = ", ".join(_array(keyed.table, name) for name in keyed.key)
    names = ", ".join(keyed.key)
    matches = " AND ".join(
        f"{keyed.table.name}.{name} = wanted.{name}" for name in keyed.key
    )
    return (
        f"SELECT {keyed.columns} FROM unnest({arrays}) AS wanted ({names})"  # noqa: S608 - our names
        f" JOIN {keyed.table.name} ON {matches}"
    )


@lru_cache
def insert_sql(table: Table) -> str:
    """Returns what inserts rows."""
    names = column_names(table)
    arrays = ", ".join(_array(table, name) for name in names)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - our names
        f" SELECT * FROM unnest({arrays}) "
    )


@lru_cache
def update_sql(table: Table, names: tuple[str, ...]) -> str:
    """Returns what changes these columns of rows."""
    given = (*key_names(table), *names)
    arrays = ", ".join(_array(table, name) for name in given)
    values = ", ".join(f"{name} = given.{name}" for name in names)
    return (
        f"UPDATE {table.name} SET {values}"  # noqa: S608 - our names
        f" FROM unnest({arrays}) AS given ({', '.join(given)})"
        f" WHERE {_matches(table)}"
    )


@lru_cache
def assign_sql(table: Table, assignments: str) -> str:
    """Returns what changes rows alike."""
    key = key_names(table)
    arrays = ", ".join(_array(table, name) for name in key)
    return (
        f"UPDATE {table.name} SET {assignments}"  # noqa: S608 - our names
        f" FROM unnest({arrays}) AS given ({', '.join(key)})"
        f" WHERE {_matches(table)}"
    )


@lru_cache
def delete_sql(table: Table) -> str:
    """Returns what removes rows."""
    key = key_names(table)
    arrays = ", ".join(_array(table, name) for name in key)
    return (
        f"DELETE FROM {table.name}"  # noqa: S608 - our names
        f" USING unnest({arrays}) AS given ({', '.join(key)})"
        f" WHERE {_matches(table)}"
    )


def _matches(table: Table) -> str:
    names = key_names(table)
    return " AND ".join(f"{table.name}.{name} = given.{name}" for name in names)


@lru_cache
def save_sql(table: Table) -> str:
    """Returns what inserts rows or replaces them."""
    return insert_sql(table) + on_conflict(table)


LOCK: Final = (
    f"SELECT {Keyed(head, ('part',)).columns} FROM head"  # noqa: S608 - our names
    " WHERE part = ANY(%b::int4[]) ORDER BY part FOR NO KEY UPDATE"
)

_DEFAULTS: Final = " AND ".join(
    f"{name} = {Lot._field_defaults[name]!r}" for name in LOT_RARE
)
_RARE: Final = (
    f"CASE WHEN {_DEFAULTS} THEN ''"
    f" ELSE json_build_array({', '.join(LOT_RARE)})::text END"
)

OPEN_LOTS: Final = f"""
SELECT wanted.position, {", ".join(LOT_PLAIN)}, {_RARE}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       WITH ORDINALITY AS wanted (part, member_id, unit, position)
 CROSS JOIN LATERAL (
       SELECT * FROM lot AS open
        WHERE open.part = wanted.part
          AND open.member_id = wanted.member_id
          AND open.unit = wanted.unit
          AND open.is_drawn = 0
          AND open.expire_time > %b::int8
          AND open.activate_time <= %b::int8
        ORDER BY open.expire_time, open.number
        LIMIT %b::int8) AS lot
"""  # noqa: S608 - our names

LAPSED_HOLDS: Final = f"""
SELECT {Keyed(hold, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       AS wanted (part, member_id, unit)
  JOIN hold ON hold.part = wanted.part
           AND hold.member_id = wanted.member_id
           AND hold.unit = wanted.unit
           AND hold.state = 'OPEN'
           AND hold.lapse_time <= %b::int8
"""  # noqa: S608 - our names

DOCUMENTS: Final = f"""
SELECT {Keyed(document, ("part",)).columns}
  FROM unnest(%b::text::int4[], %b::text[], %b::text[], %b::text[], %b::text[],
              %b::text[])
       AS wanted (part, plugin, collection, owner, first_key, last_key)
 CROSS JOIN LATERAL (
       SELECT * FROM document AS mine
        WHERE mine.part = wanted.part
          AND mine.plugin = wanted.plugin
          AND mine.collection = wanted.collection
          AND mine.owner = wanted.owner
          AND mine.key >= wanted.first_key
          AND mine.key <= wanted.last_key
        ORDER BY mine.key
        LIMIT %b::int8) AS document
"""  # noqa: S608 - our names

EXPIRED_LOTS: Final = f"""
SELECT {Keyed(lot, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       AS wanted (part, member_id, unit)
  JOIN lot ON lot.part = wanted.part
          AND lot.member_id = wanted.member_id
          AND lot.unit = wanted.unit
          AND lot.is_drawn = 0
          AND lot.expire_time <= %b::int8
"""  # noqa: S608 - our names

UNDRAWN_LOTS: Final = f"""
SELECT {Keyed(lot, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 CROSS JOIN LATERAL (
       SELECT * FROM lot AS undrawn
        WHERE undrawn.part = wanted.part
          AND undrawn.member_id = wanted.member_id
          AND undrawn.is_drawn = 0
        LIMIT %b::int8) AS lot
"""  # noqa: S608 - our names

ERASE: Final = """
UPDATE record SET personal = ''
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 WHERE record.part = wanted.part
   AND record.member_id = wanted.member_id
   AND record.personal <> ''
"""

OPEN_HOLDS: Final = f"""
SELECT {Keyed(hold, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
  JOIN hold ON hold.part = wanted.part
           AND hold.member_id = wanted.member_id
           AND hold.state = 'OPEN'
"""  # noqa: S608 - our names

OPEN_CLAIMS: Final = f"""
SELECT {Keyed(claim, ("part",)).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 CROSS JOIN LATERAL (
       SELECT * FROM claim AS open
        WHERE open.part = wanted.part
          AND open.member_id = wanted.member_id
          AND open.state = 'OPEN'
          AND (open.lapse_time > %b::int8 OR open.reserve <> '')
        ORDER BY open.number, open.position
        LIMIT %b::int8) AS claim
"""  # noqa: S608 - our names

GLANCES: Final = f"""
SELECT json_agg(json_build_array(
       json_build_array(head.last_number, head.last_time, head.program_version),
       EXISTS (SELECT 1 FROM member
                WHERE member.part = wanted.part
                  AND member.member_id = wanted.member_id),
       (SELECT coalesce(json_agg(json_build_array(
                   {Keyed(account, ("part",)).columns})), '[]')
          FROM account
         WHERE account.part = wanted.part
           AND account.account IN (wanted.own, wanted.held)),
       (SELECT coalesce(json_agg(json_build_array(
                   unit, expire_time, until, came, points)), '[]')
          FROM (SELECT lot.unit, lot.expire_time,
                       CASE WHEN lot.activate_time <= clock.now THEN 0
                            ELSE lot.activate_time END AS until,
                       lot.activate_time > clock.now
                           AND lot.origin <> '' AND lot.earner <> lot.member_id
                           AS came,
                       sum(lot.remaining) AS points
                  FROM lot
                 WHERE lot.part = wanted.part
                   AND lot.member_id = wanted.member_id
                   AND lot.is_drawn = 0
                 GROUP BY lot.unit, lot.expire_time, until, came) AS sums),
       EXISTS (SELECT 1 FROM hold
                WHERE hold.part = wanted.part
                  AND hold.member_id = wanted.member_id
                  AND hold.state = 'OPEN'
                  AND hold.lapse_time <= greatest(clock.now, head.last_time)))
       ORDER BY wanted.position)::text
  FROM (SELECT %b::int8 AS now) AS clock
 CROSS JOIN unnest(%b::text::int4[], %b::text::text[], %b::text::text[],
                   %b::text::text[])
       WITH ORDINALITY AS wanted (part, member_id, own, held, position)
  JOIN head ON head.part = wanted.part
"""  # noqa: S608 - our names
