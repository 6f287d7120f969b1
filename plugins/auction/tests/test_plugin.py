"""The plugin as its host sees it: declared in full, lawful, and served over gRPC."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.auction.tests.build import HOUR

from points.testing.bench import Bench
from points.testing.conformance import Example, assert_conforms
from points.testing.served import Served
from points_auction import refusals
from points_auction.messages import timestamp
from points_auction.plugin import manifest, reasons
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.v1.auction_service_pb2_grpc import AuctionServiceStub
from tests.postgresql.plugins import ON_BOTH_DATABASES


YEARS = 365 * 24 * HOUR
"""Longer than the odd times that the laws are tried at are apart."""


def terms(now: int, **given: object) -> pb.AuctionTerms:
    """Returns terms of an English auction."""
    found = pb.AuctionTerms(
        form=pb.AUCTION_FORM_ENGLISH, end_time=timestamp(now + HOUR)
    )
    found.MergeFrom(pb.AuctionTerms(**given))  # type: ignore[arg-type] # fields
    return found


def test_the_plugin_says_who_it_is() -> None:
    assert manifest().name == "auction"


def test_every_reason_is_declared() -> None:
    named = {name for name in vars(refusals) if name.isupper() and name != "REASONS"}

    assert {one.name for one in reasons()} == named


@ON_BOTH_DATABASES
def test_the_plugin_keeps_the_laws_of_all_plugins(bench: Bench) -> None:
    bench.member("alice", points=1_000)
    made = terms(
        bench.clock(),
        form=pb.AUCTION_FORM_SEALED_FIRST,
        end_time=timestamp(bench.clock() + YEARS),
        withdrawable=True,
        cover_points=100,
    )
    bench.call(pb.CreateAuctionRequest(auction_id="vase", terms=made))
    named: dict[str, Any] = {"auction_id": "vase", "member_id": "alice"}
    assert_conforms(
        bench,
        "auction",
        [
            # First: the laws move the clock beyond the end that it asks for.
            Example(
                pb.CreateAuctionRequest(auction_id="urn", terms=terms(bench.clock()))
            ),
            Example(pb.GetAuctionRequest(auction_id="vase")),
            Example(pb.ListAuctionsRequest()),
            Example(pb.ListBidsRequest(auction_id="vase", member_id="alice")),
            Example(pb.BidRequest(points=30, **named)),
            Example(pb.RevealBidRequest(points=30, salt=bytes(16), **named)),
            Example(pb.WithdrawBidRequest(**named)),
            Example(pb.SettleRequest(auction_id="vase")),
            Example(pb.CancelRequest(auction_id="vase", operator="olga", reason="x")),
        ],
    )


@pytest.mark.parametrize("points_database", ["sqlite"], indirect=True)
def test_auctions_are_served_and_watched_over_grpc(served: Served) -> None:
    stub = served.stub(AuctionServiceStub)
    served.client.create_member("ann")
    served.client.earn("ann", 500, reason="test")
    stub.CreateAuction(
        pb.CreateAuctionRequest(
            auction_id="vase", terms=terms(served.clock()), request_id="make"
        )
    )
    watched = stub.WatchAuction(pb.WatchAuctionRequest(auction_id="vase"), timeout=20)
    assert next(watched).auction.bid_count == 0

    request = pb.BidRequest(auction_id="vase", member_id="ann", points=300)
    request.request_id = "bid"
    assert stub.Bid(request).leading
    assert next(watched).auction.bid_count == 1
    assert served.client.get_balances("ann").balances[0].held == 300
    watched.cancel()

    request.request_id = "again"
    with served.refused("BID_NOT_RAISED", "auction.points"):
        stub.Bid(request)
