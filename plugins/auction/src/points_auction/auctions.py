"""Making, reading, cancelling and settling auctions."""

from __future__ import annotations

from typing import Final

from points.plugin import Context, Reads, Refused
from points_auction import settlement
from points_auction.amounts import check_sealable
from points_auction.cases import SETTLE, Case, find, plan_of, reveal_end
from points_auction.checks import problems
from points_auction.documents import ROUND, TERMS, Plan, keys_of
from points_auction.messages import terms_of
from points_auction.pages import after, size_of, token_of
from points_auction.refusals import (
    AUCTION_ENDED,
    AUCTION_EXISTS,
    AUCTION_NOT_ENDED,
    TERMS_INVALID,
    TIER_NOT_RANKED,
)
from points_auction.rounds import Phase, new_round
from points_auction.settings import Settings
from points_auction.terms import Terms
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.views import state_of, view


ID_CHARACTERS_MAX: Final = 100
SALT_BYTES: Final = 16
TEXT_MAX: Final = {"operator": 128, "reason": 256}


def reads_create(request: pb.CreateAuctionRequest) -> Reads:
    """Returns what making an auction reads: it, its seller and its charity."""
    terms = request.terms
    named = (terms.seller_id, terms.shares.charity_member_id)
    return Reads(
        members=tuple(filter(None, named)),
        documents=keys_of(request.auction_id),
    )


def reads_auction(request: pb.CancelRequest | pb.SettleRequest) -> Reads:
    """Returns what a step of an auction reads beside the members it finds there."""
    return Reads(
        units=("points",),
        documents=keys_of(request.auction_id),
    )


def home(
    request: pb.CreateAuctionRequest | pb.CancelRequest | pb.SettleRequest,
) -> str:
    """Returns the object that a call without a member belongs to: the auction."""
    return request.auction_id


def create_auction(
    ctx: Context, request: pb.CreateAuctionRequest
) -> pb.CreateAuctionResponse:
    """Answers CreateAuction: its terms are fixed here, and its settlement is due."""
    auction_id = request.auction_id
    if not 1 <= len(auction_id) <= ID_CHARACTERS_MAX:
        raise _invalid("auction_id", f"must be 1 to {ID_CHARACTERS_MAX} characters")
    if ctx.state.get(TERMS, auction_id):
        raise Refused(AUCTION_EXISTS, auction_id=auction_id)
    terms = _agreed(ctx, request.terms)
    for member_id in (terms.seller_id, terms.shares.charity_member_id):
        if member_id:
            ctx.member(member_id)
    case = Case(auction_id, terms, new_round(terms))
    ctx.state.put(TERMS, auction_id, terms)
    ctx.state.put(ROUND, auction_id, case.round)
    ctx.schedule(SETTLE, terms.settle_time, owner=auction_id)
    return pb.CreateAuctionResponse(auction=view(case, Plan(), ctx.now))


def get_auction(ctx: Context, request: pb.GetAuctionRequest) -> pb.GetAuctionResponse:
    """Answers GetAuction."""
    return pb.GetAuctionResponse(
        auction=_seen(ctx, request.auction_id, request.viewer_id)
    )


def watch_auction(
    ctx: Context, request: pb.WatchAuctionRequest
) -> pb.WatchAuctionResponse:
    """Answers WatchAuction, each time that there is something new."""
    return pb.WatchAuctionResponse(
        auction=_seen(ctx, request.auction_id, request.viewer_id)
    )


def list_auctions(
    ctx: Context, request: pb.ListAuctionsRequest
) -> pb.ListAuctionsResponse:
    """Answers ListAuctions."""
    limit = size_of(request.page_size)
    page = ctx.state.scan(TERMS, after=after(request.page_token), limit=limit)
    # Its terms are read with the page: a query reads only so much.
    cases = [
        Case(owner, terms, ground)
        for owner, _, terms in page
        if (ground := ctx.state.get(ROUND, owner))
    ]
    found = [
        view(case, plan_of(ctx, case.auction_id), ctx.now)
        for case in cases
        if request.state in (0, state_of(case, ctx.now))
    ]
    token = token_of(page[-1][0]) if len(page) == limit else ""
    return pb.ListAuctionsResponse(auctions=found, next_page_token=token)


def cancel(ctx: Context, request: pb.CancelRequest) -> pb.CancelResponse:
    """Answers Cancel: an auction may be called off until its settlement begins."""
    for field, longest in TEXT_MAX.items():
        if not 1 <= len(getattr(request, field)) <= longest:
            raise _invalid(field, f"must be 1 to {longest} characters")
    case = find(ctx, request.auction_id)
    if case.round.phase is not Phase.OPEN:
        raise Refused(AUCTION_ENDED, auction_id=case.auction_id)
    case = settlement.cancel(ctx, case)
    auction = view(case, plan_of(ctx, case.auction_id), ctx.now)
    return pb.CancelResponse(auction=auction)


def settle(ctx: Context, request: pb.SettleRequest) -> pb.SettleResponse:
    """Answers Settle: an auction that is settled or cancelled stays as it is."""
    case = find(ctx, request.auction_id)
    if case.round.phase is Phase.OPEN and ctx.now < reveal_end(case):
        raise Refused(AUCTION_NOT_ENDED, auction_id=case.auction_id)
    case = settlement.advance(ctx, case)
    auction = view(case, plan_of(ctx, case.auction_id), ctx.now)
    return pb.SettleResponse(auction=auction)


def _seen(ctx: Context, auction_id: str, viewer_id: str) -> pb.Auction:
    case = find(ctx, auction_id)
    return view(case, plan_of(ctx, auction_id), ctx.now, viewer_id=viewer_id)


def _agreed(ctx: Context, asked: pb.AuctionTerms) -> Terms:
    """Returns the terms; raises TERMS_INVALID with the first thing that is wrong.

    And BID_KEY_REQUIRED.
    """
    if asked.form not in pb.AuctionForm.values()[1:]:
        raise _invalid("form", "must be told")
    settings: Settings = ctx.config
    terms = terms_of(
        asked,
        settings,
        now=ctx.now,
        tiers=_tiers(settings, asked.ladder, asked.minimum_tier),
        alias_salt=ctx.random.token(SALT_BYTES).hex(),
        config_version=ctx.config_version,
    )
    for field, problem in problems(terms, ctx.now):
        raise _invalid(field, problem)
    check_sealable(ctx, terms)
    return terms


def _tiers(settings: Settings, ladder: str, minimum_tier: str) -> tuple[str, ...]:
    """Returns the tiers that may bid, the lowest first; raises TIER_NOT_RANKED."""
    if not ladder and not minimum_tier:
        return ()
    ranked = settings.ladders.get(ladder, ())
    if minimum_tier not in ranked:
        raise Refused(TIER_NOT_RANKED, ladder=ladder, tier=minimum_tier)
    return ranked[ranked.index(minimum_tier) :]


def _invalid(field: str, problem: str) -> Refused:
    return Refused(TERMS_INVALID, field=field, problem=problem)
