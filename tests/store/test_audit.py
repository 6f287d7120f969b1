"""Audit: the records tell of every row that somebody has changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pytest

from points.domain.commands import Command
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.values import Kind
from points.engine.engine import running_engine
from points.store.opening import Store
from points.store.proof.audit import audit
from points.store.proof.findings import Counts
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    record,
    transaction,
    update_member,
)
from tests.postgresql.server import PostgresServer
from tests.store.build import put, run_sql
from tests.store.cleaning import emptied, file_opened_once, opened_once


PARTS: Final = 4
PART: Final = part_of("ada", PARTS)
EMPTY_PART: Final = ({*range(PARTS)} - {PART, part_of("bob", PARTS)}).pop()

HISTORY: Final[list[Command]] = [
    create_member(request_id="r1", attributes={"name": "Ada"}),
    earn(request_id="r2", expire_time=NOON + DAY, activate_time=NOON + HOUR),
    earn(request_id="r3", points=50),
    burn(request_id="r4", points=1_000),
    burn(request_id="r5", points=30),
    update_member(request_id="r6", attributes={"name": "Ada Lovelace"}),
    create_member(member_id="bob"),
    freeze_member(member_id="bob", request_id="r2"),
]
"""Records 1 to 6 of Ada's part, the fourth a refusal; lots 1 and 2."""


