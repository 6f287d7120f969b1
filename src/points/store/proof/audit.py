"""Recomputes everything from the records and compares it with what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, func, literal, select, union_all

from points.domain.bounds import PART_COUNT_MAX
from points.domain.commands.books import NOBODY
from points.domain.program_replay import ProgramReplay, ProgramsAgree
from points.domain.replay import PartReplay
from points.domain.values import BooksClose, Kind, MemberState
from points.store.databases.backend import Backend
from points.store.databases.translating import translated
from points.store.proof.comparing import differences, wrong_counters
from points.store.proof.findings import Audit, ChainHead
from points.store.proof.scan import UNREADABLE, Tables, Whole, add_row
from points.store.reads.fetcher import ROWS_AT_A_TIME
from points.store.schema import (
    account,
    claim,
    counter,
    document,
    head,
    hold,
    layout,
    lot,
    member,
    program_version,
    progress,
    record,
    reversal,
    standing,
)
from points.store.texts.canonical import personal_digest, stated_digest
from points.store.texts.rows import record_of
from points.store.writing.chain import START, link


_TABLES: Final = (
    head,
    record,
    member,
    account,
    lot,
    hold,
    reversal,
    program_version,
    progress,
    counter,
    standing,
    claim,
    document,
)


def audit(
    backend: Backend, *, on_progress: Callable[[Audit], None] = lambda _: None
) -> Audit:
    """Compares every part in one snapshot.

    `on_progress` is told often what has been found so far; what it raises ends the
    audit. Raises StoreLost if the database goes away.
    """
    found, agree = Audit(), ProgramsAgree()
    with translated(backend), _whole_texts(backend) as connection:
        part_count = _part_count(connection, found)
        whole = Whole(part_count)
        said = select(func.coalesce(func.sum(head.c.last_number), 0))
        found.total_record_count = int(connection.execute(said).scalar_one())
        on_progress(found)
        tables = Tables(connection, part_count, *_TABLES)
        for part in range(part_count):
            told = _audit_part(tables, part, whole, found, on_progress)
            found.add(part, 0, agree.add(part, told))
            on_progress(found)
        for place, message in whole.crossings.single():
            found.add(place.part, place.number, [message])
        for part, message in wrong_counters(tables, part_count, whole):
            found.add(part, 0, [message])
        for part, message in _strays(connection, part_count):
            found.add(part, 0, [message])
    return found


def _part_count(connection: Connection, found: Audit) -> int:
    """Returns how many parts there are: so many as have heads, if it cannot be true.

    A damaged number may be so large that nobody would ever come to its end.
    """
    place, said = connection.execute(select(layout)).one()
    if place == 0 and 1 <= said <= PART_COUNT_MAX:
        return int(said)
    heads = connection.execute(select(func.count()).select_from(head)).scalar_one()
    found.add(0, 0, [f"layout {place} says {said} parts, but {heads} have a head"])
    return min(max(int(heads), 1), PART_COUNT_MAX)


@contextmanager
def _whole_texts(backend: Backend) -> Iterator[Connection]:
    """Opens a snapshot that reads every text, though it be no UTF-8 any more.

    PostgreSQL never stores such a text; SQLite stores what it is given, and its
    driver would end the audit where it meets the damage.
    """
    with backend.reading.connect() as connection, connection.begin():
        raw: Any = connection.connection.driver_connection
        if backend.name != "sqlite":
            yield connection
            return
        raw.text_factory = lambda text: text.decode(errors="surrogateescape")
        try:
            yield connection
        finally:
            raw.text_factory = str


def _strays(connection: Connection, part_count: int) -> Iterator[tuple[int, str]]:
    """Yields the parts that rows claim and that the ledger does not have."""
    claimed = [
        select(literal(place), table.c.part)
        .where(~table.c.part.between(0, part_count - 1))
        .distinct()
        for place, table in enumerate(_TABLES)
    ]
    for place, part in sorted(map(tuple, connection.execute(union_all(*claimed)))):
        yield part, f"does not exist, but {_TABLES[place].name} has rows of it"


def _audit_part(
    tables: Tables,
    part: int,
    whole: Whole,
    found: Audit,
    on_progress: Callable[[Audit], None],
) -> ProgramReplay:
    replay = PartReplay(part, _ends(tables, part))
    chain, erased = START, _Erased()
    for row in tables.rows(record, part, record.c.number):
        found.counts.records += 1
        found.add(part, row.number, add_row(replay, whole, row))
        found.add(part, row.number, _unlinked(chain, row))
        erased.add(row)
        chain = row.chain
        if found.counts.records % ROWS_AT_A_TIME == 0:
            on_progress(found)
    found.counts.transactions += replay.transaction_count
    found.heads.append(ChainHead(part, replay.last_number, chain))
    for number, what in (*erased.wrongly(replay), *_kept(tables.connection, replay)):
        found.add(part, number, [what])
    found.add(part, 0, differences(tables, replay, chain, found.counts))
    return replay.program


def _ends(tables: Tables, part: int) -> list[int]:
    """Returns the instants up to which the books of a part were closed."""
    if not tables.has(record, part):
        return []
    closes = select(record).where(
        record.c.part == part,
        record.c.member_id == NOBODY,
        record.c.kind == Kind.CLOSE_BOOKS.value,
    )
    ends = []
    for row in tables.connection.execute(closes).fetchall():
        try:
            result = record_of(row).result
        except UNREADABLE:
            continue  # is found once more where it stands
        if isinstance(result, BooksClose):
            ends.append(result.until_time)
    return ends


class _Erased:
    """Remembers the first record of each member whose personal data is gone."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, row: Any) -> None:
        """Adds a record."""
        if not row.personal and _stated(row):
            self._numbers.setdefault(row.member_id, row.number)

    def wrongly(self, replay: PartReplay) -> Iterator[tuple[int, str]]:
        """Yields the records of members that were never erased."""
        for member_id, number in self._numbers.items():
            member = replay.members.get(member_id)
            if member is None or member.state is not MemberState.ERASED:
                told = (
                    f"record {number} lost personal data, {member_id!r} was not erased"
                )
                yield number, told


def _kept(connection: Connection, replay: PartReplay) -> Iterator[tuple[int, str]]:
    """Yields the records of erased members that still have personal data."""
    for member_id, found in replay.members.items():
        if found.state is MemberState.ERASED:
            mine = (record.c.part == replay.part, record.c.member_id == member_id)
            left = select(record.c.number).where(*mine, record.c.personal != "")
            for (number,) in connection.execute(left.order_by(record.c.number)):
                told = f"record {number} has personal data, {member_id!r} was erased"
                yield number, told


def _unlinked(chain: str, row: Any) -> Iterator[str]:
    """Yields what differs from what the chain covers.

    Each record is compared with the chain stored before it, so that a changed
    record is found where it stands, and those behind it are not blamed.
    """
    if not _is_linked(chain, row):
        yield f"record {row.number} differs from what was recorded: its chain breaks"
    if row.personal and not _is_stated(row):
        yield f"record {row.number} has other personal data than was recorded"


def _is_linked(chain: str, row: Any) -> bool:
    try:
        return link(chain, row) == str(row.chain)
    except UNREADABLE:
        return False


def _is_stated(row: Any) -> bool:
    try:
        return personal_digest(row.personal) == _stated(row)
    except UNREADABLE:
        return False


def _stated(row: Any) -> str:
    """Returns the digest that a record states of its personal data, if readable."""
    try:
        return stated_digest(row.body)
    except UNREADABLE:
        return ""
