"""Activities that may not earn at all, and why."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.activities import Activity, Item
from points.domain.refusals import InvalidArgument
from points.program.admission import check_activity
from tests.program.build import NOON, at, document, purchase


DOCUMENT = document(lateness="P30D", sub_programs={"fan": {}})


def wrong(activity: Activity, now: str = NOON, **parts: Any) -> dict[str, str]:
    with pytest.raises(InvalidArgument) as refused:
        check_activity(document(**parts) if parts else DOCUMENT, activity, at(now))
    return refused.value.violations


@pytest.mark.parametrize(
    "activity",
    [
        purchase(),
        purchase(100, currency="USD", sub_program="fan"),
        purchase(local="2026-10-26T00:00"),
        purchase(5, items=(Item("a", 2), Item("b", 3, quantity=4))),
    ],
)
def test_a_sound_activity_is_let_in(activity: Activity) -> None:
    check_activity(DOCUMENT, activity, at(NOON))


@pytest.mark.parametrize(
    ("activity", "field", "reason"),
    [
        (
            purchase(local="2026-11-25T12:01"),
            "occur_time",
            "must not lie in the future",
        ),
        (
            purchase(local="2026-10-25T23:59"),
            "occur_time",
            "must not be before 2026-10-26: lateness ends there",
        ),
        (purchase(-1), "money", "must not be below zero: a return is a reverse"),
        (
            purchase(1, currency="CHF"),
            "currency",
            "'CHF' has no rate in money.rates",
        ),
        (purchase(quantity=0), "quantity", "must be at least 1, not 0"),
        (
            purchase(sub_program="x"),
            "sub_program",
            "is not in the program's sub_programs",
        ),
        (purchase(partner="x"), "partner", "is not in the program's partners"),
        (
            purchase(items=(Item("a", quantity=0),)),
            "items[0].quantity",
            "must be at least 1, not 0",
        ),
        (
            purchase(9, items=(Item("a", 9), Item("b", -1))),
            "items[1].money",
            "must not be below zero",
        ),
        (
            purchase(items=(Item("a"), Item("a"))),
            "items",
            "must have ids of their own",
        ),
        (
            purchase(8, items=(Item("a", 9),)),
            "items",
            "must not have more money than the activity",
        ),
        (
            purchase(items=tuple(Item(str(number)) for number in range(101))),
            "items",
            "must be at most 100, not 101",
        ),
    ],
)
def test_what_is_wrong_is_named(activity: Activity, field: str, reason: str) -> None:
    assert wrong(activity) == {field: reason}


def test_everything_that_is_wrong_is_named_at_once() -> None:
    activity = purchase(-1, quantity=0, partner="x", local="2027-01-01T00:00")
    assert set(wrong(activity)) == {"money", "quantity", "partner", "occur_time"}


def test_a_program_without_money_takes_none() -> None:
    units = {"points": {"kind": "currency"}}
    reasons = wrong(purchase(5), money=None, units=units)
    assert reasons == {"currency": "must be left out: the program has no money"}


def test_nothing_is_too_late_without_a_bound() -> None:
    check_activity(document(), purchase(local="1970-01-02T00:00"), at(NOON))


def test_a_bound_longer_than_the_calendar_lets_all_in() -> None:
    endless = document(lateness="P3000Y")
    check_activity(endless, purchase(local="1970-01-02T00:00"), at(NOON))
