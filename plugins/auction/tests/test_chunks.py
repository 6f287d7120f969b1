"""A settlement in chunks: bounded, and the same whatever it is interrupted by."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from plugins.auction.tests.house import SEALED_SECOND, House
from sqlalchemy import select

from points.domain.documents import object_home
from points.domain.plugin_calls import PluginCall
from points.store.reads.reader import open_snapshot
from points.store.schema import record
from points.store.texts.rows import record_of
from points.testing.proofs import CrashPoint, crash_at
from points_auction import settlement
from points_auction.v1 import auction_service_pb2 as pb


WORK = 4
MEMBERS = [f"m{number}" for number in range(10)]
CHUNKS = 5
"""One ranks and gives the price back, one has the winner pay, and three look at four,
four and two, of which the last have nothing left."""


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

    assert held == [9, 8, 4, 0, 0]


def test_a_settlement_survives_a_kill_at_any_point(crowded: House) -> None:
    points = cycle(CrashPoint)
    for number in range(CHUNKS):
        with crash_at(crowded.bench, next(points)):
            step(crowded, number)
        step(crowded, number)

    assert_settled(crowded)


def chunks_of(house: House) -> list[int]:
    """Returns how many transactions each chunk has made, in their order."""
    with open_snapshot(house.bench.engine.store.backend) as snapshot:
        home = object_home("auction", house.auction_id)
        wanted = select(record).where(record.c.member_id == home)
        rows = snapshot.all(wanted.order_by(record.c.number))
    found = [record_of(row).result for row in rows]
    calls = [each for each in found if isinstance(each, PluginCall)]
    return [len(each.transactions) for each in calls if each.method == "job/settle"]


def test_chunks_become_larger_while_they_are_quick_up_to_a_bound(
    crowded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "CHUNK_WORK", 1)
    monkeypatch.setattr(settlement, "CHUNK_WORK_MAX", 3)
    crowded.settle()

    assert chunks_of(crowded)[-4:] == [3, 3, 2, 0]
    assert_settled(crowded)


def test_chunks_stay_small_where_each_takes_long(
    crowded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = crowded.bench
    monkeypatch.setattr(settlement, "CHUNK_WORK", 1)
    bench.on_commit = lambda: bench.clock.advance(microseconds=30_000)
    crowded.settle()

    assert max(chunks_of(crowded)[2:]) == 1
    assert_settled(crowded)


def test_jobs_go_on_after_a_kill_at_any_point(
    crowded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "CHUNK_WORK", 1)
    for point in CrashPoint:
        with crash_at(crowded.bench, point):
            crowded.bench.run_due()
    crowded.settle()

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
