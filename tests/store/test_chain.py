"""The chain: each record's digest covers everything before it but personal data."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import pytest

from points.domain.values import Head, Record
from points.store.opening import Store
from points.store.schema import record as record_table
from points.store.texts.rows import Row
from points.store.writing.chain import START, chained, link
from tests.domain.build import burn_record, record, transaction
from tests.store.build import FRESH, put, rows


COLUMNS: Final = [column.name for column in record_table.columns]
RECORDS: Final = [
    record(result=transaction(metadata={"name": "Ada"}), salt="salt"),
    burn_record(request_id="r2"),
    record(number=3, request_id="r3"),
]


def chains(*records: Record, head: Head = FRESH) -> list[str]:
    """Returns the chain of each record."""
    return [row[-1] for row in chained([head], records)[1]]


def changed(row: Row, column: str) -> Row:
    """Returns the row with something else in one column."""
    place = COLUMNS.index(column)
    other = row[place] + 1 if isinstance(row[place], int) else row[place] + "?"
    return (*row[:place], other, *row[place + 1 :])


def test_the_chain_of_a_record_never_changes() -> None:
    assert chains(record()) == [
        "8e64bb6b491616a6cfcf0ab107b1e2d495691446240261b95fe7fbc64a2a8110"
    ]


def test_the_chain_is_the_digest_of_the_chain_before_and_the_columns() -> None:
    body = (
        r"{\"transaction\":{\"postings\":[[\"issuance\",\"member:ada\",\"points\","
        r"100]],\"balance_after\":100,\"reason\":\"a purchase\",\"lots\":[[1,1,"
        r"\"points\",100,1767268799999000,0,null]]}}"
    )
    text = (
        f'[7,1,"ada","r1","EARN","core",1,"{"0" * 32}",'
        f'1767268800000000,1767268800000000,0,0,"{body}"]'
    )

    before = "f" * 64
    assert chains(record(), head=FRESH._replace(chain=before)) == [
        sha256((before + text).encode()).hexdigest()
    ]


@pytest.mark.parametrize("column", COLUMNS[:-2])
def test_the_chain_covers_every_column(column: str) -> None:
    (row,) = chained([FRESH], [RECORDS[0]])[1]

    assert link(START, row) == row[-1]
    assert link(START, changed(row, column)) != row[-1]


@pytest.mark.parametrize("column", ["personal", "chain"])
def test_the_chain_leaves_out_what_may_be_erased_and_itself(column: str) -> None:
    (row,) = chained([FRESH], [RECORDS[0]])[1]

    assert COLUMNS[-2:] == ["personal", "chain"]
    assert link(START, changed(row, column)) == row[-1]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_digest_covers_all_records_up_to_its_own(index: int) -> None:
    other = [*RECORDS]
    other[index] = other[index]._replace(channel="other")

    same = [a == b for a, b in zip(chains(*RECORDS), chains(*other), strict=True)]
    assert same == [number < index for number in range(3)]


def test_the_order_of_records_matters() -> None:
    first, second, third = RECORDS

    assert chains(first, second, third)[-1] != chains(second, first, third)[-1]


def test_a_head_has_the_chain_of_the_last_record() -> None:
    (head,), made = chained([FRESH], RECORDS)

    assert head == FRESH._replace(chain=made[-1][-1])


def test_each_part_has_a_chain_of_its_own() -> None:
    heads = [FRESH, FRESH._replace(part=8)]
    mixed = [RECORDS[0], RECORDS[0]._replace(part=8), RECORDS[1]]

    (seven, eight), _ = chained(heads, mixed)

    assert seven == FRESH._replace(chain=chains(RECORDS[0], RECORDS[1])[-1])
    assert eight == heads[1]._replace(chain=chains(mixed[1], head=heads[1])[-1])


def test_a_head_without_records_keeps_its_chain() -> None:
    head = FRESH._replace(chain="c" * 64)

    assert chained([head], []) == ([head], [])


def test_the_chain_goes_on_from_batch_to_batch(store: Store) -> None:
    put(store, *RECORDS[:2])
    (last,) = rows(store, "SELECT chain FROM record WHERE number = 2")
    put(store, FRESH._replace(chain=last[0]), RECORDS[2])

    stored = rows(store, "SELECT chain FROM record ORDER BY number")
    assert [chain for (chain,) in stored] == chains(*RECORDS)
    assert rows(store, "SELECT chain FROM head WHERE part = 7") == [stored[-1]]
