"""Parts, names of accounts, and the ids that callers see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import POINTS_MAX
from points.domain.identity import Place, burn_account, member_account, part_of


@pytest.mark.parametrize(
    ("member_id", "part"), [("ada", 39), ("bob", 18), ("zoë", 34), ("m" * 128, 15)]
)
def test_a_member_stays_in_its_part_for_ever(member_id: str, part: int) -> None:
    assert part_of(member_id, 64) == part


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(1, 1024))
def test_every_part_of_a_member_exists(member_id: str, part_count: int) -> None:
    assert 0 <= part_of(member_id, part_count) < part_count


def test_members_spread_over_all_parts() -> None:
    parts = {part_of(f"member-{number}", 64) for number in range(1_000)}

    assert parts == set(range(64))


def test_a_member_account_is_named_after_the_member() -> None:
    assert member_account("ada") == "member:ada"


def test_a_burn_account_is_named_after_the_sink() -> None:
    assert burn_account("donation") == "burn:donation"


def test_a_transaction_id_names_part_and_number() -> None:
    assert Place(17, 42).transaction_id() == "t17-42"


def test_a_lot_id_names_part_and_number() -> None:
    assert Place(17, 42).lot_id() == "l17-42"


@given(st.integers(0, 1023), st.integers(1, POINTS_MAX))
def test_a_transaction_id_leads_back_to_its_place(part: int, number: int) -> None:
    place = Place(part, number)

    assert Place.of_transaction(place.transaction_id()) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17-42",
        "l17-42",
        "t17",
        "t-42",
        "t17-0",
        "t17-042",
        "t017-42",
        "t17--42",
        "t17-42 ",
        "t17-42\n",
        "T17-42",
        "t\u0661\u0667-\u0664\u0662",
        "t1234567890-1",
        "t1-12345678901234567890",
    ],
)
def test_other_text_is_no_transaction_id(text: str) -> None:
    assert Place.of_transaction(text) is None
