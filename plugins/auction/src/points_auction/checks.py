"""What is wrong with the terms of a new auction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from points_auction.terms import (
    BASIS,
    POINTS_MAX,
    SEALED,
    UNITS_MAX,
    Form,
    Terms,
    Unfit,
)


Problem: TypeAlias = tuple[str, str]
"""A field, and what is wrong with it."""

DURATION_MAX: Final = 366 * 86_400 * 1_000_000
"""Longest auction, in microseconds: holds do not stand for ever."""

TITLE_CHARACTERS_MAX: Final = 256

UNIT_CHARACTERS_MAX: Final = 64
"""Longest name of a unit, as in the ledger."""

BANDS_MAX: Final = 100
"""Most bands of steps: all terms fit into one document."""

ALL_PAY_BIDS_MAX: Final = 100
"""Most bids of a member in an ALL_PAY auction: each can be reversed by name."""


def problems(terms: Terms, now: int) -> Iterator[Problem]:
    """Yields everything that is wrong with the terms of an auction made now."""
    if len(terms.title) > TITLE_CHARACTERS_MAX:
        yield "title", f"must be at most {TITLE_CHARACTERS_MAX} characters"
    if len(terms.unit) > UNIT_CHARACTERS_MAX:
        yield "unit", f"must be at most {UNIT_CHARACTERS_MAX} characters"
    yield from _times(terms, now)
    yield from _points(terms)
    yield from _shares(terms)
    yield from _bands(terms)
    yield from _form(terms)


def _times(terms: Terms, now: int) -> Iterator[Problem]:
    if terms.end_time <= max(terms.start_time, now):
        yield "end_time", "must lie ahead, after start_time"
    if terms.settle_time - min(terms.start_time, now) > DURATION_MAX:
        yield "end_time", "must be within 366 days"
    soft_close = terms.soft_close
    if soft_close is None:
        return
    if soft_close.threshold <= 0 or soft_close.extension <= 0:
        yield "soft_close", "threshold and extension must be above zero"
    if not terms.end_time <= soft_close.limit <= terms.start_time + DURATION_MAX:
        yield "soft_close", "its limit must be after end_time and within 366 days"


def _points(terms: Terms) -> Iterator[Problem]:
    if not 1 <= terms.units <= UNITS_MAX:
        yield "units", f"must be 1 to {UNITS_MAX}, not {terms.units}"
    if not 1 <= terms.start_points <= POINTS_MAX:
        yield "start_points", f"must be 1 to {POINTS_MAX}, not {terms.start_points}"
    for name in ("reserve_points", "buyout_points", "bid_points_max", "cover_points"):
        points = getattr(terms, name)
        if not 0 <= points <= POINTS_MAX:
            yield name, f"must be 0 to {POINTS_MAX}, not {points}"
    if terms.bids_max < 0:
        yield "bids_max", "must not be below zero"
    if 0 < terms.bid_points_max < terms.least_points:
        yield "bid_points_max", "must not be below what wins"


def _shares(terms: Terms) -> Iterator[Problem]:
    shares = terms.shares
    parts = (shares.fee, shares.burn, shares.charity)
    if min(parts) < 0 or sum(parts) > BASIS:
        yield "shares", f"must be zero or above, together at most {BASIS}"
    if terms.seller_id and sum(parts) >= BASIS:
        yield "shares", "must leave something to the seller"
    if shares.fee and not terms.seller_id:
        yield "shares", "a fee needs a seller"
    if bool(shares.charity) != bool(shares.charity_member_id):
        yield "shares", "a charity needs both its share and its member"
    if shares.charity_member_id and shares.charity_member_id == terms.seller_id:
        yield "shares", "the charity must not be the seller"


def _bands(terms: Terms) -> Iterator[Problem]:
    bounds = [band.from_points for band in terms.bands]
    if bounds != sorted(set(bounds)) or bounds[:1] != [0]:
        yield "bands", "must begin at 0 and rise"
    if len(bounds) > BANDS_MAX:
        yield "bands", f"must be at most {BANDS_MAX}"
    if not all(1 <= band.step_points <= POINTS_MAX for band in terms.bands):
        yield "bands", f"steps must be 1 to {POINTS_MAX}"


def _form(terms: Terms) -> Iterator[Problem]:
    if terms.buyout_points and (terms.form is not Form.ENGLISH or terms.units > 1):
        yield "buyout_points", "is for ENGLISH auctions of one item"
    if 0 < terms.buyout_points < terms.least_points:
        yield "buyout_points", "must not be below start and reserve"
    if terms.soft_close and terms.form in (Form.DUTCH, *SEALED):
        yield "soft_close", "is for auctions whose bids are seen"
    if terms.form is Form.ENGLISH and terms.unfit is Unfit.NEXT:
        yield "unfit", "must be VOID: holds of those outbid are given back at once"
    yield from _sealed(terms)
    yield from _dutch(terms)
    yield from _all_pay(terms)


def _sealed(terms: Terms) -> Iterator[Problem]:
    is_sealed = terms.form in SEALED
    if terms.is_withdrawable and not is_sealed:
        yield "withdrawable", "is for sealed auctions"
    if terms.cover_points and not is_sealed:
        yield "cover_points", "is for sealed auctions"
    if is_sealed and not terms.cover_points:
        yield "cover_points", "must be given, or bid_points_max: no hold tells a bid"
    if is_sealed and 0 < terms.cover_points < terms.least_points:
        yield "cover_points", "must not be below what wins"
    if terms.reveal < 0 or (terms.reveal and not is_sealed):
        yield "reveal", "is for sealed auctions"
    if not 0 <= terms.forfeit_points <= (terms.cover_points if terms.reveal else 0):
        yield "forfeit_points", "must be at most cover_points, where bids are revealed"


def _dutch(terms: Terms) -> Iterator[Problem]:
    fall = terms.fall
    if (terms.form is Form.DUTCH) is not (fall is not None):
        yield "fall", "is for DUTCH auctions, and they need it"
    if fall is None:
        return
    if fall.step_points < 1 or fall.tick < 1:
        yield "fall", "step and tick must be above zero"
    if not 1 <= fall.floor_points <= terms.start_points:
        yield "fall", "its floor must be from 1 to start_points"
    if terms.reserve_points:
        yield "reserve_points", "is the floor of a DUTCH auction: leave it out"
    if terms.unfit is Unfit.NEXT:
        yield "unfit", "must be VOID: who accepts has paid"


def _all_pay(terms: Terms) -> Iterator[Problem]:
    if terms.form is not Form.ALL_PAY:
        return
    if terms.seller_id or terms.shares.charity:
        yield "shares", "all bids of an ALL_PAY auction are burned"
    if not 1 <= terms.bids_max <= ALL_PAY_BIDS_MAX:
        yield "bids_max", f"must be 1 to {ALL_PAY_BIDS_MAX} in an ALL_PAY auction"
    if not terms.bid_points_max:
        yield "bid_points_max", "must be given in an ALL_PAY auction"
    if terms.soft_close and not terms.soft_close.is_any_bid:
        yield "soft_close", "counts any bid in an ALL_PAY auction"