@pytest.fixture(scope="module")
def small_postgresql_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL with few parts, for each part takes its time."""
    with opened_once(postgres_server, part_count=PARTS) as opened:
        yield opened


@pytest.fixture(scope="module")
def small_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yields a store in a SQLite file with few parts."""
    folder = tmp_path_factory.mktemp("small")
    with file_opened_once(folder, part_count=PARTS) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Returns an empty store with few parts on each database."""
    small: Store = request.getfixturevalue(f"small_{request.param}_store")
    return emptied(small)


@pytest.fixture
def ledger(store: Store, program: Program) -> Store:
    """Returns a store in which Ada and Bob have a history."""
    clock = Clock()
    with running_engine(store, program, clock=clock) as engine:
        for command in HISTORY:
            clock.advance(1)
            engine.execute(command)
    return store


def differences(store: Store) -> list[str]:
    """Returns what the audit finds."""
    return audit(store.backend).differences


def found(store: Store, pattern: str) -> bool:
    """Says whether the audit finds something of the kind."""
    return any(re.search(pattern, what) for what in differences(store))


def test_a_whole_ledger_has_no_differences(ledger: Store) -> None:
    assert differences(ledger) == []


def test_an_empty_ledger_has_no_differences(store: Store) -> None:
    assert differences(store) == []


def test_everything_is_counted(ledger: Store) -> None:
    counts = Counts(records=8, transactions=3, members=2, accounts=3, lots=2)

    assert audit(ledger.backend).counts == counts


def test_it_says_how_far_it_has_come(ledger: Store) -> None:
    seen: list[tuple[int, int]] = []

    audit(
        ledger.backend,
        on_progress=lambda f: seen.append((f.counts.records, f.total_record_count)),
    )

    assert (seen[0], seen[-1], len(seen)) == ((0, 8), (8, 8), PARTS + 1)


def test_a_difference_says_what_is_stored_and_what_should_be(ledger: Store) -> None:
    run_sql(ledger, f"UPDATE head SET last_number = 9 WHERE part = {EMPTY_PART}")

    assert differences(ledger) == [
        f"part {EMPTY_PART}: head has last_number 9, the records say 0"
    ]


ADAS_ACCOUNT: Final = "WHERE account = 'member:ada'"
ADAS_HEAD: Final = f"WHERE part = {PART}"
FIRST_LOT: Final = f"WHERE part = {PART} AND number = 1"

DAMAGED_STATE: Final[dict[str, tuple[str, str]]] = {
    **{
        f"account {column}": (
            f"UPDATE account SET {column} = {column} + 1 {ADAS_ACCOUNT}",
            r"account \('member:ada', 'points'\) is stored as .*, the records say",
        )
        for column in (
            "balance",
            "floor",
            "lifetime_earned",
            "lifetime_burned",
            "lifetime_expired",
        )
    },
    "account issuance": (
        "UPDATE account SET balance = balance - 1 WHERE account = 'issuance'",
        r"account \('issuance', 'points'\) is stored as",
    ),
    "account moved": (
        f"UPDATE account SET unit = 'miles' {ADAS_ACCOUNT}",
        r"account \('member:ada', 'miles'\) is stored as .*, the records say None",
    ),
    "account gone": (
        f"DELETE FROM account {ADAS_ACCOUNT}",
        r"account \('member:ada', 'points'\) is stored as None, the records say",
    ),
    "account from nowhere": (
        (
            "INSERT INTO account"
            " VALUES (0, 'member:eve', 'points', 5, 0, 5, 0, 0, '', '', 0)"
        ),
        r"part 0: account \('member:eve', 'points'\) is stored as .* say None",
    ),
    "account of no part": (
        "INSERT INTO account VALUES (99, 'transit', 'pts', 5, 0, 5, 0, 0, '', '', 0)",
        "part 99",
    ),
    **{
        f"lot {column}": (
            f"UPDATE lot SET {column} = {column} + 1 {FIRST_LOT}",
            "lot 1 is stored as .*, the records say",
        )
        for column in (
            "points",
            "earn_time",
            "activate_time",
            "expire_time",
            "record_number",
        )
    },
    "lot remaining": (
        f"UPDATE lot SET remaining = remaining - 1 {FIRST_LOT}",
        "lot 1 is stored as .*, the records say",
    ),
    "lot hidden from burns": (
        f"UPDATE lot SET is_drawn = 1 {FIRST_LOT}",
        "lot 1 is_drawn: 1",
    ),
    "lot drawn in vain": (
        f"UPDATE lot SET remaining = 0 {FIRST_LOT}",
        "lot 1 is_drawn: 0",
    ),
    "lot member_id": (
        f"UPDATE lot SET member_id = 'bob' {FIRST_LOT}",
        "lot 1 is stored as .*member_id='bob'.*, the records say",
    ),
    "lot unit": (
        f"UPDATE lot SET unit = 'miles' {FIRST_LOT}",
        "lot 1 is stored as .*unit='miles'.*, the records say",
    ),
    "lot gone": (f"DELETE FROM lot {FIRST_LOT}", "lot 1 is stored as None"),
    "lot from nowhere": (
        (
            f"INSERT INTO lot VALUES ({PART}, 3, 'ada', 'points', 5, 5, 0, 0, 9, 1,"
            " 0, '', '', '', 0, 0, 0, '')"
        ),
        "lot 3 is stored as .*, the records say None",
    ),
    **{
        f"member {column}": (
            f"UPDATE member SET {column} = {value} WHERE member_id = 'ada'",
            "member ada is stored as .*, the records say",
        )
        for column, value in {
            "state": "'FROZEN'",
            "attributes": "'{}'",
            "create_time": "create_time + 1",
            "update_time": "update_time + 1",
            "version": "version + 1",
        }.items()
    },
    "member gone": (
        "DELETE FROM member WHERE member_id = 'ada'",
        "member ada is stored as None",
    ),
    "member from nowhere": (
        "INSERT INTO member VALUES (0, 'eve', 'ACTIVE', '{}', 0, 0, 1, '', '', '')",
        "part 0: member eve is stored as .*, the records say None",
    ),
    **{
        f"head {column}": (
            f"UPDATE head SET {column} = {column} + 1 {ADAS_HEAD}",
            f"part {PART}: head has {column} .*, the records say",
        )
        for column in ("last_number", "last_lot_number", "last_time")
    },
    "head gone": (f"DELETE FROM head {ADAS_HEAD}", f"{PART}"),
}


@pytest.mark.parametrize(("sql", "what"), DAMAGED_STATE.values(), ids=DAMAGED_STATE)
def test_damaged_state_is_found(ledger: Store, sql: str, what: str) -> None:
    run_sql(ledger, sql)

    assert found(ledger, what)


def of_record(number: int) -> str:
    """Returns the condition for a record of Ada's part."""
    return f"WHERE part = {PART} AND number = {number}"


