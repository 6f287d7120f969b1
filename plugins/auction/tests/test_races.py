"""Bids of many threads at once: one order, and everybody's points where they belong."""

from __future__ import annotations

from collections import Counter
from typing import Any

from plugins.auction.tests.build import MINUTE
from plugins.auction.tests.house import COVER, DUTCH, SEALED_FIRST, House

from points.testing.proofs import race
from points_auction.messages import duration
from points_auction.v1 import auction_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


pytestmark = ON_BOTH_DATABASES

THREADS = 16
MEMBERS = [f"m{number:02}" for number in range(THREADS)]


def reasons(answers: list[Any]) -> Counter[str]:
    """Returns how many answers there are of each reason, empty for accepted bids."""
    return Counter(getattr(one, "name", "") for one in answers)


def test_of_two_equal_bids_at_once_the_lower_sequence_leads(house: House) -> None:
    house.create()
    answers = race(house.bench, 2, lambda n: house.bid_request(("ann", "bob")[n], 500))
    by_sequence = sorted(answers, key=lambda one: one.sequence)

    assert [(one.sequence, one.leading) for one in by_sequence] == [
        (1, True),
        (2, False),
    ]
    assert list(house.all_held().values()) == [500]
    assert house.get().price == 500


def test_one_auction_hammered_by_many_has_one_leader(house: House) -> None:
    house.create()
    house.members(*MEMBERS)

    answers = race(
        house.bench, THREADS, lambda n: house.bid_request(MEMBERS[n], 500 + n)
    )

    assert set(reasons(answers)) <= {"", "BID_TOO_LOW"}
    assert house.all_held() == {MEMBERS[-1]: 500 + THREADS - 1}
    # The second highest is too low, if it comes when the price has caught up with it.
    assert house.get().price in (500 + THREADS - 2, 500 + THREADS - 1)


def test_sealed_bids_at_once_are_all_held(house: House) -> None:
    house.create(SEALED_FIRST)
    house.members(*MEMBERS)

    answers = race(house.bench, THREADS, lambda n: house.bid_request(MEMBERS[n], 9))

    assert sorted(one.sequence for one in answers) == list(range(1, THREADS + 1))
    assert house.all_held() == dict.fromkeys(MEMBERS, COVER)
    first = min(range(THREADS), key=lambda n: answers[n].sequence)
    assert [one.member_id for one in house.close().results] == [MEMBERS[first]]


def test_the_last_item_is_accepted_by_one_alone(house: House) -> None:
    fall = pb.Fall(step_points=10, tick=duration(MINUTE), floor_points=50)
    house.create(DUTCH, start_points=100, fall=fall)
    house.members(*MEMBERS)

    answers = race(house.bench, THREADS, lambda n: house.bid_request(MEMBERS[n], 100))

    assert reasons(answers) == {"": 1, "AUCTION_ENDED": THREADS - 1}
    spent = [name for name in MEMBERS if house.bench.available(name) == 900]
    assert [one.member_id for one in house.get().results] == spent
