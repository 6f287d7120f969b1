"""One flipped byte anywhere in the history is found, and where it is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text, update

from points.domain.program import Program
from points.engine.engine import running_engine
from points.store.opening import Store
from points.store.proof.audit import audit
from points.store.proof.findings import Finding
from points.store.schema import head, record
from tests.clock import NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.postgresql.server import PostgresServer
from tests.store.build import run_sql
from tests.store.cleaning import emptied, file_opened_once, opened_once


NUMBER: Final = 3
"""Record in the middle that is flipped: it has personal data, and others follow."""

COLUMNS: Final = [column.name for column in record.columns]
NUMBERS: Final = [name for name in COLUMNS if record.c[name].type.python_type is int]
TEXTS: Final = [name for name in COLUMNS if name not in NUMBERS]


def fill(store: Store, program: Program) -> None:
    """Gives Ada a history of five records."""
    with running_engine(store, program, clock=Clock()) as engine:
        for command in (
            create_member(request_id="join", attributes={"name": "Ada"}),
            earn(request_id="spring"),
            earn(
                request_id="summer",
                channel="shop",
                metadata={"order": "17"},
                effective_time=NOON - 5,
            ),
            burn(request_id="autumn", points=7_000),
            burn(request_id="winter", points=30),
        ):
            engine.execute(command)


@pytest.fixture(scope="module")
def small_postgresql_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL with two parts."""
    with opened_once(postgres_server, part_count=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def small_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yields a store in a SQLite file with two parts."""
    with file_opened_once(tmp_path_factory.mktemp("flips"), part_count=2) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, program: Program) -> Store:
    """Returns a store in which Ada has a history."""
    store: Store = request.getfixturevalue(f"small_{request.param}_store")
    fill(emptied(store), program)
    return store


def found(store: Store) -> list[Finding]:
    """Returns what the audit finds."""
    return audit(store.backend).findings


def is_located(findings: list[Finding], number: int = NUMBER) -> bool:
    """Says whether a record is named, or the gap that it has left."""
    return any(
        finding.number == number or f"follows record {number - 1}" in finding.message
        for finding in findings
    )


def stored(connection: Connection, name: str) -> Any:
    """Returns what stands in a column of the record."""
    query = select(record.c[name]).where(record.c.number == NUMBER)
    return connection.execute(query).scalar_one()


def change(store: Store, name: str, value: Any) -> None:
    """Puts something else into a column of the record."""
    with store.backend.writing.begin() as connection:
        statement = update(record).where(record.c.number == NUMBER)
        connection.execute(statement.values({name: value}))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("bit", [0, 1, 7, 14])
def test_a_flipped_number_is_located(ledger: Store, name: str, bit: int) -> None:
    with ledger.backend.reading.connect() as connection:
        old = stored(connection, name)
    new = old ^ 1 << bit
    if name == "number":
        new += 1_000  # its neighbours hold the other numbers

    change(ledger, name, new)

    assert is_located(found(ledger))


@pytest.mark.parametrize("name", TEXTS)
def test_every_flipped_character_is_located(ledger: Store, name: str) -> None:
    with ledger.backend.reading.connect() as connection:
        old = stored(connection, name)
    assert old, f"{name} is empty: nothing to flip"
    places = range(len(old)) if len(old) < 40 else random.sample(range(len(old)), 40)
    for place in places:
        flipped = chr(ord(old[place]) ^ 1)

        change(ledger, name, old[:place] + flipped + old[place + 1 :])

        assert is_located(found(ledger)), (place, flipped)
    change(ledger, name, old)
    assert found(ledger) == []


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_was_cut_or_grew_is_located(ledger: Store, name: str) -> None:
    with ledger.backend.reading.connect() as connection:
        old = stored(connection, name)
    for new in ("", old[:-1], old + " ", f" {old}", old.upper() + "ä"):
        change(ledger, name, new)
        assert is_located(found(ledger)), new


def test_a_chain_with_another_end_is_found(ledger: Store) -> None:
    with ledger.backend.writing.begin() as connection:
        query = select(head.c.part, head.c.chain).where(head.c.chain != "")
        part, chain = connection.execute(query).one()
        flipped = ("0" if chain[0] != "0" else "1") + chain[1:]
        connection.execute(
            update(head).where(head.c.part == part).values(chain=flipped)
        )

    assert found(ledger) == [
        Finding(part, 0, "head has another chain than the last record")
    ]


def test_a_member_who_was_not_erased_keeps_the_personal_data(ledger: Store) -> None:
    change(ledger, "personal", "")

    assert [finding.message for finding in found(ledger)] == [
        f"record {NUMBER} lost personal data, 'ada' was not erased"
    ]


@pytest.fixture
def file(small_sqlite_store: Store, program: Program) -> Store:
    """Returns a store in a SQLite file in which Ada has a history."""
    fill(emptied(small_sqlite_store), program)
    return small_sqlite_store


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1_000), bit=st.integers(0, 7))
def test_every_flipped_bit_of_a_file_is_located(
    file: Store, name: str, place: int, bit: int
) -> None:
    """Flips bits that no text can have, too: SQLite stores what it is given."""
    with file.backend.reading.connect() as connection:
        old = stored(connection, name).encode()
    raw = bytearray(old)
    raw[place % len(raw)] ^= 1 << bit

    write_bytes(file, name, bytes(raw))

    assert is_located(found(file))
    write_bytes(file, name, old)
    assert found(file) == []


def write_bytes(store: Store, name: str, raw: bytes) -> None:
    """Puts bytes into a text of the record, whatever they are."""
    statement = f"UPDATE record SET {name} = CAST(X'{raw.hex()}' AS TEXT)"
    with store.backend.writing.begin() as connection:
        connection.execute(text(f"{statement} WHERE number = {NUMBER}"))


WRITTEN_OTHERWISE: Final = {
    "hold 1 freeze_expiry": "UPDATE hold SET freeze_expiry = 3",
    "hold 1 draws": "UPDATE hold SET draws = draws || ' '",
    "member ada attributes": "UPDATE member SET attributes = attributes || ' '",
}
"""Damage to columns that would be read as what they were."""


@pytest.mark.parametrize(
    ("place", "sql"), WRITTEN_OTHERWISE.items(), ids=WRITTEN_OTHERWISE
)
def test_what_is_written_otherwise_is_located_though_it_says_the_same(
    ledger: Store, program: Program, place: str, sql: str
) -> None:
    with running_engine(ledger, program, clock=Clock()) as engine:
        engine.execute(place_hold(request_id="hold", freeze_expiry=True))
    assert found(ledger) == []

    run_sql(ledger, sql)

    assert [f"{place}:" in each.message for each in found(ledger)] == [True]


@pytest.mark.parametrize(
    "damage",
    ["part_count = 0", "part_count = -1", "part_count = 1073741826", "part = 9"],
)
def test_a_damaged_number_of_parts_is_found_without_counting_to_it(
    ledger: Store, damage: str
) -> None:
    run_sql(ledger, f"UPDATE layout SET {damage}")
    try:
        (finding,) = found(ledger)
    finally:
        run_sql(ledger, "UPDATE layout SET part = 0, part_count = 2")

    assert finding.message.startswith("layout ")
    assert finding.message.endswith("but 2 have a head")