DAMAGED_RECORDS: Final[dict[str, tuple[str, str]]] = {
    "first gone": (f"DELETE FROM record {of_record(1)}", "record 2 follows record 0"),
    "one gone": (f"DELETE FROM record {of_record(4)}", "record 5 follows record 3"),
    "last gone": (
        f"DELETE FROM record {of_record(6)}",
        "head has last_number 6, the records say 5",
    ),
    "more points": (
        (
            "UPDATE record SET body = replace(body, '\"points\",50', '\"points\",51')"
            f" {of_record(3)}"
        ),
        "the postings say 151",
    ),
    "fewer drawn": (
        f"UPDATE record SET body = replace(body, ',30', ',29') {of_record(5)}",
        "the postings say 121",
    ),
    "other attributes": (
        (
            "UPDATE record SET personal = replace(personal, 'Lovelace', 'Byron')"
            f" {of_record(6)}"
        ),
        "member ada is stored as .*Lovelace.*, the records say .*Byron",
    ),
    "other member": (
        f"UPDATE record SET member_id = 'eve' {of_record(3)}",
        r"transaction t\d+-3 says 150 points are left, the postings say 0",
    ),
    "earlier": (
        f"UPDATE record SET record_time = record_time - 1000 {of_record(3)}",
        "record 3 is older than the one before",
    ),
    "later": (
        f"UPDATE record SET record_time = record_time + 1000 {of_record(6)}",
        "head has last_time",
    ),
    "hidden from statements": (
        f"UPDATE record SET is_transaction = 0 {of_record(3)}",
        "record 3",
    ),
    "shown in statements": (
        f"UPDATE record SET is_transaction = 1 {of_record(6)}",
        "record 6",
    ),
    "another kind": (f"UPDATE record SET kind = 'BURN' {of_record(3)}", "record 3"),
    "a kind of member": (
        f"UPDATE record SET kind = 'FREEZE_MEMBER' {of_record(3)}",
        "record 3",
    ),
    "no kind": (
        f"UPDATE record SET kind = 'STEAL' {of_record(3)}",
        "record 3 cannot be read: .*STEAL",
    ),
}


@pytest.mark.parametrize(("sql", "what"), DAMAGED_RECORDS.values(), ids=DAMAGED_RECORDS)
def test_damaged_records_are_found(ledger: Store, sql: str, what: str) -> None:
    run_sql(ledger, sql)

    assert found(ledger, what)


BODIES: Final[dict[str, str]] = {
    "no text": "",
    "no JSON": "x",
    "nothing": "null",
    "a list": "[]",
    "a number": "1",
    "nothing in it": "{}",
    "two things": '{"refusal": {}, "member": {}}',
    "no refusal": '{"refusal": {"reason": "NEVER", "data": {}}}',
    "half a refusal": '{"refusal": {"reason": "MEMBER_NOT_FOUND", "data": {}}}',
    "half a member": '{"member": {"state": "ACTIVE"}}',
    "no member": '{"member": null}',
    "half a transaction": '{"transaction": {}}',
    "no postings": (
        '{"transaction": {"postings": [], "balance_after": 0, "reason": "",'
        ' "metadata": {}, "draws": [], "lots": []}}'
    ),
    "points in words": (
        '{"transaction": {"postings": [["issuance", "member:ada", "points", "ten"]],'
        ' "balance_after": 0, "reason": "", "metadata": {}, "draws": [], "lots": []}}'
    ),
}


def bodies(names: Iterable[str]) -> list[str]:
    """Returns SQL-ready texts of bodies."""
    return [BODIES[name].replace(":", r"\:") for name in names]


@pytest.mark.parametrize("body", bodies(BODIES), ids=BODIES)
def test_a_record_that_cannot_be_read_is_found(ledger: Store, body: str) -> None:
    run_sql(ledger, f"UPDATE record SET body = '{body}' {of_record(3)}")

    assert found(ledger, "record 3|t[0-9]+-3")


@pytest.mark.parametrize(
    "damage", ["state = 'GONE'", "attributes = ''", "attributes = '['"]
)
def test_a_member_that_cannot_be_read_is_found(ledger: Store, damage: str) -> None:
    run_sql(ledger, f"UPDATE member SET {damage} WHERE member_id = 'ada'")

    assert found(ledger, f"part {PART}: .*ada")


def test_all_damage_is_listed_at_once(ledger: Store) -> None:
    run_sql(
        ledger,
        f"UPDATE account SET balance = balance + 1 {ADAS_ACCOUNT}",
        f"UPDATE lot SET remaining = remaining - 1 {FIRST_LOT}",
        "DELETE FROM member WHERE member_id = 'bob'",
    )

    assert len(differences(ledger)) == 3


def test_a_long_history_is_read_bit_by_bit(store: Store) -> None:
    put(
        store,
        *(
            record(
                part=PART,
                number=number,
                request_id=f"r{number}",
                kind=Kind.EARN,
                result=transaction(lots=()),
            )
            for number in range(1, 2_002)
        ),
    )

    assert audit(store.backend).counts.records == 2_001
