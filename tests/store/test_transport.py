"""Export and import: the same ledger on the other database, or nothing at all."""

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
from points.domain.identity import Place, part_of
from points.domain.program import Program
from points.domain.values import (
    Draw,
    Head,
    Hold,
    HoldState,
    Kind,
    Member,
    MemberState,
    Posting,
    ReasonCode,
    TimeoutAction,
)
from points.engine.engine import running_engine
from points.store.errors import ExportDamaged, StoreRefused
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    lot,
    record,
    transaction,
    unfreeze_member,
    update_member,
)
from tests.histories import History, living_engine
from tests.postgresql.server import PostgresServer
from tests.store.build import put, rows, run_sql
from tests.store.cleaning import emptied, file_opened_once, opened_once


PARTS: Final = 3
TABLES: Final = {
    "head": "part",
    "member": "part, member_id",
    "account": "part, account, unit",
    "lot": "part, number",
    "hold": "part, number",
    "reversal": "part, number",
    "program_version": "part, version",
    "counter": "part, name, start_time",
    "record": "part, number",
}

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


@pytest.fixture(scope="module")
def stores(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    """Yields stores with few parts: two in SQLite files, one on PostgreSQL."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    with (
        file_opened_once(first, part_count=PARTS) as sqlite,
        file_opened_once(second, part_count=PARTS) as another,
        opened_once(postgres_server, part_count=PARTS) as postgresql,
    ):
        yield {"sqlite": sqlite, "another": another, "postgresql": postgresql}


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


def exported(store: Store, path: Path) -> bytes:
    """Writes an export of the store and returns it."""
    with path.open("wb") as file:
        write_export(store, file)
    return path.read_bytes()


def everything(store: Store) -> dict[str, list[Any]]:
    """Returns all rows of all tables."""
    return {
        table: rows(store, f"SELECT * FROM {table} ORDER BY {key}")
        for table, key in TABLES.items()
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "other"), [("sqlite", "postgresql"), ("postgresql", "another")]
)
def test_a_round_trip_to_the_other_database_changes_nothing(
    stores: dict[str, Store], tmp_path: Path, name: str, other: str, seed: int
) -> None:
    source, target = emptied(stores[name]), emptied(stores[other])
    live(source, Random(seed), steps=120)  # noqa: S311 - no secret
    path = tmp_path / "ledger.jsonl"
    first = exported(source, path)

    import_file(target, ExportFile(path))

    assert exported(target, path) == first
    assert everything(target) == everything(source)
    assert audit(target.backend).findings == []


def test_random_histories_have_records_of_every_kind(stores: dict[str, Store]) -> None:
    found: set[Kind] = set()
    for seed in range(12):
        store = emptied(stores["sqlite"])
        live(store, Random(seed), steps=120)  # noqa: S311 - no secret
        query = "SELECT DISTINCT kind FROM record WHERE body NOT LIKE '{\"refusal\"%'"
        found |= {Kind(kind) for (kind,) in rows(store, query)}

    assert found == set(Kind)


def live(store: Store, random: Random, *, steps: int) -> None:
    """Lets a random history of every kind happen in the store."""
    clock = Clock()
    with living_engine(store, clock) as engine:
        history = History(random, engine, clock)
        history.start()
        for _ in range(steps):
            clock.advance(random.randint(1, HOUR))
            history.step()


def test_what_is_exported_in_between_goes_on_elsewhere(
    stores: dict[str, Store], tmp_path: Path
) -> None:
    """What an import restores is all that the writer needs."""
    source, target = emptied(stores["sqlite"]), emptied(stores["postgresql"])
    live(source, Random(5), steps=60)  # noqa: S311 - no secret
    path = tmp_path / "ledger.jsonl"
    exported(source, path)
    import_file(target, ExportFile(path))

    for store in (source, target):
        clock = Clock(NOON + 9 * DAY)
        with living_engine(store, clock) as engine:
            history = History(Random(6), engine, clock, sent=9_000)  # noqa: S311
            for _ in range(60):
                clock.advance(HOUR)
                history.step()

    assert state(target) == state(source)


def state(store: Store) -> dict[str, list[Any]]:
    """Returns the rows that do not tell the chain, whose salt is random."""
    found = everything(store)
    return {name: found[name] for name in found.keys() - {"head", "record"}}


HOLD: Final = Hold(
    part=0,
    number=1,
    member_id="ada",
    unit="points",
    points=40,
    draws=(Draw(Place(0, 1), 40, NEVER),),
    captured_points=0,
    voided_points=0,
    state=HoldState.OPEN,
    place_time=NOON,
    lapse_time=NOON + DAY,
    update_time=NOON,
    on_timeout=TimeoutAction.VOID,
    freeze_expiry=True,
    sink="redemption",
    reason="a cart",
    record_number=3,
)


def test_holds_and_reversals_are_worked_out_from_the_records(
    stores: dict[str, Store], tmp_path: Path
) -> None:
    source, target = emptied(stores["sqlite"]), emptied(stores["postgresql"])
    created = Member(0, "ada", MemberState.ACTIVE, {}, NOON, NOON, 1)
    captured = HOLD._replace(draws=(Draw(Place(0, 1), 30, NEVER),), captured_points=10)
    results: list[tuple[Kind, Any]] = [
        (Kind.CREATE_MEMBER, created),
        (Kind.EARN, transaction(lots=(lot(part=0, record_number=2),))),
        (
            Kind.HOLD,
            moved("member:ada", "held:ada", 40, 60, draws=HOLD.draws, hold=HOLD),
        ),
        (
            Kind.CAPTURE,
            moved(
                "held:ada",
                "burn:redemption",
                10,
                60,
                draws=(Draw(Place(0, 1), 10, NEVER),),
                hold=captured,
            ),
        ),
        (
            Kind.REVERSE,
            moved(
                "burn:redemption",
                "member:ada",
                4,
                64,
                returns=(Draw(Place(0, 1), 4, NEVER),),
                reverses=Place(0, 4),
                reason_code=ReasonCode.REFUND,
            ),
        ),
    ]
    records = [
        record(part=0, number=n, request_id=f"r{n}", kind=kind, result=result)
        for n, (kind, result) in enumerate(results, 1)
    ]
    put(source, Head(0, 5, 1, NOON, 1), *records)
    path = tmp_path / "ledger.jsonl"
    first = exported(source, path)

    import_file(target, ExportFile(path))

    assert exported(target, path) == first
    assert audit(target.backend).findings == []
    held = rows(target, "SELECT remaining, held FROM lot")
    assert held == [(64, 30)]
    assert rows(target, "SELECT number, reversed_points FROM reversal") == [(4, 4)]
    assert rows(target, "SELECT captured_points, state FROM hold") == [(10, "OPEN")]


def moved(
    source: str, destination: str, points: int, balance_after: int, **fields: Any
) -> Any:
    """Returns a transaction of one posting that makes no lots."""
    posting = Posting(source, destination, "points", points)
    return transaction(
        postings=(posting,), balance_after=balance_after, lots=(), **fields
    )


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
