"""Ascending bids with a proxy: each member names a maximum, the engine bids for it.

With k items the k highest maxima lead. All of them would pay one price: an increment
above the highest maximum that does not lead, but never more than the lowest leader
would. Equal maxima: the earlier one leads, and the price is that maximum.
"""

from __future__ import annotations

from typing import NamedTuple

from points_auction.ranking import Sale
from points_auction.rounds import Leader, Round
from points_auction.terms import Terms


class Step(NamedTuple):
    """Is what a bid does: the round after it, and what it costs whom.

    `out` is the bid that does not lead any more, or the new one itself if it never
    led. `replaced` is the same member's bid that it takes the place of.
    `is_change` tells whether the price or a leader changed, and `is_buyout` that the
    auction ends with this bid.
    """

    round: Round
    out: Leader | None = None
    replaced: Leader | None = None
    is_change: bool = True
    is_buyout: bool = False


def minimum_points(terms: Terms, ground: Round) -> int:
    """Returns the least maximum that may be bid by one who does not lead.

    Where a leader is below the reserve that others have met, the price is enough.
    """
    if len(ground.leaders) < terms.units:
        return max(terms.start_points, ground.price)
    if ground.leaders[-1].points < ground.price:
        return ground.price
    return ground.price + terms.increment(ground.price)


def is_buyout(terms: Terms, ground: Round, points: int) -> bool:
    """Tells whether a bid buys the item at once: while it costs less than that."""
    return 0 < terms.buyout_points <= points and ground.price < terms.buyout_points


def bid(terms: Terms, ground: Round, leader: Leader) -> Step:
    """Returns what a bid does that is high enough; its sequence is the next one."""
    if is_buyout(terms, ground, leader.points):
        return _bought(terms, ground, leader._replace(points=terms.buyout_points))
    own = ground.leading(leader.member_id)
    if own:
        return _raised(terms, ground, own, leader)
    return _challenged(terms, ground, leader)


def _bought(terms: Terms, ground: Round, leader: Leader) -> Step:
    """Returns the end of an auction of one item: whoever led is out."""
    own = ground.leading(leader.member_id)
    others = [one for one in ground.leaders if one is not own]
    after = ground._replace(
        leaders=(leader,), price=terms.buyout_points, sequence=leader.sequence
    )
    out = others[0] if others else None
    return Step(after, out=out, replaced=own, is_buyout=True)


def _raised(terms: Terms, ground: Round, own: Leader, leader: Leader) -> Step:
    """Returns a leader's higher maximum: it never raises the price that is paid.

    Save to the reserve, if this is what meets it.
    """
    leaders = _ranked([one for one in ground.leaders if one is not own], leader)
    price = _reserved(terms, leaders, ground.price)
    after = ground._replace(leaders=leaders, price=price, sequence=leader.sequence)
    return Step(after, replaced=own, is_change=price != ground.price)


def _challenged(terms: Terms, ground: Round, leader: Leader) -> Step:
    ranked = _ranked(ground.leaders, leader)
    leaders, out = ranked[: terms.units], ranked[terms.units :]
    bar = max(ground.bar, *(one.points for one in out)) if out else ground.bar
    price = max(ground.price, _price(terms, leaders, bar))
    after = ground._replace(
        leaders=leaders, bar=bar, price=price, sequence=leader.sequence
    )
    changed = price != ground.price or leaders != ground.leaders
    return Step(after, out=out[0] if out else None, is_change=changed)


def _ranked(
    others: list[Leader] | tuple[Leader, ...], one: Leader
) -> tuple[Leader, ...]:
    return tuple(
        sorted((*others, one), key=lambda leader: (-leader.points, leader.sequence))
    )


def _price(terms: Terms, leaders: tuple[Leader, ...], bar: int) -> int:
    """Returns the price by the rule: start, or a step above what does not lead."""
    price = terms.start_points
    if bar:
        price = max(price, min(leaders[-1].points, bar + terms.increment(bar)))
    return _reserved(terms, leaders, price)


def _reserved(terms: Terms, leaders: tuple[Leader, ...], price: int) -> int:
    """Returns the reserve in place of a lower price, once a leader meets it."""
    if leaders[0].points >= terms.reserve_points:
        return max(price, terms.reserve_points)
    return price


def sales(terms: Terms, ground: Round) -> tuple[Sale, ...]:
    """Returns who wins at the close and what that costs; other holds are given back."""
    return tuple(_sale(terms, ground, one) for one in ground.leaders)


def _sale(terms: Terms, ground: Round, one: Leader) -> Sale:
    if one.points < terms.reserve_points:
        return Sale(one.member_id, 0, one.hold_id, is_won=False)
    return Sale(one.member_id, ground.price, one.hold_id)
