"""Policies as a configuration writes them, and what is said of those it cannot."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from points.domain.calendar.documents import format_policy, parse_policy
from points.domain.calendar.periods import Period
from points.domain.calendar.policies import (
    AfterPeriod,
    Never,
    OnAnniversary,
    OnDates,
    Policy,
    Rounding,
    Sliding,
)
from points.domain.refusals import InvalidArgument
from tests.domain.calendar.build import policies


YEAR = Period(months=12)


@pytest.mark.parametrize(
    ("document", "policy"),
    [
        ({"never": True}, Never()),
        ({"after": "P12M"}, AfterPeriod(YEAR)),
        (
            {"after": "P12M", "round": "END_OF_MONTH"},
            AfterPeriod(YEAR, Rounding.END_OF_MONTH),
        ),
        (
            {"after": "P12M", "round": "END_OF_CHOSEN_MONTH", "month": 3},
            AfterPeriod(YEAR, Rounding.END_OF_CHOSEN_MONTH, 3),
        ),
        (
            {"after": "P12M", "reset_by": ["BURN", "EARN"]},
            Sliding(AfterPeriod(YEAR), frozenset({"EARN", "BURN"})),
        ),
        ({"on": ["02-29"]}, OnDates(frozenset({(2, 29)}))),
        (
            {"on": ["06-30", "12-31"], "minimum": "P3M"},
            OnDates(frozenset({(6, 30), (12, 31)}), Period(months=3)),
        ),
        ({"on_anniversary": True}, OnAnniversary()),
        (
            {"on_anniversary": True, "minimum": "P14D"},
            OnAnniversary(Period(days=14)),
        ),
    ],
)
def test_a_table_means_a_policy(document: dict[str, object], policy: Policy) -> None:
    assert parse_policy(document) == policy
    assert format_policy(policy) == document


def test_defaults_may_be_written_out() -> None:
    assert parse_policy({"after": "P2W", "round": "NONE", "month": None}) == (
        AfterPeriod(Period(days=14))
    )


@given(policies)
def test_a_policy_is_read_as_it_is_written(policy: Policy) -> None:
    document = json.loads(json.dumps(format_policy(policy)))

    assert parse_policy(document) == policy


ROUNDINGS = ", ".join(Rounding)
AFTER_KEYS = "does not belong here: the keys are after, round, month, reset_by"


@pytest.mark.parametrize(
    ("document", "field", "problem"),
    [
        (None, "expiry", 'must be a table such as {"after": "P12M"}'),
        ("P12M", "expiry", 'must be a table such as {"after": "P12M"}'),
        ({}, "expiry", "must have one of never, after, on, on_anniversary"),
        (
            {"aftr": "P1M"},
            "expiry",
            "must have one of never, after, on, on_anniversary",
        ),
        ({"never": False}, "expiry.never", "must be true, not False"),
        ({"never": 1}, "expiry.never", "must be true, not 1"),
        (
            {"never": True, "minimum": "P1D"},
            "expiry.minimum",
            "does not belong here: the keys are never",
        ),
        ({"after": "P1D", "rounding": "NONE"}, "expiry.rounding", AFTER_KEYS),
        ({"after": "P1D", "on": ["12-31"]}, "expiry.on", AFTER_KEYS),
        ({"after": "P1D", "x" * 99: 1}, f"expiry.{'x' * 64}", AFTER_KEYS),
        (
            {"after": 12},
            "expiry.after",
            "must be years, months, weeks or days such as P12M or P90D, not 12",
        ),
        ({"after": "P0D"}, "expiry.after", "must be above zero, such as P12M"),
        (
            {"after": "P1M", "round": "MONTH"},
            "expiry.round",
            f"must be one of {ROUNDINGS}, not 'MONTH'",
        ),
        (
            {"after": "P1M", "round": []},
            "expiry.round",
            f"must be one of {ROUNDINGS}, not []",
        ),
        (
            {"after": "P1M", "month": 3},
            "expiry.month",
            "needs round END_OF_CHOSEN_MONTH",
        ),
        (
            {"after": "P1M", "round": "END_OF_CHOSEN_MONTH"},
            "expiry.month",
            "must be 1 to 12, not None",
        ),
        (
            {"after": "P1M", "round": "END_OF_CHOSEN_MONTH", "month": 13},
            "expiry.month",
            "must be 1 to 12, not 13",
        ),
        (
            {"after": "P1M", "round": "END_OF_CHOSEN_MONTH", "month": True},
            "expiry.month",
            "must be 1 to 12, not True",
        ),
        (
            {"after": "P1M", "reset_by": "BURN"},
            "expiry.reset_by",
            'must be a list such as ["BURN", "EARN"]',
        ),
        (
            {"after": "P1M", "reset_by": []},
            "expiry.reset_by",
            "must name a kind, such as BURN",
        ),
        (
            {"after": "P1M", "reset_by": [None]},
            "expiry.reset_by",
            'must be a list of texts such as ["BURN", "EARN"], not of None',
        ),
        (
            {"after": "P1M", "reset_by": [""]},
            "expiry.reset_by",
            "kind '' is required",
        ),
        ({"on": []}, "expiry.on", "must name a date, such as 12-31"),
        (
            {"on": [1231]},
            "expiry.on",
            'must be a list of texts such as ["06-30", "12-31"], not of 1231',
        ),
        (
            {"on": ["31.12."]},
            "expiry.on",
            "must hold dates such as 12-31, not '31.12.'",
        ),
        ({"on": ["02-30"]}, "expiry.on", "must hold dates such as 12-31, not 02-30"),
        ({"on": ["13-01"]}, "expiry.on", "must hold dates such as 12-31, not 13-01"),
        ({"on": ["04-00"]}, "expiry.on", "must hold dates such as 12-31, not 04-00"),
        (
            {"on": ["12-31"], "minimum": "3M"},
            "expiry.minimum",
            "must be years, months, weeks or days such as P12M or P90D, not '3M'",
        ),
        (
            {"on_anniversary": "05-06"},
            "expiry.on_anniversary",
            "must be true, not '05-06'",
        ),
    ],
)
def test_a_table_that_means_nothing_is_told_why(
    document: object, field: str, problem: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_policy(document)

    assert refused.value.violations == {field: problem}


def test_the_field_is_the_one_that_the_caller_names() -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_policy({"after": "P0D"}, "units.points.expiry")

    assert list(refused.value.violations) == ["units.points.expiry.after"]
