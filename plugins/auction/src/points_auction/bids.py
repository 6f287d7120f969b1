"""Bids: each is checked, backed by a hold or paid, and told where it stands."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from points.plugin import Context, Reads, Refused
from points_auction.amounts import with_points
from points_auction.cases import Case, check_open, find, keep, reveal_end
from points_auction.documents import BIDDER, PLAN, Bidder, keys_of
from points_auction.messages import timestamp
from points_auction.payments import release
from points_auction.placing import PLACES, Placed
from points_auction.refusals import (
    BID_LIMIT_REACHED,
    BID_TOO_HIGH,
    BID_TOO_LOW,
    BID_UNKNOWN,
    COMMITMENT_MALFORMED,
    COMMITMENT_MISMATCH,
    REVEAL_NOT_OPEN,
    SELF_BID,
    TIER_TOO_LOW,
    WITHDRAWAL_NOT_ALLOWED,
)
from points_auction.rounds import Phase
from points_auction.terms import POINTS_MAX, Form, Terms
from points_auction.v1 import auction_service_pb2 as pb


_AUCTIONS_MAX: Final = 10_000
_OUTBID_NEXT: Final[dict[str, tuple[str, str]]] = {}
"""Whose hold the next good bid frees, by the auctions that were last bid in here.

A guess alone: where it is wrong or missing, the hold is read on demand.
"""

DIGEST_BYTES: Final = 32
"""Bytes of a commitment: SHA-256."""

SALT_BYTES: Final = range(16, 65)
"""Lengths of a salt: too long to guess, and bounded."""


def reads_bid(request: pb.BidRequest) -> Reads:
    """Returns what a bid reads: the bidder's own, and the hold that it may free."""
    outbid = _OUTBID_NEXT.get(request.auction_id)
    own = reads_own(request)
    if outbid is None:
        return own
    # Whoever leads does so in an ENGLISH auction, whose plan no bid looks at.
    documents = tuple(each for each in own.documents if each.collection != PLAN.name)
    return own._replace(documents=documents, holds=(outbid,))


def reads_own(
    request: pb.BidRequest | pb.WithdrawBidRequest | pb.RevealBidRequest,
) -> Reads:
    """Returns what is read of a bid: the auction and the bidder's own bid there."""
    return Reads(
        units=("points",),
        documents=keys_of(request.auction_id, request.member_id),
    )


def bid(ctx: Context, request: pb.BidRequest) -> pb.BidResponse:
    """Answers Bid."""
    case = find(ctx, request.auction_id)
    check_open(case, ctx.now)
    found = ctx.state.get(BIDDER, case.auction_id, request.member_id)
    bidder = found or Bidder()
    _check_bidder(ctx, case, bidder, request.member_id)
    _check_points(case, request)
    if found is None:
        count = case.round.bidder_count + 1
        case = case._replace(round=case.round._replace(bidder_count=count))
    placed = PLACES[case.terms.form](ctx, case, bidder, request)
    _foresee(placed.case)
    return _answer(ctx, request, placed)


def _foresee(case: Case) -> None:
    """Keeps whose hold the next good bid frees, if any: of the auctions seen last."""
    leaders = case.round.leaders
    _OUTBID_NEXT.pop(case.auction_id, None)
    if leaders and len(leaders) == case.terms.units:
        _OUTBID_NEXT[case.auction_id] = (leaders[-1].member_id, leaders[-1].hold_id)
        if len(_OUTBID_NEXT) > _AUCTIONS_MAX:
            del _OUTBID_NEXT[next(iter(_OUTBID_NEXT))]


def withdraw_bid(
    ctx: Context, request: pb.WithdrawBidRequest
) -> pb.WithdrawBidResponse:
    """Answers WithdrawBid: the hold is given back, the limits stay used."""
    case = find(ctx, request.auction_id)
    if not case.terms.is_withdrawable:
        raise Refused(WITHDRAWAL_NOT_ALLOWED, auction_id=case.auction_id)
    check_open(case, ctx.now)
    bidder = _standing_bid(ctx, case, request.member_id)
    voided = release(ctx, case, request.member_id, bidder.hold_id)
    gone = bidder._replace(hold_id="", commitment="")
    withdrawn = with_points(ctx, case.auction_id, request.member_id, gone, 0)
    ctx.state.put(BIDDER, case.auction_id, withdrawn, request.member_id)
    return pb.WithdrawBidResponse(voided_points=voided)


