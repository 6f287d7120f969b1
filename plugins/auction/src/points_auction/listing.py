"""ListBids: a member's own bid at any time, everybody's once bids are known."""

from __future__ import annotations

from collections.abc import Sequence

from points.plugin import Context, Refused
from points_auction.cases import Case, find, reveal_end
from points_auction.documents import BIDDER, Bidder
from points_auction.pages import after, size_of, token_of
from points_auction.refusals import BIDS_HIDDEN
from points_auction.rounds import Phase
from points_auction.terms import SEALED, Form
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.views import alias


def list_bids(ctx: Context, request: pb.ListBidsRequest) -> pb.ListBidsResponse:
    """Answers ListBids."""
    case = find(ctx, request.auction_id)
    if request.member_id:
        return _own(ctx, case, request.member_id)
    if not _are_known(case, ctx.now):
        raise Refused(BIDS_HIDDEN, auction_id=case.auction_id)
    limit = size_of(request.page_size)
    behind = after(request.page_token)
    page = ctx.state.list(BIDDER, case.auction_id, after=behind, limit=limit)
    return pb.ListBidsResponse(
        bids=_messages(case, page, is_own=False, is_known=True),
        next_page_token=token_of(page[-1][0]) if len(page) == limit else "",
    )


def _own(ctx: Context, case: Case, member_id: str) -> pb.ListBidsResponse:
    found = ctx.state.get(BIDDER, case.auction_id, member_id)
    page = [(member_id, found)] if found else []
    is_known = _are_known(case, ctx.now)
    return pb.ListBidsResponse(
        bids=_messages(case, page, is_own=True, is_known=is_known)
    )


def _are_known(case: Case, now: int) -> bool:
    """Tells whether sealed bids are no secret any more: never of one called off."""
    phase = case.round.phase
    is_over = phase is Phase.OPEN and now >= reveal_end(case)
    return is_over or phase in (Phase.SETTLING, Phase.SETTLED)


def _messages(
    case: Case, page: Sequence[tuple[str, Bidder]], *, is_own: bool, is_known: bool
) -> list[pb.AuctionBid]:
    is_shown = _is_shown(case.terms.form, is_own=is_own, is_known=is_known)
    return [_message(case, name, one, is_shown=is_shown) for name, one in page]


def _is_shown(form: Form, *, is_own: bool, is_known: bool) -> bool:
    """Tells whether the points of a bid are shown.

    Nobody is shown sealed ones before the close, not even under the bidder's name:
    the engine cannot tell who asks. The maximum of a proxy is its member's for ever.
    """
    if form in SEALED:
        return is_known
    return is_own or form is not Form.ENGLISH


def _message(
    case: Case, member_id: str, bidder: Bidder, *, is_shown: bool
) -> pb.AuctionBid:
    leader = case.round.leading(member_id)
    return pb.AuctionBid(
        member_id=member_id,
        alias=alias(case.terms, member_id),
        sequence=bidder.sequence,
        points=bidder.points if is_shown else 0,
        paid_points=bidder.paid_points,
        bid_count=bidder.bid_count,
        leading=leader is not None,
        hold_id=leader.hold_id if leader else bidder.hold_id,
    )
