"""A whole ledger as lines of JSON, and back.

    {"format":"points-ledger","version":1,"part_count":64,"record_count":2}
    {"program_version":1,"document":{...}}
    {"part":0,"number":1,...,"body":{...},"personal":[...],"chain":"..."}
    {"part":17,"number":1,...}
    {"record_count":2,"heads":[{"part":0,"number":1,"digest":"..."},...]}

The first line describes the ledger, the last one sums it up, and between them are
the documents of the program, and each record with all its columns, by part and
number. The records are the truth, the digests of documents among them: an import
works all other rows out from them. Both databases write the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from sqlalchemy import Connection, func, select

from points.domain.bounds import PART_COUNT_MAX
from points.domain.replay import PartReplay
from points.domain.returns import NOTHING_RETURNED
from points.domain.values import Head, Reversal
from points.store import schema
from points.store.databases.backend import column_names
from points.store.databases.translating import translated
from points.store.errors import ExportDamaged, StoreRefused
from points.store.opening import Store
from points.store.proof.programs import (
    DocumentLines,
    digest_of_text,
    expected_programs,
    line_of_document,
)
from points.store.proof.scan import UNREADABLE, Whole, add_row
from points.store.reads.fetcher import ROWS_AT_A_TIME, rows_of
from points.store.reads.programs import all_programs
from points.store.texts.canonical import personal_digest, stated_digest
from points.store.texts.claims import claim_row
from points.store.texts.rows import (
    Row,
    hold_row,
    lot_row,
    member_row,
    program_row,
    progress_row,
    reversal_row,
)
from points.store.texts.standings import standing_row
from points.store.writing.batch import Batch, open_batch
from points.store.writing.chain import START, link


OnProgress = Callable[[int, int], None]
"""Is told how many records are done, and how many there are."""

_FORMAT: Final = "points-ledger"
_VERSION: Final = 1
_COLUMNS: Final = [str(name) for name in column_names(schema.record)]
_RAW: Final = ("body", "personal")
_LINE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Longest line: no record comes near it, and other files may have no lines at all."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Is the first line."""

    format: str
    version: int
    part_count: int
    record_count: int


class PartEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Is the end of a part's chain; `number` is 0 without records."""

    part: int
    number: int
    digest: str


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Is the last line."""

    record_count: int
    heads: list[PartEnd]


_Line: Final = msgspec.defstruct(
    "_Line",
    [
        (name, msgspec.Raw if name in _RAW else schema.record.c[name].type.python_type)
        for name in _COLUMNS
    ],
    frozen=True,
    forbid_unknown_fields=True,
)
"""A record as a line, its fields the columns in their order."""

_encode: Final = msgspec.json.Encoder().encode
_NOTHING: Final = b"null"


def _silent(_done: int, _total: int) -> None: ...


def write_export(
    store: Store, file: BinaryIO, *, on_progress: OnProgress = _silent
) -> int:
    """Writes the ledger as it is now and returns how many records it has.

    Raises StoreRefused for a ledger whose chain does not hold, with the file half
    written and without its last line.
    """
    backend = store.backend
    with (
        translated(backend),
        backend.reading.connect() as connection,
        connection.begin(),
    ):
        total = _record_count(connection)
        header = Header(_FORMAT, _VERSION, store.part_count, total)
        file.write(_encode(header) + b"\n")
        _write_documents(connection, file)
        heads: list[PartEnd] = []
        done = 0
        for part in range(store.part_count):
            end = PartEnd(part, 0, START)
            for row in rows_of(connection, schema.record, part, schema.record.c.number):
                end = _following(end, row, _refused)
                file.write(_encode(_line_of(row)) + b"\n")
                done += 1
                if done % ROWS_AT_A_TIME == 0:
                    on_progress(done, total)
            heads.append(end)
        if done != total:
            raise _refused("records are missing")
        file.write(_encode(Trailer(done, heads)) + b"\n")
        on_progress(done, total)
        return done


class ExportFile:
    """Is a file that `write_export` wrote, or that claims to be one.

    `header` has been read, the rest has not; `documents` are known by the version
    of the program once the first row is. Raises ExportDamaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.documents: Mapping[int, str] = {}
        with path.open("rb") as file:
            self.header = _header(file.readline(_LINE_BYTES_MAX))

    def rows(self) -> Iterator[Row]:
        """Yields the rows of the records, by part and number.

        Raises ExportDamaged, at the end at the latest, unless the file is whole:
        every byte is covered by the chains and by how lines are written.
        """
        with self.path.open("rb") as file:
            lines = enumerate(iter(lambda: file.readline(_LINE_BYTES_MAX), b""), 1)
            next(lines)
            yield from self._rows(lines)

    def check(self, *, on_progress: OnProgress = _silent) -> None:
        """Reads all of it; raises ExportDamaged unless it is whole."""
        for done, _ in enumerate(self.rows(), 1):
            if done % ROWS_AT_A_TIME == 0:
                on_progress(done, self.header.record_count)

    def _rows(self, lines: Iterator[tuple[int, bytes]]) -> Iterator[Row]:
        parts = range(self.header.part_count)
        ends = [PartEnd(part, 0, START) for part in parts]
        part = count = 0
        known = DocumentLines()
        self.documents = known.documents
        for number, line in lines:
            if not count and line.startswith(b'{"program_version"'):
                if not known.add(line):
                    raise _damaged(number, "is no document")
                continue
            if line.startswith(b'{"record_count"'):
                _check_all_named(number, known)
                _check_trailer(number, line, Trailer(count, ends))
                if count != self.header.record_count:
                    raise _damaged(1, f"tells of other than {count} records")
                _check_nothing_follows(lines)
                return
            row = _row_of(number, line)
            if row[0] not in parts or row[0] < part:
                raise _damaged(number, f"has a record of part {row[0]} behind {part}")
            part = row[0]
            ends[part] = _following(ends[part], row, _damage_at(number))
            if not known.agree(row):
                raise _damaged(number, "names another document")
            count += 1
            yield row
        message = f"{count} records, then the file ends: it was cut off"
        raise ExportDamaged(message)


