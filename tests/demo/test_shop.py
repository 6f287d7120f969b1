"""A few purchases whose points can be worked out by hand, played through the shop."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from points.demo.holdings import Holdings, holdings_by_tier
from points.demo.program_demonstration import open_shop
from points.demo.purchases import Purchase
from points.demo.shop import LOST_PARCEL, Played, Shop


TUESDAY = date(1997, 1, 7)


def bought(number: int, day: date, dollars: int) -> Purchase:
    """Returns a purchase of Ada's."""
    return Purchase(
        member_id="ada",
        request_id=f"purchase-{number}",
        date=day,
        dollars_cents=dollars * 100,
        points=dollars,
    )


def played(url: str, *purchases: Purchase) -> tuple[Played, dict[str, Holdings]]:
    """Returns what the shop has seen, and what its members have at the end."""
    with open_shop(url) as (engine, clock):
        clock.set_day(purchases[0].date)
        found = Shop(engine, clock).play(purchases, on_purchases=lambda _: None)
        members = list(found.member_ids)
        return found, holdings_by_tier(engine, members, on_members=lambda _: None)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Returns the URL of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_points_wait_for_the_parcel(url: str) -> None:
    # The day of the last sweep is the one behind the purchase. 50 for the first.
    _, holdings = played(url, bought(1, TUESDAY, 30))

    assert holdings == {"bronze": Holdings(members=1, pending=80)}


def test_a_parcel_makes_points_usable_and_a_tier_multiplies_them(url: str) -> None:
    # Silver from 100 on: the first purchase counts before the second is worth 1.2.
    first, second = bought(1, TUESDAY, 100), bought(2, date(1997, 1, 14), 10)

    found, holdings = played(url, first, second)

    assert found.arrivals == 1
    assert holdings == {
        "silver": Holdings(members=1, outstanding=150, pending=12),
    }


def test_whole_dollars_are_spent_with_the_next_purchase(url: str) -> None:
    first, second = bought(1, TUESDAY, 180), bought(2, date(1997, 1, 14), 10)

    found, holdings = played(url, first, second)

    assert found.spent == 200
    assert holdings == {
        "silver": Holdings(members=1, outstanding=30, pending=12, redeemed=200),
    }


def test_points_expire_at_the_end_of_the_sixth_month(url: str) -> None:
    # Those of January live until the end of July; silver is for a year.
    first, last = bought(1, TUESDAY, 100), bought(2, date(1997, 8, 5), 10)

    found, holdings = played(url, first, last)

    assert found.expired == 150
    assert holdings == {"silver": Holdings(members=1, pending=12, expired=150)}


def test_points_of_a_lost_parcel_are_cancelled(url: str) -> None:
    many = [bought(number, TUESDAY, 1) for number in range(LOST_PARCEL)]

    found, holdings = played(url, *many, bought(99, date(1997, 5, 6), 0))

    assert (found.lost_parcels, found.cancelled) == (1, 1)
    assert holdings == {"bronze": Holdings(members=1, outstanding=74)}
