"""Terms that make no sense are named, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.auction.tests.build import DAY, HOUR, MINUTE, NOON, terms

from points_auction.checks import problems
from points_auction.terms import (
    POINTS_MAX,
    Band,
    Fall,
    Form,
    Shares,
    SoftClose,
    Unfit,
)


FALL = Fall(step_points=1, tick=MINUTE, floor_points=1)
SOFT = SoftClose(MINUTE, MINUTE, NOON + 2 * HOUR)
PAID = {"bids_max": 3, "bid_points_max": 100}


def fields(form: Form, **given: Any) -> set[str]:
    """Returns the fields that something is wrong with."""
    return {field for field, _ in problems(terms(form, **given), NOON)}


@pytest.mark.parametrize(
    ("form", "given"),
    [
        (Form.ENGLISH, {}),
        (Form.ENGLISH, {"soft_close": SOFT, "buyout_points": 100}),
        (Form.ENGLISH, {"seller_id": "s", "shares": Shares(500, 100)}),
        (Form.SEALED_FIRST, {"units": 100, "unfit": Unfit.NEXT, "cover_points": 9}),
        (Form.SEALED_SECOND, {"cover_points": 500, "is_withdrawable": True}),
        (Form.SEALED_SECOND, {"cover_points": 9, "reveal": HOUR, "forfeit_points": 9}),
        (Form.DUTCH, {"start_points": 100, "fall": FALL}),
        (Form.ALL_PAY, PAID),
    ],
)
def test_terms_that_make_sense_pass(form: Form, given: dict[str, Any]) -> None:
    assert fields(form, **given) == set()


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("end_time", {"end_time": NOON}),
        ("end_time", {"start_time": NOON - DAY, "end_time": NOON}),
        ("end_time", {"end_time": NOON + 367 * DAY}),
        ("soft_close", {"soft_close": SOFT._replace(threshold=0)}),
        ("soft_close", {"soft_close": SOFT._replace(limit=NOON)}),
        ("units", {"units": 0}),
        ("units", {"units": 101}),
        ("start_points", {"start_points": 0}),
        ("reserve_points", {"reserve_points": POINTS_MAX + 1}),
        ("bids_max", {"bids_max": -1}),
        ("bid_points_max", {"bid_points_max": 5, "start_points": 6}),
        ("shares", {"seller_id": "s", "shares": Shares(fee=9_000, burn=1_000)}),
        ("shares", {"shares": Shares(fee=1)}),
        ("bands", {"bands": (Band(0, POINTS_MAX + 1),)}),
        ("bands", {"bands": tuple(Band(n, 1) for n in range(101))}),
        ("unit", {"unit": "u" * 65}),
        ("shares", {"shares": Shares(burn=-1)}),
        ("shares", {"shares": Shares(charity=1)}),
        ("shares", {"seller_id": "s", "shares": Shares(0, 0, 1, "s")}),
        ("bands", {"bands": ()}),
        ("bands", {"bands": (Band(1, 1),)}),
        ("bands", {"bands": (Band(0, 1), Band(0, 2))}),
        ("bands", {"bands": (Band(0, 0),)}),
        ("buyout_points", {"buyout_points": 5, "reserve_points": 6}),
        ("buyout_points", {"buyout_points": 5, "units": 2}),
        ("unfit", {"unfit": Unfit.NEXT}),
        ("withdrawable", {"is_withdrawable": True}),
        ("cover_points", {"cover_points": 5}),
        ("reveal", {"reveal": 5}),
        ("forfeit_points", {"forfeit_points": 5}),
        ("fall", {"fall": FALL}),
    ],
)
def test_what_is_wrong_with_an_english_auction_is_named(
    field: str, given: dict[str, Any]
) -> None:
    assert fields(Form.ENGLISH, **given) == {field}


@pytest.mark.parametrize(
    ("form", "field", "given"),
    [
        (Form.SEALED_FIRST, "soft_close", {"soft_close": SOFT, "cover_points": 9}),
        (Form.SEALED_FIRST, "cover_points", {"cover_points": 5, "start_points": 6}),
        (Form.SEALED_FIRST, "cover_points", {"reveal": HOUR}),
        (Form.SEALED_FIRST, "reveal", {"reveal": -1, "cover_points": 9}),
        (Form.ENGLISH, "reveal", {"reveal": HOUR}),
        (Form.ENGLISH, "title", {"title": "x" * 257}),
        (Form.SEALED_FIRST, "buyout_points", {"buyout_points": 5, "cover_points": 9}),
        (Form.DUTCH, "fall", {}),
        (Form.DUTCH, "fall", {"fall": FALL._replace(tick=0)}),
        (Form.DUTCH, "fall", {"fall": FALL._replace(floor_points=2)}),
        (Form.DUTCH, "reserve_points", {"fall": FALL, "reserve_points": 1}),
        (Form.DUTCH, "unfit", {"fall": FALL, "unfit": Unfit.NEXT}),
        (Form.ALL_PAY, "bids_max", {**PAID, "bids_max": 0}),
        (Form.ALL_PAY, "bid_points_max", {"bids_max": 1}),
        (Form.ALL_PAY, "soft_close", {**PAID, "soft_close": SOFT}),
        (Form.ALL_PAY, "shares", {**PAID, "seller_id": "s"}),
    ],
)
def test_what_is_wrong_with_another_form_is_named(
    form: Form, field: str, given: dict[str, Any]
) -> None:
    assert fields(form, **given) == {field}
