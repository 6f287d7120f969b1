"""What a well-formed argument looks like: each bound, at it and beyond it."""

from __future__ import annotations

import pytest

from points.domain.bounds import NEVER, POINTS_MAX, TIME_MAX, UNSET
from points.domain.checks import (
    keys_problem,
    name_problem,
    optional_name_problem,
    pairs_problem,
    points_problem,
    time_problem,
)


CONTROL_CHARACTERS = ["\x00", "\x01", "\t", "\n", "\r", "\x1f", "\x7f"]
SURROGATES = ["\ud800", "\udfff"]


@pytest.mark.parametrize(
    "text", ["a", " ", "x" * 128, "Zoë", "日本", "😀" * 128, "a/b?c=d", "\u00a0"]
)
def test_a_name_may_be_any_short_text(text: str) -> None:
    assert name_problem(text) is None


def test_a_name_is_required() -> None:
    assert name_problem("") == "is required"


def test_an_optional_name_may_be_empty() -> None:
    assert optional_name_problem("") is None


def test_a_name_has_at_most_128_characters() -> None:
    assert name_problem("x" * 129) == "must have at most 128 characters, not 129"


def test_a_name_may_have_a_bound_of_its_own() -> None:
    assert name_problem("xyz", 2) == "must have at most 2 characters, not 3"


@pytest.mark.parametrize("character", CONTROL_CHARACTERS + SURROGATES)
def test_a_name_has_no_control_characters(character: str) -> None:
    problem = name_problem(f"a{character}b")

    assert problem == "must not contain control characters"


@pytest.mark.parametrize("points", [1, 2, POINTS_MAX])
def test_points_are_whole_numbers_above_zero(points: int) -> None:
    assert points_problem(points) is None


@pytest.mark.parametrize("points", [0, -1, -POINTS_MAX])
def test_points_are_never_zero_or_less(points: int) -> None:
    assert points_problem(points) == f"must be above zero, not {points}"


def test_points_fit_into_64_bits() -> None:
    assert points_problem(POINTS_MAX + 1) == "must be at most 9223372036854775807"


@pytest.mark.parametrize("instant", [UNSET, 0, 1, TIME_MAX, NEVER])
def test_an_instant_lies_in_the_years_1970_to_9999(instant: int) -> None:
    assert time_problem(instant) is None


@pytest.mark.parametrize("instant", [-2, TIME_MAX + 1, NEVER - 1, NEVER + 1])
def test_no_other_instant_is_accepted(instant: int) -> None:
    assert time_problem(instant) == "must lie in the years 1970 to 9999"


def test_the_last_instant_is_the_end_of_the_year_9999() -> None:
    assert TIME_MAX == 253_402_300_800 * 1_000_000 - 1


@pytest.mark.parametrize(
    "pairs",
    [
        {},
        {"key": ""},
        {"k" * 64: "v" * 500},
        {f"key-{number}": "value" for number in range(50)},
        {"key": "line\nline\ttab\x7f"},
        {"ключ": "😀" * 500},
    ],
    ids=["none", "empty value", "longest", "fifty", "lines", "unicode"],
)
def test_pairs_may_hold_any_short_text(pairs: dict[str, str]) -> None:
    assert pairs_problem(pairs) is None


LONG_KEY = "k" * 65


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        (
            {f"key-{number}": "" for number in range(51)},
            "must have at most 50 entries, not 51",
        ),
        ({"": "v"}, "key '' is required"),
        (
            {LONG_KEY: "v"},
            f"key {LONG_KEY[:64]!r} must have at most 64 characters, not 65",
        ),
        ({"a\nb": "v"}, "key 'a\\nb' must not contain control characters"),
        ({"k": "v" * 501}, "value of 'k' must have at most 500 characters"),
        ({"k": "a\x00b"}, "value of 'k' must not contain NUL"),
    ],
    ids=["fifty-one", "no key", "long key", "control", "long value", "NUL"],
)
def test_pairs_say_what_is_wrong_with_them(pairs: dict[str, str], problem: str) -> None:
    assert pairs_problem(pairs) == problem


@pytest.mark.parametrize(
    "keys", [[], ["k" * 64], [f"key-{number}" for number in range(50)]]
)
def test_keys_may_name_as_many_pairs_as_there_may_be(keys: list[str]) -> None:
    assert keys_problem(keys) is None


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (["key"] * 51, "must have at most 50 entries, not 51"),
        (["good", ""], "is required"),
        ([LONG_KEY], "must have at most 64 characters, not 65"),
        (["good", "b\nd"], "must not contain control characters"),
    ],
    ids=["fifty-one", "no key", "long key", "control"],
)
def test_keys_say_what_is_wrong_with_them(keys: list[str], problem: str) -> None:
    assert keys_problem(keys) == problem


@pytest.mark.parametrize("surrogate", SURROGATES)
def test_a_value_has_no_surrogates(surrogate: str) -> None:
    assert pairs_problem({"k": surrogate}) is not None


def test_only_the_first_wrong_pair_is_named() -> None:
    problem = pairs_problem({"good": "v", "bad": "\x00", "worse": "v" * 501})

    assert problem == "value of 'bad' must not contain NUL"