def import_file(
    store: Store, file: ExportFile, *, on_progress: OnProgress = _silent
) -> int:
    """Makes the store, which must be empty, the ledger of a file.

    It is done as a whole or not at all. Returns how many records there are; raises
    StoreRefused and ExportDamaged.
    """
    done, total = 0, file.header.record_count
    whole = Whole(store.part_count)
    with open_batch(store.backend) as batch:
        _check_empty(batch, store, file.header)
        for part, rows in groupby(file.rows(), key=itemgetter(0)):
            replay, chain = PartReplay(part), START
            for rows_together in _chunks(rows):
                for row in rows_together:
                    _replay(replay, whole, row)
                chain = rows_together[-1][-1]
                batch.restore(schema.record, rows_together)
                done += len(rows_together)
                on_progress(done, total)
            _restore_state(batch, replay, chain, file.documents)
        problems = [*whole.crossings.single(), *whole.counters.broken()]
        for _, problem in problems:
            message = f"the file is damaged: {problem}"
            raise ExportDamaged(message)
        for counters in _chunks(whole.counters.all()):
            batch.restore(schema.counter, counters)
    return done


def _write_documents(connection: Connection, file: BinaryIO) -> None:
    for program in all_programs(connection):
        if digest_of_text(program.document) != program.digest:
            raise _refused(f"program version {program.version} has another document")
        file.write(line_of_document(program))


def _record_count(connection: Connection) -> int:
    said = select(func.coalesce(func.sum(schema.head.c.last_number), 0))
    return int(connection.execute(said).scalar_one())


def _refused(what: str) -> StoreRefused:
    return StoreRefused(f"the ledger is damaged ({what}): run points verify")


def _damaged(line_number: int, what: str) -> ExportDamaged:
    return ExportDamaged(f"line {line_number} {what}: the file is damaged")


def _damage_at(line_number: int) -> Callable[[str], ExportDamaged]:
    return lambda what: _damaged(line_number, f"is wrong ({what})")


def _following(end: PartEnd, row: Any, error: Callable[[str], Exception]) -> PartEnd:
    """Returns the end of the part behind a row; raises the error if it breaks."""
    part, number, *_, body, personal, chain = row
    if number != end.number + 1:
        raise error(f"part {part}: record {number} follows record {end.number}")
    try:
        is_whole = link(end.digest, row) == chain and (
            not personal or personal_digest(personal) == stated_digest(body)
        )
    except UNREADABLE:
        is_whole = False
    if not is_whole:
        raise error(f"part {part}: the chain breaks at record {number}")
    return PartEnd(part, number, chain)


