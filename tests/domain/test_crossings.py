"""Crossings: halves of transfers that do not fit are found wherever they stand."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Final

from points.domain.crossings import Crossings
from points.domain.identity import Place
from points.domain.values import Kind, Posting, Record, Transaction
from tests.domain.build import record, transaction


GIVEN: Final = record(
    part=1,
    number=5,
    kind=Kind.TRANSFER,
    result=transaction(
        postings=(
            Posting("member:ada", "transit", "points", 30),
            Posting("member:ada", "fee:transfer", "points", 5),
        ),
        lots=(),
        counterparty="bob",
        counterparty_place=Place(2, 7),
    ),
)
TAKEN: Final = record(
    part=2,
    number=7,
    member_id="bob",
    kind=Kind.TRANSFER_IN,
    result=transaction(
        postings=(
            Posting("transit", "shortfall:bob", "points", 10),
            Posting("transit", "member:bob", "points", 20),
        ),
        counterparty="ada",
        counterparty_place=Place(1, 5),
    ),
)


def problems(*records: Record) -> list[str]:
    """Returns what is wrong with these records."""
    crossings = Crossings()
    found = [what for one in records for what in crossings.add(one)]
    return [*found, *(problem for _, problem in crossings.single())]


def changed(one: Record, **fields: Any) -> Record:
    """Returns the record with another transaction."""
    assert isinstance(one.result, Transaction)
    return one._replace(result=one.result._replace(**fields))


def test_halves_that_fit_are_no_problem_in_any_order() -> None:
    for order in permutations([GIVEN, TAKEN]):
        assert problems(*order) == []


def test_other_records_have_no_halves() -> None:
    assert problems(record()) == []


def test_a_half_whose_other_is_missing_is_found() -> None:
    assert problems(GIVEN) == ["transaction t1-5 has no other half t2-7"]


def test_a_half_that_names_no_other_is_found() -> None:
    nameless = changed(GIVEN, counterparty_place=None)

    assert problems(nameless) == ["transaction t1-5 has no other half"]


def test_halves_of_different_points_are_found() -> None:
    less = changed(TAKEN, postings=(Posting("transit", "member:bob", "points", 29),))

    assert problems(GIVEN, less) == [
        "transaction t2-7 differs from its other half t1-5"
    ]


def test_halves_of_other_members_are_found() -> None:
    assert problems(GIVEN, TAKEN._replace(member_id="eve"))


def test_halves_of_other_kinds_are_found() -> None:
    assert problems(GIVEN, TAKEN._replace(kind=Kind.MERGE_IN))
