"""How bids of each form are placed: what they hold or pay, and what they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from points.plugin import Context, Refused
from points_auction import english
from points_auction.amounts import check_sealable, with_points
from points_auction.cases import SETTLE, Case, plan_of
from points_auction.clock import end_after
from points_auction.documents import PLAN, Bidder
from points_auction.merging import mark_paid
from points_auction.payments import collect, release
from points_auction.ranking import Sale
from points_auction.refusals import (
    BID_NOT_RAISED,
    BID_TOO_HIGH,
    BID_TOO_LOW,
    PRICE_ABOVE_LIMIT,
    PRICE_NOT_PAID,
)
from points_auction.rounds import Leader, Phase, Round
from points_auction.terms import Form, Score
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.views import price_of


class Placed(NamedTuple):
    """Is what a bid came to: the auction and the bidder after it."""

    case: Case
    bidder: Bidder
    is_leading: bool = False
    price: int = 0
    hold_id: str = ""


def _hold(ctx: Context, case: Case, points: int) -> str:
    """Holds points of the bidder, which do not expire meanwhile; returns the hold."""
    posted = ctx.ledger.place_hold(
        points,
        unit=case.terms.unit,
        sink=case.terms.sink,
        freeze_expiry=True,
        reason=case.reason,
    )
    return posted.hold_id


def _english(
    ctx: Context, case: Case, bidder: Bidder, request: pb.BidRequest
) -> Placed:
    """Bids up to a maximum; whoever is outbid has the hold back at once."""
    terms, ground, member_id = case.terms, case.round, request.member_id
    _check_raise(case, request)
    buys = english.is_buyout(terms, ground, request.points)
    points = terms.buyout_points if buys else request.points
    own = ground.leading(member_id)
    if own:
        release(ctx, case, member_id, own.hold_id)
    hold_id = _hold(ctx, case, points)
    step = english.bid(
        terms, ground, Leader(member_id, points, ground.sequence + 1, hold_id)
    )
    if step.out:
        release(ctx, case, step.out.member_id, step.out.hold_id)
        ctx.emit(
            "outbid", {"auction_id": case.auction_id, "member_id": step.out.member_id}
        )
    bidder = bidder._replace(points=points, sequence=step.round.sequence)
    leads = step.round.leading(member_id) is not None
    after = case._replace(round=step.round._replace(end_time=_end(ctx, case, step)))
    if step.is_buyout:
        ctx.schedule(SETTLE, ctx.now, owner=case.auction_id)
    price = step.round.price
    return Placed(after, bidder, leads, price, hold_id if leads else "")


def _check_raise(case: Case, request: pb.BidRequest) -> None:
    """Raises BID_NOT_RAISED of a leader, and BID_TOO_LOW of one who does not lead."""
    terms, ground, points = case.terms, case.round, request.points
    own = ground.leading(request.member_id)
    if own and points <= own.points:
        raise Refused(BID_NOT_RAISED, points=points, present=own.points)
    minimum = english.minimum_points(terms, ground)
    buys = english.is_buyout(terms, ground, points)
    if not own and points < minimum and not buys:
        raise Refused(BID_TOO_LOW, points=points, minimum=minimum)


def _end(ctx: Context, case: Case, step: english.Step) -> int:
    """Returns when bidding ends after a bid: at once with a buy-out."""
    soft_close, end_time = case.terms.soft_close, case.round.end_time
    if step.is_buyout:
        return ctx.now
    if soft_close and not (step.is_change or soft_close.is_any_bid):
        return end_time
    return end_after(soft_close, end_time=end_time, now=ctx.now)


def _sealed(ctx: Context, case: Case, bidder: Bidder, request: pb.BidRequest) -> Placed:
    """Bids in secret, in place of the bid before, behind all others made so far."""
    terms = case.terms
    check_sealable(ctx, terms)
    sequence = case.round.sequence + 1
    release(ctx, case, request.member_id, bidder.hold_id)
    # Terms without a cover were agreed when a hold was as large as its bid.
    hold_id = _hold(ctx, case, terms.cover_points or request.points)
    after = bidder._replace(
        sequence=sequence, hold_id=hold_id, commitment=request.commitment.hex()
    )
    after = with_points(ctx, case.auction_id, request.member_id, after, request.points)
    ground = case.round._replace(sequence=sequence)
    return Placed(case._replace(round=ground), after, hold_id=hold_id)


def _all_pay(
    ctx: Context, case: Case, bidder: Bidder, request: pb.BidRequest
) -> Placed:
    """Burns the bid at once; a better score takes the place of its last bid."""
    terms, points = case.terms, request.points
    paid, sequence = bidder.paid_points + points, case.round.sequence + 1
    if paid > terms.bid_points_max:
        left = terms.bid_points_max - bidder.paid_points
        raise Refused(BID_TOO_HIGH, points=points, maximum=left)
    posted = ctx.ledger.burn(
        points, unit=terms.unit, sink=terms.sink, reason=case.reason
    )
    score = paid if terms.score is Score.TOTAL else max(bidder.points, points)
    after = bidder._replace(
        points=score,
        sequence=sequence if score > bidder.points else bidder.sequence,
        paid_points=paid,
        payments=(*bidder.payments, posted.transaction_id),
    )
    mark_paid(ctx, case.auction_id, request.member_id)
    ground = case.round._replace(
        sequence=sequence,
        paid_points=case.round.paid_points + points,
        end_time=end_after(terms.soft_close, end_time=case.round.end_time, now=ctx.now),
    )
    return Placed(case._replace(round=ground), after, price=points)


def _dutch(ctx: Context, case: Case, bidder: Bidder, request: pb.BidRequest) -> Placed:
    """Buys an item at the price of this instant, and pays all of it at once."""
    price = price_of(case, ctx.now)
    if price > request.points:
        raise Refused(PRICE_ABOVE_LIMIT, price=price, points=request.points)
    sale = Sale(request.member_id, price, _hold(ctx, case, price))
    result, plan = collect(ctx, case, sale), plan_of(ctx, case.auction_id)
    if result.points < price:
        left = price - result.points
        raise Refused(PRICE_NOT_PAID, member_id=request.member_id, points=left)
    ctx.state.put(PLAN, case.auction_id, plan._replace(results=(*plan.results, result)))
    ground = _sold(case.round, price, case.terms.units, ctx.now)
    if ground.phase is Phase.SETTLED:
        ctx.unschedule(SETTLE, owner=case.auction_id)
    bidder = bidder._replace(
        points=price,
        sequence=ground.sequence,
        paid_points=bidder.paid_points + result.points,
    )
    return Placed(case._replace(round=ground), bidder, is_leading=True, price=price)


def _sold(ground: Round, price: int, units: int, now: int) -> Round:
    """Returns the round with one more item sold: with the last one it is settled."""
    ground = ground._replace(
        sequence=ground.sequence + 1,
        sold_count=ground.sold_count + 1,
        paid_points=ground.paid_points + price,
    )
    if ground.sold_count < units:
        return ground
    return ground._replace(phase=Phase.SETTLED, end_time=now)


PLACES: Final[
    Mapping[Form, Callable[[Context, Case, Bidder, pb.BidRequest], Placed]]
] = {
    Form.ENGLISH: _english,
    Form.SEALED_FIRST: _sealed,
    Form.SEALED_SECOND: _sealed,
    Form.DUTCH: _dutch,
    Form.ALL_PAY: _all_pay,
}
