"""How what a winner pays is split: to the point, nothing lost and nothing made."""

from __future__ import annotations

from typing import NamedTuple

from points_auction.terms import BASIS, Shares


class Split(NamedTuple):
    """Is the parts of a payment; they add up to it."""

    seller: int
    charity: int
    fee: int
    burn: int

    @property
    def total(self) -> int:
        """Returns the whole payment."""
        return self.seller + self.charity + self.fee + self.burn


def split(points: int, shares: Shares, *, has_seller: bool) -> Split:
    """Returns the parts of a payment: shares are rounded down.

    The seller gets the rest; without one it is burned.
    """
    fee, burn, charity = (
        points * share // BASIS for share in (shares.fee, shares.burn, shares.charity)
    )
    rest = points - fee - burn - charity
    if has_seller:
        return Split(rest, charity, fee, burn)
    return Split(0, charity, fee, burn + rest)


def burned_instead(parts: Split, *, seller: bool, charity: bool) -> Split:
    """Returns the parts once those that cannot be given are burned.

    With the seller's go the fee, which is paid along with it.
    """
    if seller:
        burn = parts.burn + parts.seller + parts.fee
        parts = parts._replace(seller=0, fee=0, burn=burn)
    if charity:
        parts = parts._replace(charity=0, burn=parts.burn + parts.charity)
    return parts
