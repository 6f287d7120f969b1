"""Files of exports: what is in them, and that a damaged one leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.domain.bounds import NEVER
from points.domain.commands import Command
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.values import Head
from points.engine.engine import running_engine
from points.store.errors import ExportDamaged, StoreRefused
from points.store.opening import Store, open_store
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, NOON, Clock
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    record,
    transaction,
    unfreeze_member,
    update_member,
)
from tests.store.build import put, rows, run_sql
from tests.store.cleaning import emptied
from tests.store.exporting import PARTS, everything, exported


MAKERS: Final[list[Callable[..., Command]]] = [
    create_member,
    earn,
    earn,
    burn,
    burn,
    update_member,
    freeze_member,
    unfreeze_member,
]


def history(random: Random, length: int) -> Iterator[Command]:
    """Yields random commands, many of which are refused."""
    for number in range(length):
        make = random.choice(MAKERS)
        fields: dict[str, Any] = {
            "member_id": random.choice(["ada", "bob", "eve", "zoë"]),
            "request_id": f"r{number}",
        }
        if make in (earn, burn):
            fields["points"] = random.randint(1, 120)
            fields["unit"] = random.choice(["points", "miles"])
            fields["metadata"] = random.choice([{}, {"order": '"17"\n'}])
        if make is earn:
            fields["expire_time"] = random.choice([NEVER, NOON + DAY])
        yield make(**fields)


def fill(store: Store, program: Program, commands: Iterator[Command]) -> None:
    """Has an engine carry out the commands."""
    clock = Clock()
    with running_engine(store, program, clock=clock) as engine:
        for command in commands:
            clock.advance(1)
            engine.execute(command)


@pytest.fixture
def ledger(stores: dict[str, Store], program: Program) -> Store:
    """Returns a store with a short history."""
    store = emptied(stores["sqlite"])
    fill(store, program, history(Random(7), 30))  # noqa: S311 - no secret
    return store


@pytest.fixture
def export(ledger: Store, tmp_path: Path) -> Path:
    """Returns an export of it."""
    path = tmp_path / "ledger.jsonl"
    exported(ledger, path)
    return path


@pytest.fixture(params=["another", "postgresql"])
def target(request: pytest.FixtureRequest, stores: dict[str, Store]) -> Store:
    """Returns an empty store on each database."""
    return emptied(stores[request.param])


def test_every_line_is_json_that_says_what_it_is(export: Path) -> None:
    header, *records, trailer = map(json.loads, export.read_text().splitlines())

    assert header == {
        "format": "points-ledger",
        "version": 1,
        "part_count": PARTS,
        "record_count": 30,
    }
    assert [(one["part"], one["number"]) for one in records] == sorted(
        (one["part"], one["number"]) for one in records
    )
    assert trailer["record_count"] == len(records) == 30
    digests = {one["part"]: one["chain"] for one in records}
    assert {head["part"]: head["digest"] for head in trailer["heads"]} == {
        part: digests.get(part, "") for part in range(PARTS)
    }


def test_bodies_and_personal_data_are_json_themselves(export: Path) -> None:
    _, *records, _ = map(json.loads, export.read_text().splitlines())

    assert {type(one["body"]) for one in records} == {dict}
    assert {type(one["personal"]) for one in records} == {list, type(None)}


def test_progress_is_told(ledger: Store, export: Path, target: Store) -> None:
    seen: list[tuple[int, int]] = []
    with export.open("wb") as file:
        write_export(ledger, file, on_progress=lambda *told: seen.append(told))

    import_file(target, ExportFile(export), on_progress=lambda *t: seen.append(t))

    assert (seen[0], seen[-1]) == ((30, 30), (30, 30))


def test_a_store_with_a_record_in_it_is_left_alone(
    export: Path, target: Store, program: Program
) -> None:
    fill(target, program, iter([create_member()]))
    before = everything(target)

    with pytest.raises(StoreRefused, match="is not empty"):
        import_file(target, ExportFile(export))

    assert everything(target) == before


def test_a_store_with_other_parts_is_refused(export: Path, tmp_path: Path) -> None:
    with (
        open_store(f"sqlite:///{tmp_path}/other.db", part_count=5) as other,
        pytest.raises(StoreRefused, match="has 5 parts, the file 3"),
    ):
        import_file(other, ExportFile(export))


def lines_of(path: Path) -> list[bytes]:
    """Returns the lines of a file."""
    return path.read_bytes().splitlines(keepends=True)


def without(lines: list[bytes], place: int) -> list[bytes]:
    """Returns all lines but one."""
    return [line for number, line in enumerate(lines) if number != place]


DAMAGES: Final[dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]]] = {
    "nothing in it": (lambda _: [], "does not begin as an export"),
    "no header": (lambda lines: lines[1:], "does not begin as an export"),
    "another program's": (
        lambda lines: [lines[0].replace(b"points-ledger", b"other"), *lines[1:]],
        "cannot be read",
    ),
    "of a later version": (
        lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
        "version 2 cannot be read",
    ),
    "parts without end": (
        lambda lines: [lines[0].replace(b":3,", b":99999999999,"), *lines[1:]],
        "has 99999999999 parts",
    ),
    "no trailer": (lambda lines: lines[:-1], "30 records, then .*cut off"),
    "half a trailer": (
        lambda lines: [*lines[:-1], lines[-1][:-9]],
        "line 32 sums up other records",
    ),
    "cut in a line": (
        lambda lines: [*lines[:9], lines[9][:50]],
        "line 10 is no record",
    ),
    "a record is missing": (lambda lines: without(lines, 4), "line 5 is wrong"),
    "the last record is missing": (
        lambda lines: without(lines, -2 % len(lines)),
        "line 31 sums up other records",
    ),
    "a record twice": (
        lambda lines: [*lines[:4], lines[3], *lines[4:]],
        "line 5 is wrong",
    ),
    "another order": (
        lambda lines: [lines[0], *reversed(lines[1:-1]), lines[-1]],
        "line 2 is wrong",
    ),
    "more points": (
        lambda lines: [line.replace(b"miles", b"smile") for line in lines],
        "the chain breaks",
    ),
    "more spaces": (
        lambda lines: [line.replace(b",", b", ", 1) for line in lines],
        "line 2 is no record",
    ),
    "something behind it": (lambda lines: [*lines, b"\n"], "line 33 follows the end"),
    "a part too many": (
        lambda lines: [lines[0].replace(b":3,", b":2,"), *lines[1:]],
        "line .* is wrong|sums up|has a record of part",
    ),
}


@pytest.mark.parametrize(("harm", "what"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_and_leaves_nothing(
    export: Path,
    stores: dict[str, Store],
    harm: Callable[[list[bytes]], list[bytes]],
    what: str,
) -> None:
    target = emptied(stores["another"])
    before = everything(target)
    export.write_bytes(b"".join(harm(lines_of(export))))

    with pytest.raises((ExportDamaged, StoreRefused), match=what):
        ExportFile(export).check()
    with pytest.raises((ExportDamaged, StoreRefused)):
        import_file(target, ExportFile(export))

    assert everything(target) == before


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_every_flipped_bit_of_a_file_is_found(
    export: Path, place: float, bit: int
) -> None:
    whole = export.read_bytes()
    harmed = bytearray(whole)
    harmed[int(place * len(whole))] ^= 1 << bit
    export.write_bytes(harmed)

    with pytest.raises(ExportDamaged):
        ExportFile(export).check()

    export.write_bytes(whole)


def test_another_count_in_the_first_line_is_found(export: Path) -> None:
    first, *rest = export.read_bytes().splitlines(keepends=True)
    count = json.loads(first)["record_count"]
    other = first.replace(
        b'"record_count":%d' % count, b'"record_count":%d' % (count + 1)
    )
    export.write_bytes(b"".join([other, *rest]))

    with pytest.raises(ExportDamaged, match=f"line 1 tells of other than {count} rec"):
        ExportFile(export).check()


def test_a_file_whose_books_do_not_add_up_is_refused(
    stores: dict[str, Store], tmp_path: Path
) -> None:
    """Whoever forges a whole chain still has to keep the books."""
    source, target = emptied(stores["sqlite"]), emptied(stores["postgresql"])
    forged = record(part=0, result=transaction(balance_after=1_000, lots=()))
    put(source, Head(0, 1, 0, NOON), forged)
    path = tmp_path / "ledger.jsonl"
    exported(source, path)

    with pytest.raises(ExportDamaged, match=r"part 0: .*says 1000 points are left"):
        import_file(target, ExportFile(path))

    assert rows(target, "SELECT count(*) FROM record") == [(0,)]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE record SET channel = 'x' WHERE number = 2",
        "UPDATE record SET personal = '[]' WHERE personal <> ''",
        "DELETE FROM record WHERE number = 2",
        "DELETE FROM record WHERE number > 3",
    ],
)
def test_a_damaged_ledger_is_not_exported(
    ledger: Store, tmp_path: Path, damage: str
) -> None:
    run_sql(ledger, damage)

    with pytest.raises(StoreRefused, match="run points verify"):
        exported(ledger, tmp_path / "half.jsonl")


def test_members_are_where_they_were(export: Path, target: Store) -> None:
    import_file(target, ExportFile(export))

    found = rows(target, "SELECT DISTINCT part, member_id FROM member")
    assert found
    assert all(part == part_of(member_id, PARTS) for part, member_id in found)
