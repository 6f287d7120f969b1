"""The stream of a draw: published vectors, rejection, and a second implementation."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from plugins.wheel.tests import reference

from points_wheel.fair import Stream, commitment_of


ZEROS = bytes(32)


def test_the_published_vector_is_met() -> None:
    assert Stream(ZEROS, "alice", 0).below(10_000) == 657
    assert Stream(ZEROS, "alice", 1).below(10_000) == 988


def test_the_commitment_is_the_sha_256_of_the_seed() -> None:
    assert commitment_of(ZEROS) == hashlib.sha256(ZEROS).hexdigest()


def test_words_go_on_into_the_next_block() -> None:
    stream = Stream(ZEROS, "alice", 7)
    found = [stream.word() for _ in range(9)]
    assert found == reference.words(ZEROS, "alice", 7, 9)


@given(seed=st.binary(max_size=100), client=st.text("abc", max_size=64))
def test_a_seed_of_any_length_gives_the_words_of_the_library(
    seed: bytes, client: str
) -> None:
    found = [Stream(seed, client, 1).word()]
    assert found == reference.words(seed, client, 1, 1)


@given(
    seed=st.binary(min_size=32, max_size=32),
    client=st.text("abcXYZ019 _-", min_size=1, max_size=64),
    nonce=st.integers(0, 2**40),
    total=st.integers(2, 2**64),
)
def test_a_number_below_a_bound_is_that_of_the_reference(
    seed: bytes, client: str, nonce: int, total: int
) -> None:
    expected = reference.uniform(seed, client, nonce, total)
    assert Stream(seed, client, nonce).below(total) == expected


def test_a_word_beyond_the_last_whole_multiple_is_thrown_away() -> None:
    total = 2**63 + 1  # nearly half of all words are beyond it
    rejected = next(
        nonce for nonce in range(64) if Stream(ZEROS, "a", nonce).word() >= total
    )
    expected = reference.uniform(ZEROS, "a", rejected, total)
    assert Stream(ZEROS, "a", rejected).below(total) == expected
    assert expected != Stream(ZEROS, "a", rejected).word() % total


def test_a_bound_beyond_one_word_takes_several_the_first_one_highest() -> None:
    first, second = reference.words(ZEROS, "alice", 3, 2)
    expected = (first << 64 | second) % 2**100  # a power of two rejects nothing
    assert Stream(ZEROS, "alice", 3).below(2**100) == expected


def test_a_bound_of_one_takes_no_word() -> None:
    stream = Stream(ZEROS, "alice", 0)
    assert stream.below(1) == 0
    assert stream.below(10_000) == 657
