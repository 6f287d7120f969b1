"""How records are written down: the text never changes, and it reads back."""

from __future__ import annotations

import json
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER
from points.domain.identity import Place
from points.domain.refusals import Frozen, InsufficientPoints, QueueFull
from points.domain.values import Draw, Member, Posting, Result, Transaction
from points.store.canonical import Written, read_result, write_pairs, write_result
from tests.clock import NOON
from tests.domain.build import PART, lot, member, transaction
from tests.domain.strategies import members, pairs, transactions
from tests.domain.test_refusals import frozen_refusals


GOLDEN: Final[dict[str, tuple[Transaction | Member | Frozen, str]]] = {
    "earn": (
        transaction(
            metadata={"b": "é", "a": '"'},
            lots=(lot(number=9, record_number=42, activate_time=1, expire_time=NOON),),
        ),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[9,42,"points",100,1767268799999000,1,1767268800000000]],'
            '"personal":"'
            "f6156e9dd840d0571f4eee645083cb547fcdcc207b21116396a2f7814b82f16a"
            '"}}'
        ),
    ),
    "earn for ever": (
        transaction(),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[1,1,"points",100,1767268799999000,0,null]]}}'
        ),
    ),
    "burn": (
        Transaction(
            postings=(Posting("member:ada", "burn:donation", "miles", 30),),
            balance_after=70,
            reason="a gift",
            metadata={},
            draws=(Draw(Place(7, 9), 10, NOON), Draw(Place(7, 10), 20, NEVER)),
        ),
        (
            '{"transaction":{"postings":[["member:ada","burn:donation","miles",30]],'
            '"balance_after":70,"reason":"a gift",'
            '"draws":[[7,9,10,1767268800000000],[7,10,20,null]]}}'
        ),
    ),
    "member": (
        member(attributes={"b": "2", "a": "1"}),
        (
            '{"member":{"state":"ACTIVE","create_time":1767268799999000,'
            '"update_time":1767268799999000,"version":3,"personal":"'
            "83e6731745e7ba1b660bc9ce6f0033e31024bfb62439e09ce4b719ab2cf875c1"
            '"}}'
        ),
    ),
    "refusal": (
        InsufficientPoints("ada", "points", 5, 7),
        (
            '{"refusal":{"reason":"INSUFFICIENT_POINTS",'
            '"data":{"member_id":"ada","unit":"points","available":5,"points":7}}}'
        ),
    ),
}


def read(written: Written) -> Result:
    """Returns the result of a record of Ada."""
    result, _ = read_result(*written, part=PART, member_id="ada")
    return result


def write(result: Result) -> Written:
    """Returns the texts of a result whose salt is known."""
    return write_result(result, salt="salt")


@pytest.mark.parametrize(("result", "text"), GOLDEN.values(), ids=GOLDEN)
def test_the_text_of_a_result_never_changes(
    result: Transaction | Member | Frozen, text: str
) -> None:
    assert write(result).body == text


@pytest.mark.parametrize(("result", "text"), GOLDEN.values(), ids=GOLDEN)
def test_what_was_written_once_can_be_read_for_ever(
    result: Transaction | Member | Frozen, text: str
) -> None:
    personal = write(result).personal

    assert read(Written(text, personal)) == result


@given(transactions | members | frozen_refusals)
def test_every_result_reads_back_as_it_was(
    result: Transaction | Member | Frozen,
) -> None:
    assert read(write(result)) == result


@given(transactions | members | frozen_refusals)
def test_what_is_read_is_written_the_same(
    result: Transaction | Member | Frozen,
) -> None:
    written = write(result)

    assert write(read(written)) == written


@given(pairs)
def test_pairs_read_back_as_they_were(given_pairs: dict[str, str]) -> None:
    assert json.loads(write_pairs(given_pairs)) == given_pairs


@given(pairs, st.randoms(use_true_random=False))
def test_pairs_are_written_in_the_order_of_their_keys(
    given_pairs: dict[str, str], random: Random
) -> None:
    shuffled = list(given_pairs.items())
    random.shuffle(shuffled)

    assert write_pairs(dict(shuffled)) == write_pairs(given_pairs)


def test_a_refusal_that_passes_is_never_written() -> None:
    with pytest.raises(TypeError, match="QueueFull is never recorded"):
        write_result(QueueFull(1))