def reveal_bid(ctx: Context, request: pb.RevealBidRequest) -> pb.RevealBidResponse:
    """Answers RevealBid: from here on the bid is ranked by its points."""
    case = find(ctx, request.auction_id)
    if not _is_revealing(case, ctx.now):
        raise Refused(REVEAL_NOT_OPEN, auction_id=case.auction_id)
    bidder = _standing_bid(ctx, case, request.member_id)
    if commitment_of(request.points, request.salt) != bidder.commitment:
        raise Refused(COMMITMENT_MISMATCH, member_id=request.member_id)
    check_bounds(case.terms, request.points)
    revealed = with_points(
        ctx, case.auction_id, request.member_id, bidder, request.points
    )
    ctx.state.put(BIDDER, case.auction_id, revealed, request.member_id)
    return pb.RevealBidResponse(sequence=bidder.sequence)


def commitment_of(points: int, salt: bytes) -> str:
    """Returns the digest, in hexadecimal digits, that points and a salt are bid as.

    Empty for a salt that is too short to keep the points secret, or too long.
    """
    if len(salt) not in SALT_BYTES:
        return ""
    return sha256(b"%d:%s" % (points, salt)).hexdigest()


def _is_revealing(case: Case, now: int) -> bool:
    is_open = case.round.phase is Phase.OPEN
    return is_open and case.round.end_time <= now < reveal_end(case)


def _standing_bid(ctx: Context, case: Case, member_id: str) -> Bidder:
    """Returns the member's bid; raises BID_UNKNOWN without one, or once withdrawn."""
    bidder = ctx.state.get(BIDDER, case.auction_id, member_id)
    if bidder is None or not bidder.hold_id:
        raise Refused(BID_UNKNOWN, auction_id=case.auction_id, member_id=member_id)
    return bidder


def _answer(ctx: Context, request: pb.BidRequest, placed: Placed) -> pb.BidResponse:
    """Keeps what a bid came to, and tells the bidder."""
    case = keep(ctx, placed.case, placed.case.round)
    count, bids_max = placed.bidder.bid_count + 1, case.terms.bids_max
    bidder = placed.bidder._replace(bid_count=count)
    ctx.state.put(BIDDER, case.auction_id, bidder, request.member_id)
    return pb.BidResponse(
        sequence=case.round.sequence,
        leading=placed.is_leading,
        price=placed.price,
        hold_id=placed.hold_id,
        end_time=timestamp(case.round.end_time),
        bids_left=bids_max - count if bids_max else None,
    )


def _check_bidder(ctx: Context, case: Case, bidder: Bidder, member_id: str) -> None:
    """Raises SELF_BID, TIER_TOO_LOW or BID_LIMIT_REACHED."""
    terms = case.terms
    if member_id in (terms.seller_id, terms.shares.charity_member_id):
        raise Refused(SELF_BID, member_id=member_id)
    if terms.tiers and ctx.member().tiers.get(terms.ladder) not in terms.tiers:
        raise Refused(
            TIER_TOO_LOW,
            member_id=member_id,
            ladder=terms.ladder,
            minimum_tier=terms.tiers[0],
        )
    if 0 < terms.bids_max <= bidder.bid_count:
        raise Refused(BID_LIMIT_REACHED, member_id=member_id, bids_max=terms.bids_max)


def _check_points(case: Case, request: pb.BidRequest) -> None:
    """Raises COMMITMENT_MALFORMED, BID_TOO_HIGH, or BID_TOO_LOW below the start."""
    terms, points = case.terms, request.points
    if not _is_of_form(terms, request):
        raise Refused(
            COMMITMENT_MALFORMED,
            auction_id=case.auction_id,
            expected=_EXPECTED[bool(terms.reveal)],
        )
    if not terms.reveal:
        check_bounds(terms, points)


_EXPECTED: Final = {
    True: "a commitment of 32 bytes and no points",
    False: "points and no commitment",
}


def _is_of_form(terms: Terms, request: pb.BidRequest) -> bool:
    if terms.reveal:
        return len(request.commitment) == DIGEST_BYTES and not request.points
    return not request.commitment


def check_bounds(terms: Terms, points: int) -> None:
    """Raises BID_TOO_HIGH, or BID_TOO_LOW for what no bid may be at any time.

    A DUTCH bid is compared with the price instead, which is below the start.
    """
    maximum = terms.bid_points_max or POINTS_MAX
    if terms.cover_points:
        maximum = min(maximum, terms.cover_points)
    if points > maximum:
        raise Refused(BID_TOO_HIGH, points=points, maximum=maximum)
    if terms.form is not Form.DUTCH and points < terms.start_points:
        raise Refused(BID_TOO_LOW, points=points, minimum=terms.start_points)
