"""Filters: what they mean, and what is wrong with those that mean nothing."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from points.domain.filters import Comparison, FieldKind, parse_filter
from points.domain.refusals import InvalidArgument
from tests.clock import NOON


FIELDS: Final = {
    "kind": FieldKind.NAME,
    "channel": FieldKind.NAME,
    "record_time": FieldKind.TIME,
}
TIMES: Final = st.datetimes(timezones=st.just(UTC))


def parse(text: str) -> tuple[Comparison, ...]:
    """Returns the conditions of a filter of transactions."""
    return parse_filter(text, FIELDS)


def problem(text: str) -> str:
    """Returns what is wrong with the filter."""
    with pytest.raises(InvalidArgument) as refused:
        parse(text)
    return refused.value.violations["filter"]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_an_empty_filter_lets_everything_through(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kind = BURN", "BURN"),
        ("kind=BURN", "BURN"),
        ("  kind  =  BURN  ", "BURN"),
        ('kind = "BURN"', "BURN"),
        ('kind = ""', ""),
        ('kind = "a b"', "a b"),
        ('kind = "say \\"hi\\""', 'say "hi"'),
        ('kind = "back\\\\slash"', "back\\slash"),
        ('kind = "x AND y"', "x AND y"),
        ("kind = AND", "AND"),
        ("kind = =", "="),
        ("kind = Zoë", "Zoë"),
    ],
)
def test_a_name_is_compared_as_it_is_written(text: str, value: str) -> None:
    assert parse(text) == (Comparison("kind", "=", value),)


def test_a_name_may_differ() -> None:
    assert parse("kind != EARN") == (Comparison("kind", "!=", "EARN"),)


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
def test_instants_compare_in_every_way(operator: str) -> None:
    (comparison,) = parse(f"record_time {operator} 2026-01-01T12:00:00Z")

    assert comparison == Comparison("record_time", operator, NOON)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ('"2026-01-01T12:00:00Z"', NOON),
        ("2026-01-01T13:00:00+01:00", NOON),
        ("2026-01-01T12:00:00.000001Z", NOON + 1),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000_000),
    ],
)
def test_an_instant_is_read_to_the_microsecond(text: str, instant: int) -> None:
    assert parse(f"record_time > {text}") == (Comparison("record_time", ">", instant),)


def test_all_conditions_are_returned_in_their_order() -> None:
    text = 'kind = BURN AND channel = "core"\nAND  record_time<2026-01-01T12:00:00Z'

    assert parse(text) == (
        Comparison("kind", "=", "BURN"),
        Comparison("channel", "=", "core"),
        Comparison("record_time", "<", NOON),
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("kind", "needs `field operator value` at position 0"),
        ("kind =", "needs `field operator value` at position 0"),
        ("= BURN", "needs `field operator value` at position 0"),
        ('kind = "BURN', "needs `field operator value` at position 0"),
        ("KIND = BURN", "needs `field operator value` at position 0"),
        ("kind = BURN AND ", "needs `field operator value` at position 15"),
        ("kind = BURN AND AND", "needs `field operator value` at position 15"),
        ("kind = BURN channel = core", "needs AND at position 12"),
        ("kind = BURN OR kind = EARN", "needs AND at position 12"),
        ("kind = BURN and kind = EARN", "needs AND at position 12"),
        ("kind = BURN ANDkind = EARN", "needs AND at position 12"),
        ("kind = BURN AND", "needs AND at position 12"),
        ('kind = "a"b', "needs AND at position 10"),
        ("colour = red", "has no field 'colour': use kind, channel, record_time"),
        ("kind < BURN", "compares kind with = and != only"),
        ("kind >= BURN", "compares kind with = and != only"),
        ('kind = "a\x00b"', "must not contain NUL"),
        (
            "record_time > yesterday",
            "needs an instant such as 2026-01-31T12:00:00Z, not 'yesterday'",
        ),
        (
            "record_time > 2026-01-31T12:00:00",
            "needs an instant such as 2026-01-31T12:00:00Z, not '2026-01-31T12:00:00'",
        ),
        (
            "record_time > 2026-02-30T12:00:00Z",
            "needs an instant such as 2026-01-31T12:00:00Z, not '2026-02-30T12:00:00Z'",
        ),
    ],
)
def test_a_filter_that_means_nothing_says_where(text: str, what: str) -> None:
    assert problem(text) == what


def test_a_filter_has_at_most_1000_characters() -> None:
    assert problem("x" * 1_001) == "must have at most 1000 characters"


def test_a_filter_of_1000_characters_is_read() -> None:
    text = f'kind = "{"x" * 991}"'

    assert (len(text), len(parse(text))) == (1_000, 1)


@given(st.text(max_size=60) | st.from_regex(r'[a-z_ =<>!"\\AND0-9TZ:.+-]{0,60}'))
@example('record_time > "2026-01-31T12:00:00+00:00:00.5"')
@example("record_time = 0001-01-01T00:00:00+24:00")
def test_garbage_is_refused_and_nothing_worse(text: str) -> None:
    with suppress(InvalidArgument):
        assert all(comparison.field in FIELDS for comparison in parse(text))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\n"), max_size=40))
def test_every_quoted_name_is_read_back(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')

    assert parse(f'kind = "{quoted}"') == (Comparison("kind", "=", value),)


@given(TIMES)
def test_every_instant_is_read_back(instant: datetime) -> None:
    (comparison,) = parse(f"record_time = {instant.isoformat()}")

    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert comparison.value == (instant - epoch) // timedelta(microseconds=1)
