"""Revisions: what is written reads back, and nothing else is read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import POINTS_MAX
from points.domain.refusals import RevisionUnknown
from points.domain.revision import read_revision, write_revision


NUMBERS = st.dictionaries(
    st.integers(0, 1_023), st.integers(0, POINTS_MAX), min_size=1, max_size=64
)


def test_a_revision_names_the_parts_in_order() -> None:
    assert write_revision({17: 42, 3: 9, 0: 0}) == "0-0,3-9,17-42"


def test_a_revision_is_read() -> None:
    assert read_revision("0-0,3-9,17-42") == {0: 0, 3: 9, 17: 42}


@given(NUMBERS)
def test_every_revision_reads_back(numbers: dict[int, int]) -> None:
    assert read_revision(write_revision(numbers)) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "3",
        "3-",
        "-9",
        "3-9,",
        ",3-9",
        "3-9;4-1",
        "3-9, 4-1",
        " 3-9",
        "3-9\n",
        "03-9",
        "3-09",
        "3--9",
        "1234567890-1",
        "1-12345678901234567890",
        "\u0663-\u0669",
    ],
)
def test_other_text_is_no_revision(text: str) -> None:
    with pytest.raises(RevisionUnknown) as refused:
        read_revision(text)

    assert refused.value == RevisionUnknown(text)


@given(st.text() | st.from_regex(r"[0-9,-]{0,30}"))
def test_garbage_is_refused_and_nothing_worse(text: str) -> None:
    with suppress(RevisionUnknown):
        assert all(min(pair) >= 0 for pair in read_revision(text).items())
