"""Matching: what a sponsor adds to a donation, in the donation's transaction."""

from __future__ import annotations

from typing import NamedTuple


class MatchTerms(NamedTuple):
    """Is what a sponsor promised: `numerator` points for `denominator` donated ones.

    Each cap is in points of the match; None is no cap.
    """

    numerator: int
    denominator: int
    donation_max: int | None = None
    donor_max: int | None = None


class Match(NamedTuple):
    """Is what was offered for a donation, and what the pool could still pay of it."""

    offered: int
    matched: int


def match_of(
    terms: MatchTerms, points: int, *, donor_matched: int, pool_left: int
) -> Match:
    """Returns the match of a donation: rounded down, then capped, then what is left.

    `donor_matched` is what the donor's earlier donations were matched with. First
    come, first served: the order is that of the commits.
    """
    offered = points * terms.numerator // terms.denominator
    if terms.donation_max is not None:
        offered = min(offered, terms.donation_max)
    if terms.donor_max is not None:
        offered = min(offered, max(0, terms.donor_max - donor_matched))
    return Match(offered, min(offered, pool_left))
