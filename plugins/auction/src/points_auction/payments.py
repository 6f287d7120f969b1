"""What auctions do to points: give holds back, and split what winners pay.

Whatever refuses, an item is settled: settlement never stands still because a seller
was frozen or a winner has gone. Where points cannot be given they are burned.
"""

from __future__ import annotations

from typing import NamedTuple

from points.plugin import Context, Refusal
from points_auction.cases import Case
from points_auction.documents import Result
from points_auction.proceeds import Split, burned_instead, split
from points_auction.ranking import Sale
from points_auction.terms import Terms


class _Gift(NamedTuple):
    """Is what a winner gives: to whom, and the fee of the house on top."""

    receiver: str
    points: int
    fee: int = 0


def release(ctx: Context, case: Case, member_id: str, hold_id: str) -> int:
    """Gives a hold back and returns its points: 0 if it is not open any more.

    A hold may have been voided by an operator, who thereby takes the bid away.
    """
    if not hold_id:
        return 0
    try:
        posted = ctx.ledger.void_hold(hold_id, member_id=member_id, reason=case.reason)
    except Refusal:
        return 0
    return posted.points


def is_fit(ctx: Context, member_id: str) -> bool:
    """Tells whether a member can pay, win and be paid: neither frozen nor gone."""
    try:
        return ctx.member(member_id).state == "ACTIVE"
    except Refusal:
        return False


def collect(ctx: Context, case: Case, sale: Sale) -> Result:
    """Takes what a winner pays out of the hold and splits it; the rest goes back.

    A winner who is not fit, or whose hold is gone, pays nothing: the item is unsold.
    """
    if not is_fit(ctx, sale.member_id):
        release(ctx, case, sale.member_id, sale.hold_id)
        return Result(sale.member_id, is_unsold=True)
    if not sale.points:
        return Result(sale.member_id)
    return _paid(ctx, case, sale, _payable(ctx, case.terms, sale.points))


def forfeit(ctx: Context, case: Case, member_id: str, hold_id: str) -> int:
    """Burns what an unrevealed bid forfeits and returns it; the rest goes back."""
    points = case.terms.forfeit_points
    if points and _captured(ctx, case, member_id, hold_id, points):
        return points
    release(ctx, case, member_id, hold_id)
    return 0


def _payable(ctx: Context, terms: Terms, points: int) -> Split:
    """Returns the parts of a payment, those burned that nobody can be given."""
    parts = split(points, terms.shares, has_seller=bool(terms.seller_id))
    charity = terms.shares.charity_member_id
    return burned_instead(
        parts,
        seller=bool(parts.seller) and not is_fit(ctx, terms.seller_id),
        charity=bool(parts.charity) and not is_fit(ctx, charity),
    )


def _paid(ctx: Context, case: Case, sale: Sale, parts: Split) -> Result:
    """Burns out of the hold, gives the rest back, and gives from there in turn.

    An item for which nothing at all could be paid is unsold.
    """
    if not _opened(ctx, case, sale, parts.burn):
        release(ctx, case, sale.member_id, sale.hold_id)
        return Result(sale.member_id, is_unsold=True)
    terms, giver = case.terms, sale.member_id
    gifts = (
        _Gift(terms.seller_id, parts.seller, parts.fee),
        _Gift(terms.shares.charity_member_id, parts.charity),
    )
    for gift in gifts:
        if gift.points and not _given(ctx, case, giver, gift):
            is_seller = gift.receiver == terms.seller_id
            parts = burned_instead(parts, seller=is_seller, charity=not is_seller)
            left = _left(ctx, case, giver, gift.points + gift.fee)
            parts = parts._replace(burn=parts.burn - left)
    return Result(giver, parts.total, *parts, is_unsold=not parts.total)


def _opened(ctx: Context, case: Case, sale: Sale, burn: int) -> bool:
    """Burns a part of the hold, if any, and gives the rest back; tells if it did."""
    if burn:
        return _captured(ctx, case, sale.member_id, sale.hold_id, burn)
    return release(ctx, case, sale.member_id, sale.hold_id) > 0


def _captured(
    ctx: Context, case: Case, member_id: str, hold_id: str, points: int
) -> bool:
    try:
        ctx.ledger.capture_hold(
            hold_id,
            member_id=member_id,
            points=points,
            void_rest=True,
            reason=case.reason,
        )
    except Refusal:
        return False
    return True


def _given(ctx: Context, case: Case, giver: str, gift: _Gift) -> bool:
    """Gives points to the seller or charity; tells whether the ledger allowed it."""
    try:
        ctx.ledger.transfer(
            gift.points,
            receiver=gift.receiver,
            unit=case.terms.unit,
            member_id=giver,
            fee=gift.fee,
            fee_account="auction" if gift.fee else "",
            reason=case.reason,
        )
    except Refusal:
        return False
    return True


def _left(ctx: Context, case: Case, member_id: str, points: int) -> int:
    """Burns points that could not be given; returns those that stay with the winner.

    They do if the ledger does not let them go either, by a limit of the member.
    """
    terms = case.terms
    try:
        ctx.ledger.burn(
            points,
            unit=terms.unit,
            member_id=member_id,
            sink=terms.sink,
            reason=case.reason,
        )
    except Refusal:
        return points
    return 0