def _line_of(row: Any) -> Any:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _RAW:
        values[name] = msgspec.Raw(values[name].encode() or _NOTHING)
    return _Line(**values)


def _row_of(line_number: int, line: bytes) -> Row:
    try:
        read = msgspec.json.decode(line, type=_Line)
        row = tuple(_plain(getattr(read, name)) for name in _COLUMNS)
        is_ours = _encode(_line_of(row)) + b"\n" == line
    except UNREADABLE:
        is_ours = False
    if not is_ours:
        raise _damaged(line_number, "is no record")
    return row


def _plain(value: Any) -> Any:
    if not isinstance(value, msgspec.Raw):
        return value
    raw = bytes(value)
    return "" if raw == _NOTHING else raw.decode()


def _header(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except ValueError:
        message = "the file does not begin as an export: is it one of points export?"
        raise ExportDamaged(message) from None
    is_known = (header.format, header.version) == (_FORMAT, _VERSION)
    if not is_known:
        message = f"an export of version {header.version} cannot be read: update points"
        raise ExportDamaged(message)
    if not 1 <= header.part_count <= PART_COUNT_MAX:
        said = f"the file says that its ledger has {header.part_count} parts"
        raise ExportDamaged(f"{said}: it is damaged")
    return header


def _check_trailer(line_number: int, line: bytes, counted: Trailer) -> None:
    if line != _encode(counted) + b"\n":
        raise _damaged(line_number, "sums up other records")


def _check_all_named(line_number: int, known: DocumentLines) -> None:
    for version in known.unnamed():
        raise _damaged(line_number, f"ends without a record of version {version}")


def _check_nothing_follows(lines: Iterator[tuple[int, bytes]]) -> None:
    for number, _ in lines:
        raise _damaged(number, "follows the end")


def _check_empty(batch: Batch, store: Store, header: Header) -> None:
    """Locks the whole store; raises StoreRefused unless nothing is in it."""
    if store.part_count != header.part_count:
        message = (
            f"{store.place} has {store.part_count} parts, the file"
            f" {header.part_count}: give a database that does not exist yet"
        )
        raise StoreRefused(message)
    heads = batch.lock(range(store.part_count), wait=True)
    if any(head.last_number for head in heads.values()):
        message = f"{store.place} is not empty: give another --database-url"
        raise StoreRefused(message)


def _replay(replay: PartReplay, whole: Whole, row: Row) -> None:
    for problem in add_row(replay, whole, row):
        message = f"the file is damaged: part {replay.part}: {problem}"
        raise ExportDamaged(message)


def _restore_state(
    batch: Batch, replay: PartReplay, chain: str, documents: Mapping[int, str]
) -> None:
    """Writes what follows from the records of a part."""
    part = replay.part
    members, lots = replay.members.values(), replay.state_of_lots().values()
    reversals = [
        Reversal(part, number, points, replay.returned.get(number, NOTHING_RETURNED))
        for number, points in replay.reversed_points.items()
    ]
    batch.restore(schema.member, [member_row(member) for member in members])
    batch.restore(schema.account, list(replay.accounts.values()))
    batch.restore(schema.lot, [lot_row(lot) for lot in lots])
    batch.restore(schema.hold, [hold_row(hold) for hold in replay.holds.values()])
    batch.restore(schema.reversal, [reversal_row(each) for each in reversals])
    progress = replay.progress.values()
    batch.restore(schema.progress, [progress_row(each) for each in progress])
    programs = expected_programs(part, replay.program, documents).values()
    batch.restore(schema.program_version, [program_row(each) for each in programs])
    standings = replay.standings.values()
    batch.restore(schema.standing, [standing_row(each) for each in standings])
    batch.restore(schema.claim, [claim_row(each) for each in replay.claims.values()])
    batch.restore(schema.document, list(replay.documents.values()))
    head = Head(
        part,
        replay.last_number,
        replay.last_lot_number,
        replay.last_time,
        replay.last_hold_number,
        replay.closed_time,
        replay.program_version,
        chain,
    )
    batch.restore(schema.head, [head])


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := list(islice(left, ROWS_AT_A_TIME)):
        yield chunk
