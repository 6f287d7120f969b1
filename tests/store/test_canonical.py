"""How records are written down: the text never changes, and it reads back."""

from __future__ import annotations

import json
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.refusals import InsufficientPoints, QueueFull
from points.domain.values import Result
from points.engine.recording import salt_of
from points.store.texts.canonical import (
    Written,
    personal_digest,
    read_result,
    stated_digest,
    write_pairs,
    write_result,
)
from tests.domain.build import PART, member, transaction
from tests.domain.strategies import (
    closes,
    figures,
    fundings,
    limits,
    members,
    pairs,
    standing_changes,
    transactions,
    versions,
)
from tests.domain.test_refusals import frozen_refusals
from tests.store.golden import GOLDEN


def read(written: Written) -> Result:
    """Returns the result of a record of Ada."""
    result, _ = read_result(*written, part=PART, member_id="ada")
    return result


def write(result: Result) -> Written:
    """Returns the texts of a result; one with personal data has a known salt."""
    return write_result(result, salt="salt" if salt_of(result) else "")


@pytest.mark.parametrize(("result", "text"), GOLDEN.values(), ids=GOLDEN)
def test_the_text_of_a_result_never_changes(result: Result, text: str) -> None:
    assert write(result).body == text


@pytest.mark.parametrize(("result", "text"), GOLDEN.values(), ids=GOLDEN)
def test_what_was_written_once_can_be_read_for_ever(result: Result, text: str) -> None:
    personal = write(result).personal

    assert read(Written(text, personal)) == result


@given(
    transactions
    | members
    | limits
    | closes
    | fundings
    | figures
    | versions
    | standing_changes
    | frozen_refusals
)
def test_every_result_reads_back_as_it_was(result: Result) -> None:
    assert read(write(result)) == result


@given(
    transactions
    | members
    | limits
    | closes
    | fundings
    | figures
    | versions
    | standing_changes
    | frozen_refusals
)
def test_what_is_read_is_written_the_same(result: Result) -> None:
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


PERSONAL: Final[dict[str, Result]] = {
    "attributes": member(attributes={"name": "Lovelace"}),
    "metadata": transaction(metadata={"name": "Lovelace"}),
}


@pytest.mark.parametrize("result", PERSONAL.values(), ids=PERSONAL)
def test_personal_data_stands_beside_the_body(result: Result) -> None:
    written = write(result)

    assert ("Lovelace" in written.body, written.personal) == (
        False,
        '["salt",{"name":"Lovelace"}]',
    )


@pytest.mark.parametrize("result", PERSONAL.values(), ids=PERSONAL)
def test_a_body_has_the_digest_of_the_personal_data(result: Result) -> None:
    body, personal = write(result)

    assert stated_digest(body) == personal_digest(personal)


@pytest.mark.parametrize("result", PERSONAL.values(), ids=PERSONAL)
def test_another_salt_makes_another_digest(result: Result) -> None:
    bodies = {write_result(result, salt=salt).body for salt in ("one", "two")}

    assert len(bodies) == 2


def test_the_salt_reads_back() -> None:
    written = write_result(PERSONAL["metadata"], salt="pepper")

    assert read_result(*written, part=PART, member_id="ada")[1] == "pepper"


def test_a_refusal_keeps_its_salt_beside_the_body() -> None:
    refusal = InsufficientPoints("ada", "points", 5, 7)

    written = write_result(refusal, salt="pepper")

    assert written.personal == '["pepper",{}]'
    assert stated_digest(written.body) == personal_digest(written.personal)
    assert read_result(*written, part=PART, member_id="ada") == (refusal, "pepper")


def test_a_body_whose_personal_data_was_erased_reads_as_if_there_was_none() -> None:
    body = write(PERSONAL["attributes"]).body

    assert read(Written(body, "")) == member(attributes={})


def test_a_body_without_personal_data_states_no_digest() -> None:
    body, personal = write(transaction())

    assert (stated_digest(body), personal) == ("", "")


def test_a_refusal_that_passes_is_never_written() -> None:
    with pytest.raises(TypeError, match="QueueFull is never recorded"):
        write_result(QueueFull(1))
