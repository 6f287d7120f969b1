"""Who wins where all bids are compared at the close, and what they pay.

Ranks are by points, then by sequence: the lower one wins every tie. Bids are read
page by page, so that a ranking of any number of them is kept in a few.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from typing import Final, NamedTuple

from points_auction.terms import POINTS_MAX, Form, Terms


class Candidate(NamedTuple):
    """Is a bid as it is ranked: `points` are what counts, such as a total."""

    points: int
    sequence: int
    member_id: str
    hold_id: str = ""

    def rank(self) -> tuple[int, int]:
        """Returns what ranks are compared by: the lower, the better."""
        return -self.points, self.sequence


NOBODY: Final = (POINTS_MAX + 1, 0)
"""Points and sequence above every bid."""


class Sale(NamedTuple):
    """Is one item: who gets it, for how many points, out of which hold.

    Or, not `is_won`, a hold that is given back.
    """

    member_id: str
    points: int
    hold_id: str = ""
    is_won: bool = True


def best(
    candidates: Iterable[Candidate], count: int, *, least: int
) -> tuple[Candidate, ...]:
    """Returns the first `count` of those that reach the least points, by rank."""
    fit = (one for one in candidates if one.points >= least)
    return tuple(nsmallest(count, fit, key=Candidate.rank))


def sales(terms: Terms, ranked: tuple[Candidate, ...]) -> tuple[Sale, ...]:
    """Returns who wins of those ranked, which are one more than the items if there are.

    The first bid that does not win is the price of a SEALED_SECOND auction: with one
    item the second highest, with k items the (k+1)-th; without one the least bid
    that could win. Winners of an ALL_PAY auction have paid already.
    """
    winners = ranked[: terms.units]
    if terms.form is Form.SEALED_SECOND:
        price = uniform_price(terms, ranked)
        return tuple(Sale(one.member_id, price, one.hold_id) for one in winners)
    if terms.form is Form.ALL_PAY:
        return tuple(Sale(one.member_id, 0) for one in winners)
    return tuple(Sale(one.member_id, one.points, one.hold_id) for one in winners)


def uniform_price(terms: Terms, ranked: tuple[Candidate, ...]) -> int:
    """Returns the one price that all winners of a SEALED_SECOND auction pay."""
    if len(ranked) <= terms.units:
        return terms.least_points
    return max(terms.least_points, ranked[terms.units].points)
