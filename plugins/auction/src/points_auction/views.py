"""An auction as everybody may see it: no maximum, no sealed amount, no reserve."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from points_auction.cases import Case, reveal_end
from points_auction.clock import falling_price
from points_auction.documents import Plan
from points_auction.english import minimum_points
from points_auction.messages import result_messages, terms_message, timestamp
from points_auction.rounds import Phase
from points_auction.terms import Form, Terms
from points_auction.v1 import auction_service_pb2 as pb


ALIAS_DIGITS: Final = 10
"""Hexadecimal digits of an alias: two of a million bidders seldom share one."""


def view(case: Case, plan: Plan, now: int, *, viewer_id: str = "") -> pb.Auction:
    """Returns the message of an auction as it stands at an instant."""
    terms, ground = case.terms, case.round
    is_open = ground.phase is Phase.OPEN and now < ground.end_time
    is_english = terms.form is Form.ENGLISH
    return pb.Auction(
        auction_id=case.auction_id,
        terms=terms_message(terms, shows_reserve=not is_open),
        state=state_of(case, now),
        end_time=timestamp(ground.end_time),
        price=price_of(case, now),
        minimum_points=minimum_points(terms, ground) if is_english and is_open else 0,
        leaders=[alias(terms, one.member_id) for one in ground.leaders],
        reserve_met=any(one.points >= terms.reserve_points for one in ground.leaders),
        bid_count=ground.sequence,
        bidder_count=ground.bidder_count,
        sold_count=ground.sold_count,
        paid_points=ground.paid_points,
        results=result_messages(plan.results),
        alias=alias(terms, viewer_id) if viewer_id else "",
    )


def state_of(case: Case, now: int) -> pb.AuctionState.ValueType:
    """Returns how far an auction has come at an instant."""
    if case.round.phase is not Phase.OPEN:
        return pb.AuctionState.Value(f"AUCTION_STATE_{case.round.phase}")
    if now < case.terms.start_time:
        return pb.AUCTION_STATE_SCHEDULED
    if now < case.round.end_time:
        return pb.AUCTION_STATE_OPEN
    is_revealing = now < reveal_end(case)
    return pb.AUCTION_STATE_REVEALING if is_revealing else pb.AUCTION_STATE_CLOSED


def price_of(case: Case, now: int) -> int:
    """Returns what a leader or an accept would pay at an instant, 0 where none is."""
    terms = case.terms
    if terms.fall is None:
        return case.round.price
    if now < terms.start_time or case.round.phase is not Phase.OPEN:
        return 0
    until = min(now, case.round.end_time) - terms.start_time
    return falling_price(terms.start_points, terms.fall, until)


def alias(terms: Terms, member_id: str) -> str:
    """Returns the name that stands for a member in this auction alone."""
    named = f"{terms.alias_salt}:{member_id}".encode()
    return sha256(named).hexdigest()[:ALIAS_DIGITS]
