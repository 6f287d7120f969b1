"""What the plugin declares to the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from points.plugin import (
    Channel,
    Collection,
    Context,
    Flow,
    Job,
    Manifest,
    Method,
    Mode,
    Owner,
    Reaction,
    Reason,
    Service,
    hookimpl,
)
from points_auction import auctions, bids, listing, settlement
from points_auction.cases import SETTLE
from points_auction.documents import COLLECTIONS
from points_auction.merging import MERGING
from points_auction.refusals import REASONS
from points_auction.settings import Settings
from points_auction.v1 import auction_service_pb2 as pb


CHANNEL = Channel(
    name="auction",
    flows=frozenset({Flow.BURN, Flow.HOLD}),
    # What was won is not taken apart from outside: an auction is cancelled instead.
    is_reversible=False,
)


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="auction",
        version="0.1.0",
        summary="Bids that are holds on real points",
        owner="points",
    )


@hookimpl
def config_model() -> type[Any]:
    """Returns what new auctions begin with."""
    return Settings


@hookimpl
def channels() -> Sequence[Channel]:
    """Returns the one channel that bids and settlements pass through."""
    return (CHANNEL,)


@hookimpl
def collections() -> Sequence[Collection[Any]]:
    """Returns what is kept of auctions."""
    return COLLECTIONS


@hookimpl
def reasons() -> Sequence[Reason]:
    """Returns the reasons to refuse."""
    return REASONS


@hookimpl
def jobs() -> Sequence[Job]:
    """Returns the settlement, which goes on in chunks."""
    return (
        Job(
            name=SETTLE,
            handler=settlement.settle,
            owner=Owner.OBJECT,
            reads=settlement.reads_settle,
        ),
    )


@hookimpl
def reactions() -> Sequence[Reaction]:
    """Returns what waits with a merge."""
    return (MERGING,)


@hookimpl
def services() -> Sequence[Service]:
    """Returns AuctionService."""
    descriptor = pb.DESCRIPTOR.services_by_name["AuctionService"]
    return (Service(descriptor=descriptor, methods=(*_of_auctions(), *_of_bids())),)


def _of_auctions() -> tuple[Method, ...]:
    return (
        Method(
            name="CreateAuction",
            mode=Mode.COMMAND,
            handler=auctions.create_auction,
            reads=auctions.reads_create,
            home=auctions.home,
            is_previewed=True,
        ),
        Method(name="GetAuction", mode=Mode.QUERY, handler=auctions.get_auction),
        Method(name="ListAuctions", mode=Mode.QUERY, handler=auctions.list_auctions),
        Method(name="WatchAuction", mode=Mode.WATCH, handler=auctions.watch_auction),
        Method(
            name="Cancel",
            mode=Mode.COMMAND,
            handler=auctions.cancel,
            reads=auctions.reads_auction,
            home=auctions.home,
            is_previewed=True,
        ),
        Method(
            name="Settle",
            mode=Mode.COMMAND,
            handler=auctions.settle,
            reads=auctions.reads_auction,
            home=auctions.home,
            is_previewed=True,
        ),
    )


def _of_bids() -> tuple[Method, ...]:
    calls: dict[str, Callable[[Context, Any], Any]] = {
        "WithdrawBid": bids.withdraw_bid,
        "RevealBid": bids.reveal_bid,
    }
    return (
        Method(
            name="Bid",
            mode=Mode.COMMAND,
            handler=bids.bid,
            reads=bids.reads_bid,
            is_secret=True,
        ),
        *(
            Method(
                name=name,
                mode=Mode.COMMAND,
                handler=handler,
                reads=bids.reads_own,
                is_secret=True,
            )
            for name, handler in calls.items()
        ),
        Method(name="ListBids", mode=Mode.QUERY, handler=listing.list_bids),
    )
