"""An auction house for tests: requests with defaults, on a bench with the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from plugins.auction.tests.build import HOUR

from points.domain.commands import (
    Earn,
    EraseMember,
    FreezeMember,
    SetLimits,
    VoidHold,
)
from points.testing.bench import Bench
from points_auction.messages import timestamp
from points_auction.v1 import auction_service_pb2 as pb


ENGLISH = pb.AUCTION_FORM_ENGLISH
SEALED_FIRST = pb.AUCTION_FORM_SEALED_FIRST
SEALED_SECOND = pb.AUCTION_FORM_SEALED_SECOND
DUTCH = pb.AUCTION_FORM_DUTCH
ALL_PAY = pb.AUCTION_FORM_ALL_PAY
COVER = 1_000
"""All that the bidders of the house have."""


@dataclass
class House:
    """Is one auction on a bench: calls name only what matters to a test."""

    bench: Bench
    auction_id: str = "vase"
    bidders: set[str] = field(default_factory=set)

    def create(self, form: pb.AuctionForm.ValueType = ENGLISH, **given: Any) -> Any:
        """Makes the auction, for an hour from now unless told otherwise.

        Bidders of a sealed one hold COVER, unless told otherwise.
        """
        if form in (SEALED_FIRST, SEALED_SECOND):
            given.setdefault("cover_points", COVER)
        end_time = timestamp(self.bench.clock() + given.pop("length", HOUR))
        terms = pb.AuctionTerms(**{"form": form, "end_time": end_time, **given})
        return self.bench.call(
            pb.CreateAuctionRequest(auction_id=self.auction_id, terms=terms)
        ).auction

    def members(self, *names: str, points: int = 1_000) -> None:
        """Makes sure of bidders with points."""
        for name in names:
            self.bench.member(name, points=points)
            self.bidders.add(name)

    def bid(self, member_id: str, points: int, **given: Any) -> Any:
        """Bids and returns the answer."""
        return self.bench.call(self.bid_request(member_id, points, **given))

    def bid_request(self, member_id: str, points: int, **given: Any) -> pb.BidRequest:
        """Returns the request of a bid."""
        return pb.BidRequest(
            auction_id=self.auction_id, member_id=member_id, points=points, **given
        )

    def bids(self, **given: Any) -> Any:
        """Calls ListBids."""
        request = pb.ListBidsRequest(auction_id=self.auction_id, **given)
        return self.bench.call(request)

    def withdraw(self, member_id: str) -> Any:
        """Takes a bid back."""
        return self.bench.call(
            pb.WithdrawBidRequest(auction_id=self.auction_id, member_id=member_id)
        )

    def cancel(self) -> Any:
        """Calls the auction off."""
        return self.bench.call(self.cancel_request()).auction

    def cancel_request(self) -> pb.CancelRequest:
        """Returns the request that calls the auction off."""
        return pb.CancelRequest(
            auction_id=self.auction_id, operator="olga", reason="broken"
        )

    def get(self, viewer_id: str = "") -> Any:
        """Returns the auction as it is seen."""
        request = pb.GetAuctionRequest(auction_id=self.auction_id, viewer_id=viewer_id)
        return self.bench.call(request).auction

    def close(self) -> Any:
        """Lets the auction end and be settled, and returns it."""
        now = self.bench.clock()
        self.bench.clock.now = max(now, self.get().end_time.ToMicroseconds())
        return self.settle()

    def settle(self) -> Any:
        """Has the waiting jobs run until nothing is left to do."""
        for _ in range(100):
            self.bench.run_due()
            auction = self.get()
            if auction.state in (
                pb.AUCTION_STATE_SETTLED,
                pb.AUCTION_STATE_CANCELLED,
            ):
                return auction
        raise AssertionError("the auction is never settled")

    def earn(self, member_id: str, points: int, *, lifetime: int) -> None:
        """Gives a member points that expire so many microseconds from now."""
        earn = Earn(
            member_id=member_id,
            request_id=f"earn-{member_id}",
            unit="points",
            points=points,
            reason="test",
            expire_time=self.bench.clock() + lifetime,
        )
        self.bench.execute(earn)

    def held(self, member_id: str) -> int:
        """Returns how many points of a member are held."""
        return self.bench.balances(member_id).held

    def all_held(self) -> dict[str, int]:
        """Returns what every bidder holds, those who hold nothing left out."""
        found = {name: self.held(name) for name in sorted(self.bidders)}
        return {name: points for name, points in found.items() if points}


@contextmanager
def nothing_changes(house: House, *members: str) -> Iterator[None]:
    """Asserts that the auction and these members are the same after the block."""
    before = house.get(), [house.bench.balances(name) for name in members]
    yield
    assert (house.get(), [house.bench.balances(name) for name in members]) == before


def freeze(house: House, member_id: str) -> None:
    """Stops a member from earning and burning."""
    house.bench.execute(
        FreezeMember(member_id=member_id, request_id=f"freeze-{member_id}")
    )


def erase(house: House, member_id: str) -> None:
    """Erases a member, for good."""
    house.bench.execute(
        EraseMember(
            member_id=member_id,
            request_id=f"erase-{member_id}",
            operator="olga",
            reason="asked for it",
        )
    )


def void_hold(house: House, member_id: str, hold_id: str) -> None:
    """Gives a hold back behind the auction's back."""
    house.bench.execute(
        VoidHold(member_id=member_id, request_id=f"void-{hold_id}", hold_id=hold_id)
    )


def limit(house: House, member_id: str, **limits: Any) -> None:
    """Bounds what a member may have and do."""
    house.bench.execute(
        SetLimits(
            member_id=member_id,
            request_id=f"limit-{member_id}",
            unit="points",
            operator="olga",
            reason="test",
            **limits,
        )
    )
