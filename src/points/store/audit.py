"""Recomputes everything from the records and compares it with what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, select

from points.domain.crossings import Crossings
from points.domain.replay import PartReplay
from points.domain.values import MemberState, Transaction
from points.store.backend import Backend
from points.store.batch import translated
from points.store.canonical import personal_digest, stated_digest
from points.store.chain import START, link
from points.store.rows import (
    account_of,
    head_of,
    hold_of,
    lot_of,
    member_of,
    record_of,
    reversal_of,
)
from points.store.schema import (
    account,
    head,
    hold,
    layout,
    lot,
    member,
    record,
    reversal,
)


Thing = TypeVar("Thing")

_UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a damaged row may raise while it is read."""

_OF_HEAD: Final = (
    "last_number",
    "last_lot_number",
    "last_hold_number",
    "last_time",
    "closed_time",
)

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
    holds: int = 0


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
    found, crossings = Audit(), Crossings()
    with (
        translated(backend),
        backend.reading.connect() as connection,
        connection.begin(),
    ):
        part_count = connection.execute(select(layout.c.part_count)).scalar_one()
        for part in range(part_count):
            _audit_part(connection, part, crossings, found)
            on_part()
        found.differences += crossings.single()
        found.differences += _strays(connection, part_count)
    return found


def _strays(connection: Connection, part_count: int) -> Iterator[str]:
    """Yields the parts that rows claim and that the ledger does not have."""
    for table in (head, record, member, account, lot, hold, reversal):
        outside = ~table.c.part.between(0, part_count - 1)
        parts = select(table.c.part).where(outside).distinct().order_by(table.c.part)
        for (part,) in connection.execute(parts):
            yield f"part {part}: does not exist, but {table.name} has rows of it"


def _audit_part(
    connection: Connection, part: int, crossings: Crossings, found: Audit
) -> None:
    replay = PartReplay(part)
    chain = START
    emptied: dict[str, int] = {}
    for row in _rows(connection, record, part, record.c.number):
        found.counts.records += 1
        found.differences += [
            f"part {part}: {what}" for what in _add(replay, crossings, row)
        ]
        found.differences += [f"part {part}: {what}" for what in _unlinked(chain, row)]
        if _is_emptied(row):
            emptied.setdefault(row.member_id, row.number)
        chain = row.chain
    for what in _erased_wrongly(connection, replay, emptied):
        found.differences.append(f"part {part}: {what}")
    found.counts.transactions += replay.transaction_count
    for what in _differences(connection, replay, chain, found.counts):
        found.differences.append(f"part {part}: {what}")


def _unlinked(chain: str, row: Any) -> Iterator[str]:
    """Yields what differs from what the chain covers.

    Each record is compared with the chain stored before it, so that a changed
    record is found where it stands, and those behind it are not blamed.
    """
    if link(chain, row) != row.chain:
        yield f"record {row.number} differs from what was recorded: its chain breaks"
    try:
        stated = stated_digest(row.body)
    except _UNREADABLE:
        return
    if row.personal and personal_digest(row.personal) != stated:
        yield f"record {row.number} has other personal data than was recorded"


def _is_emptied(row: Any) -> bool:
    """Says whether a record has lost the personal data that it had."""
    try:
        return not row.personal and bool(stated_digest(row.body))
    except _UNREADABLE:
        return False


def _erased_wrongly(
    connection: Connection, replay: PartReplay, emptied: Mapping[str, int]
) -> Iterator[str]:
    """Yields who has lost personal data without being erased, or kept it erased."""
    states = {name: member.state for name, member in replay.members.items()}
    for member_id, number in emptied.items():
        if states.get(member_id) is not MemberState.ERASED:
            yield f"record {number} lost personal data, {member_id!r} was not erased"
    for member_id, state in states.items():
        if state is MemberState.ERASED:
            of_member = (record.c.part == replay.part, record.c.member_id == member_id)
            left = select(record.c.number).where(*of_member, record.c.personal != "")
            for (number,) in connection.execute(left.order_by(record.c.number)):
                yield f"record {number} has personal data, {member_id!r} was erased"


def _add(replay: PartReplay, crossings: Crossings, row: Any) -> list[str]:
    """Adds a record to the replay and returns what is wrong with it."""
    try:
        read = record_of(row)
        problems = [*replay.add(read), *crossings.add(read)]
    except _UNREADABLE as error:
        return [f"record {row.number} cannot be read: {error!r}"]
    if bool(row.is_transaction) != isinstance(read.result, Transaction):
        problems.append(f"record {row.number} is_transaction: {row.is_transaction}")
    return problems


def _differences(
    connection: Connection, replay: PartReplay, chain: str, counts: Counts
) -> Iterator[str]:
    yield from _compare_head(connection, replay, chain)
    accounts = yield from _read(connection, account, replay.part, account_of)
    lots = yield from _read(connection, lot, replay.part, lot_of)
    members = yield from _read(connection, member, replay.part, member_of)
    holds = yield from _read(connection, hold, replay.part, hold_of)
    reversals = yield from _read(connection, reversal, replay.part, reversal_of)
    counts.accounts += len(accounts)
    counts.lots += len(lots)
    counts.members += len(members)
    counts.holds += len(holds)
    by_account = {(found.account, found.unit): found for found in accounts}
    yield from _compare("account", replay.accounts, by_account)
    by_lot = {found.number: found for found in lots}
    yield from _compare("lot", replay.state_of_lots(), by_lot)
    yield from _compare("hold", replay.holds, {found.number: found for found in holds})
    reversed_points = {found.number: found.reversed_points for found in reversals}
    yield from _compare("reversal of", replay.reversed_points, reversed_points)
    by_member = {found.member_id: found for found in members}
    yield from _compare("member", replay.members, by_member)


def _compare_head(
    connection: Connection, replay: PartReplay, chain: str
) -> Iterator[str]:
    rows = list(_rows(connection, head, replay.part))
    if not rows:
        yield "has no head"
        return
    stored = head_of(rows[0])
    for name in _OF_HEAD:
        expected, found = getattr(replay, name), getattr(stored, name)
        if expected != found:
            yield f"head has {name} {found}, the records say {expected}"
    if stored.chain != chain:
        yield "head has another chain than the last record"


def _read(
    connection: Connection, table: Any, part: int, read: Callable[[Any], Thing]
) -> Generator[str, None, list[Thing]]:
    """Returns the rows of a table as values; yields which cannot be read."""
    found = []
    for row in _rows(connection, table, part):
        try:
            found.append(read(row))
        except _UNREADABLE as error:
            yield f"{table.name} {tuple(row)[1:3]} cannot be read: {error!r}"
        else:
            # Kept beside `remaining` for the index alone: burns look for it.
            if table is lot and bool(row.is_drawn) != (row.remaining == 0):
                yield f"lot {row.number} is_drawn: {row.is_drawn}"
    return found


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
