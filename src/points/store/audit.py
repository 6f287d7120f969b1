"""Recomputes everything from the records and compares it with what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from points.domain.replay import PartReplay
from points.store.backend import Backend
from points.store.batch import translated
from points.store.rows import account_of, head_of, lot_of, member_of, record_of
from points.store.schema import account, head, lot, member, record


_ROWS_AT_A_TIME: Final = 1_000
"""Records read ahead: memory stays small however long the history is."""


@dataclass(slots=True)
class Counts:
    """Is how much was compared."""

    records: int = 0
    transactions: int = 0
    members: int = 0
    accounts: int = 0
    lots: int = 0


@dataclass(slots=True)
class Audit:
    """Is what a comparison of the whole ledger has found."""

    counts: Counts = field(default_factory=Counts)
    differences: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """Returns the findings for programs."""
        return json.dumps(asdict(self))


def audit(backend: Backend, *, on_part: Callable[[], None] = lambda: None) -> Audit:
    """Compares every part in one snapshot; `on_part` is called after each.

    Raises StoreLost if the database goes away.
    """
    found = Audit()
    with (
        translated(backend),
        backend.reading.connect() as connection,
        connection.begin(),
    ):
        for part in connection.execute(select(head.c.part).order_by(head.c.part)):
            _audit_part(connection, part[0], found)
            on_part()
    return found


def _audit_part(connection: Connection, part: int, found: Audit) -> None:
    replay = PartReplay(part)
    for row in _rows(connection, record, part, record.c.number):
        found.counts.records += 1
        try:
            read = record_of(row)
        except (ValueError, LookupError, TypeError) as error:
            found.differences.append(
                f"part {part}: record {row[1]} cannot be read: {error!r}"
            )
            continue
        found.differences.extend(f"part {part}: {what}" for what in replay.add(read))
    found.counts.transactions += replay.transaction_count
    for what in _differences(connection, replay, found.counts):
        found.differences.append(f"part {part}: {what}")


def _differences(
    connection: Connection, replay: PartReplay, counts: Counts
) -> Iterator[str]:
    part = replay.part
    stored_head = head_of(next(_rows(connection, head, part)))
    for name in ("last_number", "last_lot_number", "last_time"):
        expected, stored = getattr(replay, name), getattr(stored_head, name)
        if expected != stored:
            yield f"head has {name} {stored}, the records say {expected}"
    accounts = [account_of(row) for row in _rows(connection, account, part)]
    lots = [lot_of(row) for row in _rows(connection, lot, part)]
    members = [member_of(row) for row in _rows(connection, member, part)]
    counts.accounts += len(accounts)
    counts.lots += len(lots)
    counts.members += len(members)
    by_account = {(found.account, found.unit): found for found in accounts}
    yield from _compare("account", replay.accounts, by_account)
    yield from _compare("lot", replay.lots, {found.number: found for found in lots})
    by_member = {found.member_id: found for found in members}
    yield from _compare("member", replay.members, by_member)


def _compare(
    what: str, expected: Mapping[Any, Any], stored: Mapping[Any, Any]
) -> Iterator[str]:
    for key in sorted(expected.keys() | stored.keys()):
        wanted, is_there = expected.get(key), stored.get(key)
        if wanted != is_there:
            yield f"{what} {key} is stored as {is_there}, the records say {wanted}"


def _rows(
    connection: Connection, table: Any, part: int, order: Any = None
) -> Iterator[Any]:
    statement = select(table).where(table.c.part == part)
    if order is not None:
        statement = statement.order_by(order)
    options = {"yield_per": _ROWS_AT_A_TIME}
    return iter(connection.execute(statement, execution_options=options))
