"""Purchases are read exactly as they are in the log."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date

import pytest

from points.demo import purchases as purchases_module
from points.demo.purchases import (
    Purchase,
    PurchaseLogMissingError,
    parse_purchases,
    read_purchases,
)


HEADING = " customer_id  date number_of_cds  dollar_value\n"


@pytest.fixture(scope="module")
def everything() -> list[Purchase]:
    """Returns all purchases of the log."""
    return list(read_purchases())


def test_a_line_becomes_a_purchase() -> None:
    purchases = list(parse_purchases([HEADING, " 00001 19970101  1   11.77\n"]))

    assert purchases == [
        Purchase(
            member_id="cdnow-00001",
            request_id="purchase-19970101-1",
            date=date(1997, 1, 1),
            dollars_cents=1177,
            points=11,
        )
    ]


@pytest.mark.parametrize(
    ("dollars", "cents", "points"),
    [
        ("0.00", 0, 0),
        ("0.99", 99, 0),
        ("1.00", 100, 1),
        ("76.05", 7605, 76),
        ("1286.01", 128601, 1286),
    ],
)
def test_each_whole_dollar_is_a_point(dollars: str, cents: int, points: int) -> None:
    [purchase] = parse_purchases([HEADING, f" 00001 19970101  1  {dollars}\n"])

    assert (purchase.dollars_cents, purchase.points) == (cents, points)


def test_equal_purchases_of_a_day_are_told_apart() -> None:
    line = " 00001 19970101  1   11.77\n"

    purchases = parse_purchases([HEADING, line, line])

    assert [purchase.request_id for purchase in purchases] == [
        "purchase-19970101-1",
        "purchase-19970101-2",
    ]


def test_the_log_holds_what_is_known_of_it(everything: list[Purchase]) -> None:
    earning = [purchase for purchase in everything if purchase.points]

    assert len(everything) == 69_659
    assert len({purchase.member_id for purchase in everything}) == 23_570
    assert min(purchase.date for purchase in everything) == date(1997, 1, 1)
    assert max(purchase.date for purchase in everything) == date(1998, 6, 30)
    assert len(earning) == 69_579
    assert sum(purchase.points for purchase in earning) == 2_453_159


def test_request_ids_are_unique_within_a_member(everything: list[Purchase]) -> None:
    ids = Counter((purchase.member_id, purchase.request_id) for purchase in everything)

    assert ids.most_common(1)[0][1] == 1


def test_purchases_of_a_member_follow_one_another(everything: list[Purchase]) -> None:
    assert everything == sorted(everything, key=lambda p: (p.member_id, p.date))


def test_the_log_gives_the_same_purchases_each_time(everything: list[Purchase]) -> None:
    assert list(read_purchases(limit=500)) == everything[:500]


def test_nothing_of_the_package_is_imported(everything: list[Purchase]) -> None:
    assert everything
    assert "lifetimes" not in sys.modules


@pytest.mark.parametrize("package", ["no_such_package_at_all", "rich"])
def test_a_missing_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setattr(purchases_module, "PACKAGE", package)

    with pytest.raises(PurchaseLogMissingError, match=r"points-engine\[demo\]"):
        next(read_purchases())
