"""Positions in the change feed: what is written is read again, nothing else is."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from points.domain.changes import Position, Selection, read_position
from points.domain.refusals import ResumeTokenInvalid
from tests.domain.strategies import texts


NUMBER_MAX: Final = 2**63 - 1

positions: Final = st.lists(
    st.integers(min_value=0, max_value=NUMBER_MAX), min_size=1, max_size=70
).map(lambda numbers: Position(tuple(numbers)))


@given(positions)
def test_a_token_is_read_as_it_was_written(position: Position) -> None:
    assert read_position(position.token(), len(position.numbers)) == position


@given(positions, st.integers(min_value=1, max_value=80))
def test_a_token_of_another_number_of_parts_is_refused(
    position: Position, part_count: int
) -> None:
    assume(part_count != len(position.numbers))

    with pytest.raises(ResumeTokenInvalid):
        read_position(position.token(), part_count)


@given(positions, st.data())
def test_a_token_with_a_changed_character_is_refused(
    position: Position, data: st.DataObject
) -> None:
    token = position.token()
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    other = data.draw(st.sampled_from("ABCxyz019-_=+/é"))
    assume(token[place] != other)

    with pytest.raises(ResumeTokenInvalid):
        read_position(token[:place] + other + token[place + 1 :], len(position.numbers))


@pytest.mark.parametrize("number", [NUMBER_MAX + 1, 2**64, 2**300])
def test_a_token_with_a_number_that_no_record_has_is_refused(number: int) -> None:
    position = Position((*[0] * 63, number))

    with pytest.raises(ResumeTokenInvalid):
        read_position(position.token(), 64)


@given(texts, st.integers(min_value=1, max_value=64))
def test_a_text_that_is_no_token_is_refused(text: str, part_count: int) -> None:
    with pytest.raises(ResumeTokenInvalid):
        read_position(text, part_count)


@pytest.mark.parametrize("text", ["", "x" * 1_000_000, "A" * 94, "====", "☃"])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(ResumeTokenInvalid):
        read_position(text, 64)


def test_a_token_of_a_million_records_has_less_than_four_hundred_characters() -> None:
    assert len(Position((1_000_000,) * 64).token()) < 400


@given(positions)
def test_every_position_reaches_the_beginning_and_itself(position: Position) -> None:
    beginning = Position.beginning(len(position.numbers))

    assert position.reaches(beginning)
    assert position.reaches(position)


def test_a_position_moves_on_in_one_part_alone() -> None:
    assert Position((4, 5, 6)).after(1, 7) == Position((4, 7, 6))


@pytest.mark.parametrize("other", [(3, 6), (4, 5), (4, 6)])
def test_a_position_does_not_reach_one_that_is_ahead_in_some_part(
    other: tuple[int, int],
) -> None:
    assert not Position((3, 5)).reaches(Position(other))


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(member_ids=frozenset({"ada", "bob"})), True),
        (Selection(member_ids=frozenset({"bob"})), False),
        (Selection(kinds=frozenset({"EARN"})), True),
        (Selection(kinds=frozenset({"BURN"})), False),
        (Selection(channels=frozenset({"core"})), True),
        (Selection(channels=frozenset({"shop"})), False),
        (
            Selection(member_ids=frozenset({"ada"}), kinds=frozenset({"BURN"})),
            False,
        ),
    ],
)
def test_a_selection_takes_what_meets_all_of_its_conditions(
    selection: Selection,
    taken: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert selection.takes("ada", "EARN", "core") is taken
