"""Terms and bids for tests: a test names only what matters to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from points_auction import english
from points_auction.ranking import Candidate
from points_auction.rounds import Leader, Round, new_round
from points_auction.terms import Form, Terms


NOON: Final = 1_767_268_800_000_000
"""2026-01-01T12:00:00Z."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def terms(form: Form = Form.ENGLISH, **given: Any) -> Terms:
    """Returns terms of an auction of one item from noon on, for an hour."""
    times = {"start_time": NOON, "end_time": NOON + HOUR}
    return Terms(form=form, **{**times, **given})


def play(agreed: Terms, bids: Iterable[tuple[str, int]]) -> Round:
    """Returns the round after bids, of which those that are too low are not made."""
    ground = new_round(agreed)
    for sequence, (member_id, points) in enumerate(bids, start=1):
        if is_high_enough(agreed, ground, member_id, points):
            leader = Leader(member_id, points, sequence)
            ground = english.bid(agreed, ground, leader).round
    return ground


def is_high_enough(agreed: Terms, ground: Round, member_id: str, points: int) -> bool:
    """Tells whether a member may bid so many points now."""
    own = ground.leading(member_id)
    return points > own.points if own else points >= minimum(agreed, ground, points)


def minimum(agreed: Terms, ground: Round, points: int) -> int:
    """Returns the least bid; a buy-out is always enough."""
    if english.is_buyout(agreed, ground, points):
        return points
    return english.minimum_points(agreed, ground)


def candidates(*points: int) -> list[Candidate]:
    """Returns bids of members m1, m2, ... in the order of their sequence."""
    return [Candidate(p, n, f"m{n}") for n, p in enumerate(points, start=1)]
