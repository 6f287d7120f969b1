"""Every reason of the plugin, told over gRPC with the status that it declares."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.auction.tests.build import HOUR, MINUTE
from plugins.auction.tests.house import (
    ALL_PAY,
    DUTCH,
    ENGLISH,
    SEALED_FIRST,
)

from points.engine.plugins.keys import NO_KEYS
from points.testing.bench import with_request_id
from points.testing.served import Served, refusal_of
from points.v1.limits_pb2 import Velocity
from points.v1.member_service_pb2 import MergeMembersRequest
from points.v1.member_service_pb2_grpc import MemberServiceStub
from points_auction import refusals
from points_auction.bids import commitment_of
from points_auction.messages import duration, timestamp
from points_auction.v1 import auction_service_pb2 as pb
from points_auction.v1.auction_service_pb2_grpc import AuctionServiceStub


SALT = bytes(16)
DAY = Velocity.WINDOW_DAY
BURNS = Velocity(action=Velocity.ACTION_BURN, window=DAY, points=150)
TRANSFERS = Velocity(action=Velocity.ACTION_TRANSFER, window=DAY, points=99)
FALL = pb.Fall(step_points=10, tick=duration(MINUTE), floor_points=50)


class Rooms:
    """Is a served auction house: calls by name, of Ann unless told."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.stub: Any = served.stub(AuctionServiceStub)
        ladders = {"status": ["low", "high"]}
        served.configure("auction", {"ladders": ladders, "bid_keys": ["11" * 32]})
        for name in ("ann", "bob", "sam", "tom", "eve"):
            served.client.create_member(name, request_id=f"make-{name}")
            served.client.earn(name, 5_000, reason="test", request_id=f"earn-{name}")

    def request(self, method: str, auction_id: str = "", **fields: Any) -> Any:
        """Returns a request of a method."""
        kind = getattr(pb, f"{method}Request")
        usual = {"member_id": "ann", "auction_id": auction_id}
        taken = {n: v for n, v in usual.items() if n in kind.DESCRIPTOR.fields_by_name}
        return kind(**{**taken, **fields})

    def call(self, method: str, auction_id: str = "", **fields: Any) -> Any:
        """Makes a call that is answered."""
        request = with_request_id(self.request(method, auction_id, **fields))
        return getattr(self.stub, method)(request)

    def refusal(
        self, method: str, auction_id: str = "", **fields: Any
    ) -> tuple[str, str]:
        """Makes a call that is refused; returns status and reason."""
        request = self.request(method, auction_id, **fields)
        return refusal_of(getattr(self.stub, method), request)

    def merge_refusal(self, member_id: str, into_member_id: str) -> tuple[str, str]:
        """Merges members, which is refused; returns status and reason."""
        request = MergeMembersRequest(
            member_id=member_id,
            into_member_id=into_member_id,
            operator="olga",
            reason="one person",
            request_id="merge",
        )
        return refusal_of(self.served.stub(MemberServiceStub).MergeMembers, request)

    def terms(self, **given: Any) -> pb.AuctionTerms:
        """Returns terms of an hour from now on."""
        end_time = timestamp(self.served.clock() + HOUR)
        return pb.AuctionTerms(**{"form": ENGLISH, "end_time": end_time, **given})

    def make(self, auction_id: str, **given: Any) -> None:
        """Makes an auction."""
        self.call("CreateAuction", auction_id, terms=self.terms(**given))


@pytest.mark.parametrize("points_database", ["sqlite"], indirect=True)
def test_every_reason_is_told_with_its_status(served: Served) -> None:
    rooms = Rooms(served)
    rooms.make("vase", seller_id="sam", start_points=10, bid_points_max=900)
    rooms.make("late", start_time=timestamp(served.clock() + MINUTE))
    rooms.make("club", ladder="status", minimum_tier="high")
    rooms.make("paid", form=ALL_PAY, bids_max=1, bid_points_max=100)
    rooms.make("fall", form=DUTCH, start_points=100, fall=FALL)
    rooms.make("dear", form=DUTCH, start_points=100, fall=FALL, seller_id="sam")
    bounds = [BURNS, TRANSFERS]
    served.client.set_limits("eve", velocities=bounds, operator="olga", reason="test")
    rooms.make("sealed", form=SEALED_FIRST, cover_points=100)
    told_later: dict[str, Any] = {"cover_points": 400, "reveal": duration(HOUR)}
    rooms.make("secret", form=SEALED_FIRST, withdrawable=True, **told_later)
    commitment = bytes.fromhex(commitment_of(300, SALT))
    rooms.call("Bid", "secret", commitment=commitment)
    rooms.call("Bid", "vase", points=500)
    rooms.call("Bid", "sealed", points=50, member_id="bob")
    rooms.call("Bid", "paid", points=5)
    rooms.call("Bid", "paid", points=5, member_id="tom")
    no = rooms.refusal
    wrong, unranked = rooms.terms(units=101), rooms.terms(minimum_tier="top")
    before = served.client.get_balances("ann")
    told = [
        no("GetAuction", "none"),
        rooms.merge_refusal("tom", "bob"),
        no("CreateAuction", "vase", terms=rooms.terms()),
        no("CreateAuction", "new", terms=wrong),
        no("CreateAuction", "new", terms=unranked),
        no("Bid", "late", points=5),
        no("Settle", "vase"),
        no("Bid", "vase", points=600, member_id="sam"),
        no("Bid", "club", points=5),
        no("Bid", "paid", points=5),
        no("Bid", "vase", points=901),
        no("Bid", "vase", points=9),
        no("Bid", "vase", points=500),
        no("Bid", "fall", points=99),
        no("Bid", "dear", points=100, member_id="eve"),
        no("WithdrawBid", "secret", member_id="bob"),
        no("WithdrawBid", "sealed"),
        no("Bid", "secret", points=5),
        no("RevealBid", "secret", points=300, salt=SALT),
        no("ListBids", "sealed", member_id=""),
        no("ListAuctions", page_token="?"),  # noqa: S106 - a token of a page
    ]
    served.clock.advance(hours=1)
    told += [
        no("Bid", "vase", points=700),
        no("RevealBid", "secret", points=301, salt=SALT),
    ]
    served.engine.plugins.keyring = NO_KEYS
    served.configure("auction", {})
    sealed = rooms.terms(form=SEALED_FIRST, cover_points=100)
    told += [no("Settle", "sealed"), no("CreateAuction", "new", terms=sealed)]

    expected = sorted((one.answer.name, one.name) for one in refusals.REASONS)
    assert sorted(told) == expected
    assert served.client.get_balances("ann").balances == before.balances
