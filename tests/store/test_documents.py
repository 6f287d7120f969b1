"""Documents of the program go with an export, and every byte of them counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from points.domain.values import Kind, Record
from points.domain.versions import AppliedProgram, ProgramVersion
from points.store.errors import ExportDamaged, StoreRefused
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.store.schema import program_version as table
from points.store.texts.rows import program_row
from points.store.transport import ExportFile, import_file, write_export
from points.store.writing.batch import open_batch
from tests.clock import NOON
from tests.domain.build import program_version, record
from tests.store.build import FRESH, put, rows, run_sql


PARTS: Final = 2
DOCUMENTS: Final = ('{"program":"käse"}', '{"program":"two","x":[1, 2]}')


def version(number: int) -> ProgramVersion:
    """Returns a version as the records tell it."""
    digest = sha256(DOCUMENTS[number - 1].encode()).hexdigest()
    return program_version(version=number, digest=digest)


def applied(number: int, part: int) -> Record:
    """Returns the record of a version in a part."""
    return record(
        part=part,
        number=number,
        member_id="",
        request_id=f"v{number}",
        kind=Kind.APPLY_PROGRAM,
        result=version(number),
    )


def stored(number: int) -> AppliedProgram:
    """Returns a version with its document."""
    told = version(number)
    return AppliedProgram(
        part=0,
        version=number,
        digest=told.digest,
        effective_time=told.effective_time,
        apply_time=NOON,
        operator=told.operator,
        reason=told.reason,
        units=told.units,
        document=DOCUMENTS[number - 1],
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Yields a store to which two documents were applied."""
    url = f"sqlite:///{tmp_path / 'source.db'}"
    with open_store(url, part_count=PARTS) as opened:
        heads = [
            FRESH._replace(part=part, last_number=2, last_time=NOON, program_version=2)
            for part in range(PARTS)
        ]
        records = [applied(n, part) for part in range(PARTS) for n in (1, 2)]
        put(opened, *heads, *records)
        with open_batch(opened.backend) as batch:
            batch.restore(table, [program_row(stored(number)) for number in (1, 2)])
        yield opened


@pytest.fixture
def target(database_url: str) -> Iterator[Store]:
    """Yields an empty store on each database."""
    with open_store(database_url, migrating=True, part_count=PARTS) as opened:
        yield opened


@pytest.fixture
def export(store: Store, tmp_path: Path) -> Path:
    """Returns an export of it."""
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(store, file)
    return path


def test_an_import_brings_the_documents_back(
    store: Store, target: Store, export: Path, tmp_path: Path
) -> None:
    import_file(target, ExportFile(export))

    query = "SELECT * FROM program_version ORDER BY version"
    assert rows(target, query) == rows(store, query)
    assert audit(target.backend).differences == []
    again = tmp_path / "again.jsonl"
    with again.open("wb") as file:
        write_export(target, file)
    assert again.read_bytes() == export.read_bytes()


def test_documents_stand_before_the_records_as_they_are(export: Path) -> None:
    _, first, second, record_line, *_ = export.read_text("utf-8").splitlines()

    assert first == f'{{"program_version":1,"document":{DOCUMENTS[0]}}}'
    assert second == f'{{"program_version":2,"document":{DOCUMENTS[1]}}}'
    assert record_line.startswith('{"part":0,')


def without(number: int) -> Callable[[list[bytes]], list[bytes]]:
    """Returns what takes a line out."""
    return lambda lines: [*lines[:number], *lines[number + 1 :]]


DAMAGES: Final[dict[str, Callable[[list[bytes]], list[bytes]]]] = {
    "the first document is gone": without(1),
    "the second document is gone": without(2),
    "all documents are gone": lambda lines: [lines[0], *lines[3:]],
    "they come in another order": lambda o: [o[0], o[2], o[1], *o[3:]],
    "one comes twice": lambda o: [*o[:3], o[2], *o[3:]],
    "there is one too many": lambda o: [
        *o[:3],
        o[2].replace(b'version":2', b'version":3'),
        *o[3:],
    ],
    "one comes behind a record": lambda o: [*o[:2], o[3], o[2], *o[4:]],
    "one says something else": lambda o: [
        o[0],
        o[1].replace(b'"program":"k', b'"program":"K'),
        *o[2:],
    ],
    "one has a space more": lambda o: [o[0], o[1].replace(b":{", b": {"), *o[2:]],
    "one is no JSON": lambda o: [o[0], o[1].replace(b"}}", b"}"), *o[2:]],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_document_is_found(
    target: Store, export: Path, damage: Callable[[list[bytes]], list[bytes]]
) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join(damage(lines)))

    with pytest.raises(ExportDamaged):
        ExportFile(export).check()
    with pytest.raises(ExportDamaged):
        import_file(target, ExportFile(export))
    assert rows(target, "SELECT * FROM program_version") == []


def test_every_flipped_byte_of_a_document_is_found(export: Path) -> None:
    whole = export.read_bytes()
    start = whole.index(b'{"program_version":1')
    for place in range(start, whole.index(b"\n", start)):
        export.write_bytes(
            whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        )
        with pytest.raises(ExportDamaged):
            ExportFile(export).check()


def test_a_damaged_document_is_not_exported(store: Store, tmp_path: Path) -> None:
    run_sql(store, "UPDATE program_version SET document = '{}' WHERE version = 2")

    with (
        (tmp_path / "x").open("wb") as file,
        pytest.raises(StoreRefused, match="program version 2 has another document"),
    ):
        write_export(store, file)


def test_the_audit_finds_parts_that_disagree(store: Store) -> None:
    run_sql(
        store,
        "DELETE FROM record WHERE part = 1 AND number = 2",
        "UPDATE head SET program_version = 1, last_number = 1 WHERE part = 1",
    )

    found = audit(store.backend).differences

    assert "part 1: the versions of the program are not those of part 0" in found


def test_a_list_of_versions_leaves_the_documents_out(store: Store) -> None:
    with open_snapshot(store.backend) as snapshot:
        found = snapshot.programs_before(3, limit=1)

    assert found == [stored(2)._replace(document="")]
