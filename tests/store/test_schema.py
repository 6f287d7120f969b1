"""The schema: migrations make what the metadata says, and it guards itself."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from points.domain.bounds import NEVER, POINTS_MAX, POINTS_MIN
from points.domain.values import Head
from points.store.errors import StoreRejected
from points.store.opening import Store, open_store
from points.store.schema import metadata
from points.store.version import VERSION_TABLE
from tests.domain.build import account, burn_record, lot, record
from tests.store.build import put, rows, run_sql


def test_the_migrations_make_what_the_metadata_says(store: Store) -> None:
    options = {"compare_type": True, "version_table": VERSION_TABLE}
    with store.backend.reading.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_a_new_ledger_has_a_fresh_head_for_each_part(database_url: str) -> None:
    with open_store(database_url, migrating=True, part_count=3) as store:
        heads = rows(store, "SELECT * FROM head ORDER BY part")

    assert [Head(*row) for row in heads] == [
        Head(part=part, last_number=0, last_lot_number=0, last_time=0)
        for part in range(3)
    ]


@pytest.mark.parametrize(
    "things",
    [
        [account(balance=-1)],
        [account(balance=4, floor=5)],
        [lot(remaining=-1)],
        [lot(points=100, remaining=101)],
    ],
    ids=["below zero", "below floor", "lot below zero", "lot above its beginning"],
)
def test_the_database_refuses_broken_books(store: Store, things: list[object]) -> None:
    with pytest.raises(StoreRejected):
        put(store, *things)  # type: ignore[arg-type]  # accounts and lots


@pytest.mark.parametrize(
    "again",
    [record(request_id="r2"), burn_record()],
    ids=["same number", "same request id"],
)
def test_a_record_is_never_written_over(store: Store, again: object) -> None:
    put(store, record())

    with pytest.raises(StoreRejected):
        put(store, again)  # type: ignore[arg-type]  # records


def test_a_request_id_is_unique_within_its_member_only(store: Store) -> None:
    put(store, record(), record(number=2, member_id="bob"))

    assert rows(store, "SELECT count(*) FROM record") == [(2,)]


def test_the_largest_numbers_fit(store: Store) -> None:
    put(
        store,
        account(account="issuance", balance=POINTS_MIN, floor=POINTS_MIN),
        lot(number=POINTS_MAX, points=POINTS_MAX, expire_time=NEVER),
    )

    assert rows(store, "SELECT number, points, expire_time FROM lot") == [
        (POINTS_MAX, POINTS_MAX, NEVER)
    ]


def test_texts_compare_byte_by_byte(store: Store) -> None:
    names = ["B", "a", "Z", "é", "z", "a b", "ab", "😀", "\uffee"]
    put(store, *(account(account=name) for name in names))

    found = rows(store, "SELECT account FROM account ORDER BY account")

    assert [name for (name,) in found] == sorted(names, key=str.encode)


def test_the_case_of_a_name_matters(store: Store) -> None:
    put(store, account(account="member:ada"), account(account="member:Ada"))

    assert len(rows(store, "SELECT * FROM account")) == 2


def test_sqlite_keeps_text_out_of_number_columns(sqlite_store: Store) -> None:
    with pytest.raises(Exception, match="cannot store TEXT value in INTEGER column"):
        run_sql(sqlite_store, "UPDATE head SET last_number = 'one' WHERE part = 1")
