"""Batches: what is written is read back, all of it or nothing."""

from __future__ import annotations

import pytest

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.refusals import InsufficientPoints
from points.domain.values import Head, Kind, Record
from points.store.errors import StoreRejected
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.clock import NOON
from tests.domain.build import (
    account,
    burn_record,
    frozen_member,
    lot,
    member,
    record,
    transaction,
)
from tests.store.build import FRESH, Thing, changes, put, rows, statements


PART = 7

RECORDS: dict[str, Record] = {
    "earn": record(channel="purchase", effective_time=NOON - 1),
    "burn": burn_record(),
    "member": record(kind=Kind.CREATE_MEMBER, result=member(attributes={"a": "1"})),
    "frozen member": record(kind=Kind.FREEZE_MEMBER, result=frozen_member()),
    "refusal": record(
        kind=Kind.BURN, result=InsufficientPoints("ada", "points", 1, POINTS_MAX)
    ),
}

STRANGE_TEXTS = [
    "'; DROP TABLE record; --",
    '"quoted" \\ and {braces}',
    "[1, null]",
    "123",
    "null",
    "%s %b ? :name",
    "日本語 é ß",
    "😀 \U0010ffff",
    "\u2028 \u2029 \u0085 \u200b",
    " leading and trailing ",
    "two\nlines, a\ttab\r and a bell\a",
    '\\n is no line, \\" no end',
    '","',
    "NULL",
]


class StopError(Exception):
    """Is raised by a test within a batch."""


def write_and_stop(store: Store) -> None:
    """Writes to every table, and raises before the commit."""
    with open_batch(store.backend) as batch:
        batch.write(changes([FRESH, record(), member(), account(), lot()]))
        raise StopError


@pytest.mark.parametrize("written", RECORDS.values(), ids=RECORDS)
def test_a_record_reads_back(store: Store, written: Record) -> None:
    put(store, written)
    key = (written.part, written.member_id, written.request_id)

    with open_batch(store.backend) as batch:
        found = batch.records([key])()

    assert found == {key: written}


def test_members_read_back(store: Store) -> None:
    ada, bob = frozen_member(), member(member_id="bob", attributes={"b": "2", "a": "1"})
    put(store, ada, bob)

    with open_batch(store.backend) as batch:
        found = batch.members([(PART, "ada"), (PART, "bob"), (PART, "eve")])()

    assert found == {(PART, "ada"): ada, (PART, "bob"): bob}


def test_accounts_read_back(store: Store) -> None:
    points = account(balance=70, lifetime_earned=100, lifetime_burned=30)
    miles = account(unit="miles", lifetime_expired=POINTS_MAX)
    put(store, points, miles)

    with open_batch(store.backend) as batch:
        found = batch.accounts(
            [(PART, "member:ada", unit) for unit in ("points", "miles", "stars")]
        )()

    assert found == {
        (PART, "member:ada", "points"): points,
        (PART, "member:ada", "miles"): miles,
    }


def test_lots_read_back(store: Store) -> None:
    written = lot(activate_time=NOON, expire_time=NEVER, remaining=1)
    put(store, written)
    key = (PART, "ada", "points")

    with open_batch(store.backend) as batch:
        found = batch.open_lots([key], now=NOON, limit=32)()

    assert found == {key: [written]}


@pytest.mark.parametrize("text", STRANGE_TEXTS)
def test_any_text_reads_back(store: Store, text: str) -> None:
    written = record(
        member_id=text,
        request_id=text,
        channel=text,
        result=transaction(reason=text, metadata={text: text}, lots=()),
    )
    put(store, written)

    with open_batch(store.backend) as batch:
        found = batch.records([(PART, text, text)])()

    assert list(found.values()) == [written]


def test_texts_of_one_column_are_never_mixed_up(store: Store) -> None:
    written = [member(member_id=text, part=PART) for text in STRANGE_TEXTS]
    put(store, *written)

    with open_batch(store.backend) as batch:
        found = batch.members((PART, text) for text in STRANGE_TEXTS)()

    assert found == {(PART, one.member_id): one for one in written}


def test_a_nul_is_refused_rather_than_taken_for_the_end_of_a_text(
    postgresql_store: Store,
) -> None:
    with pytest.raises(StoreRejected):
        put(postgresql_store, member(member_id="ada\0"), member(member_id="bo"))

    with open_batch(postgresql_store.backend) as batch:
        assert not batch.members([(PART, "ada"), (PART, ""), (PART, "bo")])()


def test_the_same_name_in_another_part_is_another_member(store: Store) -> None:
    put(store, member(part=8))

    with open_batch(store.backend) as batch:
        found = batch.members([(PART, "ada")])()

    assert found == {}


def test_heads_are_locked_and_returned(store: Store) -> None:
    written = Head(part=7, last_number=4, last_lot_number=2, last_time=NOON)
    put(store, written)

    with open_batch(store.backend) as batch:
        heads = batch.lock({7, 3}, wait=False)

    assert heads == {
        3: Head(part=3, last_number=0, last_lot_number=0, last_time=0),
        7: written,
    }


def test_what_is_written_again_is_replaced(store: Store) -> None:
    put(store, FRESH, member(), account(balance=100), lot())
    changed: list[Thing] = [
        Head(part=7, last_number=1, last_lot_number=1, last_time=NOON),
        frozen_member(),
        account(balance=70),
        lot(remaining=70),
    ]

    put(store, *changed)

    with open_batch(store.backend) as batch:
        key = (PART, "ada", "points")
        found = [
            *batch.lock([PART], wait=False).values(),
            *batch.members([(PART, "ada")])().values(),
            *batch.accounts([(PART, "member:ada", "points")])().values(),
            *batch.open_lots([key], now=NOON, limit=1)()[key],
        ]
    assert found == changed


def test_an_exception_leaves_nothing(store: Store) -> None:
    with pytest.raises(StopError):
        write_and_stop(store)

    tables = ("record", "member", "account", "lot")
    assert [rows(store, f"SELECT * FROM {table}") for table in tables] == [[]] * 4


def test_a_batch_that_follows_a_failed_one_succeeds(store: Store) -> None:
    with pytest.raises(StopError):
        write_and_stop(store)

    put(store, record())

    assert rows(store, "SELECT count(*) FROM record") == [(1,)]


def test_nothing_is_read_without_keys(store: Store) -> None:
    with open_batch(store.backend) as batch, statements(store.backend) as seen:
        found = (
            batch.records([])(),
            batch.members([])(),
            batch.accounts([])(),
            batch.open_lots([], now=NOON, limit=1)(),
        )

    assert (found, seen) == (({}, {}, {}, {}), [])


def test_nothing_is_written_without_changes(store: Store) -> None:
    with statements(store.backend) as seen:
        put(store)

    assert seen == []


def test_a_thousand_rows_take_one_statement_per_table(store: Store) -> None:
    things = [
        thing
        for number in range(1, 1_001)
        for thing in (
            member(member_id=f"m{number}"),
            account(account=f"member:m{number}"),
            lot(number=number, member_id=f"m{number}"),
            record(number=number, member_id=f"m{number}"),
        )
    ]

    with statements(store.backend) as seen:
        put(store, FRESH, *things)

    assert len(seen) == 5
