"""Recomputes everything from the records and compares it with what is stored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, func, literal, select, union_all

from points.domain.commands.books import NOBODY
from points.domain.counters import Counter, CounterKey
from points.domain.documents import is_bookkeeping
from points.domain.program_replay import ProgramReplay, ProgramsAgree
from points.domain.replay import PartReplay
from points.domain.values import BooksClose, Kind, MemberState
from points.domain.versions import PROGRAM_PART
from points.store.backend import Backend
from points.store.batch import translated
from points.store.canonical import personal_digest, stated_digest
from points.store.chain import START, link
from points.store.claim_texts import claim_of
from points.store.documents import expected_programs, wrong_documents
from points.store.plugin_documents import document_of
from points.store.rows import (
    account_of,
    counter_of,
    head_of,
    hold_of,
    lot_of,
    member_of,
    program_of,
    progress_of,
    record_of,
    reversal_of,
)
from points.store.scan import ROWS_AT_A_TIME, UNREADABLE, Tables, Whole, add_row
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
from points.store.standing_texts import standing_of


Thing = TypeVar("Thing")

_OF_HEAD: Final = (
    "last_number",
    "last_lot_number",
    "last_hold_number",
    "last_time",
    "closed_time",
    "program_version",
)

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

FINDINGS_MAX: Final = 1_000
"""Findings kept; those behind are only counted."""


class Finding(NamedTuple):
    """Is one difference; `number` is that of the record, 0 for none."""

    part: int
    number: int
    message: str

    def __str__(self) -> str:
        return f"part {self.part}: {self.message}"


class ChainHead(NamedTuple):
    """Is the last link of a part's chain; `number` is 0 and `digest` empty for none."""

    part: int
    number: int
    digest: str


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
    """Is what a comparison of the whole ledger has found so far.

    `total_record_count` is what the heads say there is to read. Of the findings the
    first are kept and all are counted; `heads` has every part that was read.
    """

    counts: Counts = field(default_factory=Counts)
    total_record_count: int = 0
    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    heads: list[ChainHead] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        """Returns the findings as sentences."""
        return [str(finding) for finding in self.findings]

    def add(self, part: int, number: int, messages: Iterable[str]) -> None:
        """Adds what was found at a record, or with 0 at none."""
        for message in messages:
            self.finding_count += 1
            if len(self.findings) < FINDINGS_MAX:
                # Damaged texts need not be UTF-8, and everybody must be told.
                told = message.encode(errors="backslashreplace").decode()
                self.findings.append(Finding(part, number, told))

    def as_json(self) -> str:
        """Returns the findings for programs."""
        told = {
            "counts": asdict(self.counts),
            "differences": self.differences,
            "difference_count": self.finding_count,
            "heads": [head._asdict() for head in self.heads],
        }
        return json.dumps(told)


def audit(
    backend: Backend, *, on_progress: Callable[[Audit], None] = lambda _: None
) -> Audit:
    """Compares every part in one snapshot.

    `on_progress` is told often what has been found so far; what it raises ends the
    audit. Raises StoreLost if the database goes away.
    """
    found, agree = Audit(), ProgramsAgree()
    with translated(backend), _whole_texts(backend) as connection:
        part_count = connection.execute(select(layout.c.part_count)).scalar_one()
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
        for part, message in _wrong_counters(tables, part_count, whole):
            found.add(part, 0, [message])
        for part, message in _strays(connection, part_count):
            found.add(part, 0, [message])
    return found


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
    found.add(part, 0, _differences(tables, replay, chain, found.counts))
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


def _differences(
    tables: Tables, replay: PartReplay, chain: str, counts: Counts
) -> Iterator[str]:
    yield from _compare_head(tables, replay, chain)
    accounts = yield from _read(tables, account, replay.part, account_of)
    lots = yield from _read(tables, lot, replay.part, lot_of)
    members = yield from _read(tables, member, replay.part, member_of)
    holds = yield from _read(tables, hold, replay.part, hold_of)
    reversals = yield from _read(tables, reversal, replay.part, reversal_of)
    steps = yield from _read(tables, progress, replay.part, progress_of)
    standings = yield from _read(tables, standing, replay.part, standing_of)
    claims = yield from _read(tables, claim, replay.part, claim_of)
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
    returned = {each.number: each.returned for each in reversals if any(each.returned)}
    yield from _compare("what was returned of", replay.returned, returned)
    yield from _compare_programs(tables, replay)
    by_ladder = {(found.member_id, found.ladder): found for found in standings}
    yield from _compare("standing", replay.standings, by_ladder)
    by_position = {(found.number, found.position): found for found in claims}
    yield from _compare("claim", replay.claims, by_position)
    kept = yield from _read(tables, document, replay.part, document_of)
    by_key = {each.place()[1:]: each for each in kept if not is_bookkeeping(each)}
    yield from _compare("document", replay.documents, by_key)
    by_member = {found.member_id: found for found in members}
    yield from _compare("member", replay.members, by_member)
    by_owner = {found.member_id: found for found in steps}
    yield from _compare("progress of", replay.progress, by_owner)


def _compare_programs(tables: Tables, replay: PartReplay) -> Iterator[str]:
    part, told = replay.part, replay.program
    stored = yield from _read(tables, program_version, part, program_of)
    documents = {found.version: found.document for found in stored}
    if part == PROGRAM_PART:
        yield from wrong_documents(told, documents)
    # Without their documents: a finding must not tell all of them.
    expected = expected_programs(part, told, {})
    by_number = {found.version: found._replace(document="") for found in stored}
    yield from _compare("program version", expected, by_number)


def _wrong_counters(
    tables: Tables, part_count: int, whole: Whole
) -> Iterator[tuple[int, str]]:
    """Yields what differs of shared counters, which are moved from every part."""
    yield from whole.counters.broken()
    expected: dict[int, dict[CounterKey, Counter]] = defaultdict(dict)
    for each in whole.counters.all():
        expected[each.part][each.key()] = each
    for part in range(part_count):
        for message in _counters(tables, part, expected[part]):
            yield part, message


def _counters(
    tables: Tables, part: int, expected: Mapping[CounterKey, Counter]
) -> Iterator[str]:
    stored = yield from _read(tables, counter, part, counter_of)
    yield from _compare("counter", expected, {each.key(): each for each in stored})


def _compare_head(tables: Tables, replay: PartReplay, chain: str) -> Iterator[str]:
    rows = list(tables.rows(head, replay.part))
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
    tables: Tables, table: Any, part: int, read: Callable[[Any], Thing]
) -> Generator[str, None, list[Thing]]:
    """Returns the rows of a table as values; yields which cannot be read."""
    found = []
    for row in tables.rows(table, part):
        try:
            found.append(read(row))
        except UNREADABLE as error:
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
