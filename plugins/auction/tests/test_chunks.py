"""A settlement in chunks: bounded, and the same whatever it is interrupted by."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from plugins.auction.tests.house import SEALED_SECOND, House

from points.testing.proofs import CrashPoint, crash_at
from points_auction import settlement
from points_auction.v1 import auction_service_pb2 as pb


WORK = 4
MEMBERS = [f"m{number}" for number in range(10)]
CHUNKS = 5
"""One ranks, one has the winner pay, and three give back four, four and two."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets ten bidders need what takes a thousand otherwise."""
    monkeypatch.setattr(settlement, "CHUNK_WORK", WORK)
    monkeypatch.setattr(settlement, "SMALL_COUNT", 0)


@pytest.fixture
def crowded(house: House) -> House:
    """Returns a house with a sealed auction that is over."""
    house.create(SEALED_SECOND)
    house.members(*MEMBERS)
    for number, name in enumerate(MEMBERS):
        house.bid(name, 100 + number)
    house.bench.clock.advance(hours=1)
    return house


def step(house: House, number: int) -> Any:
    """Takes one step of the settlement, and returns the auction."""
    request = pb.SettleRequest(auction_id="vase", request_id=f"step-{number}")
    return house.bench.call(request).auction


def assert_settled(house: House) -> None:
    """Fails unless the highest has paid the second price, and nobody anything else."""
    found = house.get()

    assert found.state == pb.AUCTION_STATE_SETTLED
    assert [(one.member_id, one.points) for one in found.results] == [("m9", 108)]
    assert (found.sold_count, found.paid_points) == (1, 108)
    assert house.all_held() == {}
    left = {name: house.bench.available(name) for name in MEMBERS}
    assert left == dict.fromkeys(MEMBERS, 1_000) | {"m9": 892}


def test_each_chunk_goes_on_where_the_one_before_ended(crowded: House) -> None:
    states = [step(crowded, number).state for number in range(CHUNKS)]

    assert states == [pb.AUCTION_STATE_SETTLING] * (CHUNKS - 1) + [
        pb.AUCTION_STATE_SETTLED
    ]
    assert_settled(crowded)


def test_jobs_take_one_chunk_after_the_other(crowded: House) -> None:
    crowded.settle()

    assert_settled(crowded)


def test_a_chunk_gives_back_no_more_than_its_work(crowded: House) -> None:
    held = []
    for number in range(CHUNKS):
        step(crowded, number)
        held.append(len(crowded.all_held()))

    assert held == [10, 9, 5, 1, 0]


def test_a_settlement_survives_a_kill_at_any_point(crowded: House) -> None:
    points = cycle(CrashPoint)
    for number in range(CHUNKS):
        with crash_at(crowded.bench, next(points)):
            step(crowded, number)
        step(crowded, number)

    assert_settled(crowded)


def test_a_cancellation_in_chunks_gives_everything_back(house: House) -> None:
    house.create(SEALED_SECOND)
    house.members(*MEMBERS)
    for name in MEMBERS:
        house.bid(name, 100)
    first = house.cancel()

    assert first.state == pb.AUCTION_STATE_CANCELLING
    assert house.settle().state == pb.AUCTION_STATE_CANCELLED
    assert house.all_held() == {}
