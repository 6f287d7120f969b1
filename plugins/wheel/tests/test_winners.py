"""The list of winners: of what is announced alone, masked, and in order."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import SECTION, Fair

from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.winners import masked


def announcing(fair: Fair, **more: Any) -> None:
    """Has every win of the star, and of cards, announced, but not of the dust."""
    wheels = {
        "stars": {
            "prizes": [
                {"id": "star", "weight": 1, "is_announced": True, "item": {}},
                {"id": "dust", "weight": 1},
            ],
            "draws_max": 20,
        },
        "cards": {
            "presentation": "SCRATCH",
            "prizes": [{"id": "fifty", "weight": 1, "is_announced": True}],
        },
    }
    fair.bench.configure("wheel", {**SECTION, "wheels": wheels, **more})


def winners(fair: Fair, wheel_id: str = "stars", **given: Any) -> Any:
    """Calls ListWinners."""
    return fair.bench.call(pb.ListWinnersRequest(wheel_id=wheel_id, **given))


def test_winners_of_what_is_announced_are_listed_the_latest_first(fair: Fair) -> None:
    announcing(fair)
    times = []
    for _ in range(6):
        spin = fair.spin("stars", draws=3)
        stars = [draw for draw in spin.draws if draw.prize_id == "star"]
        times += [spin.spin_time.ToMicroseconds()] * len(stars)
        fair.bench.advance(seconds=1)
    found = winners(fair).winners

    assert 0 < len(found) == len(times) < 18
    assert {(one.masked_member_id, one.prize_id) for one in found} == {
        ("a***e", "star")
    }
    assert [one.draw_time.ToMicroseconds() for one in found] == times[::-1]


def test_winners_are_listed_page_by_page(fair: Fair) -> None:
    announcing(fair)
    fair.spin("stars", draws=20)
    whole = list(winners(fair).winners)
    first = winners(fair, page_size=2)
    rest = winners(fair, page_size=500, page_token=first.next_page_token)

    assert [*first.winners, *rest.winners] == whole
    for token in ("x", first.next_page_token + "0"):
        with fair.bench.refused("PAGE_TOKEN_INVALID"):
            winners(fair, page_token=token)
    with fair.bench.refused("PAGE_TOKEN_INVALID"):
        winners(fair, "cards", page_token=first.next_page_token)
    with fair.bench.refused("WHEEL_UNKNOWN"):
        winners(fair, "none")


def test_a_card_is_listed_once_it_is_scratched(fair: Fair) -> None:
    announcing(fair)
    card = fair.spin("cards")
    assert not winners(fair, "cards").winners
    fair.bench.call(pb.RevealCardRequest(member_id="alice", spin_id=card.spin_id))

    (found,) = winners(fair, "cards").winners
    assert found.draw_time == card.spin_time


def test_a_spin_that_is_taken_back_is_taken_off(fair: Fair) -> None:
    announcing(fair, keep_days=90)
    spin = fair.spin("stars", draws=20)
    assert winners(fair).winners
    fair.bench.call(
        pb.VoidSpinRequest(
            member_id="alice", spin_id=spin.spin_id, operator="olga", reason="broken"
        )
    )

    assert not winners(fair).winners


def test_winners_are_forgotten_as_spins_are(fair: Fair) -> None:
    announcing(fair, keep_days=90)
    fair.spin("stars", draws=20)
    fair.bench.advance(days=90, microseconds=-1)
    assert winners(fair).winners
    fair.bench.advance(microseconds=1)
    assert not winners(fair).winners


@pytest.mark.parametrize(
    ("member_id", "shown"),
    [("alice", "a***e"), ("bob", "***"), ("anna", "***"), ("x" * 128, "x***x")],
)
def test_an_id_is_masked(member_id: str, shown: str) -> None:
    assert masked(member_id) == shown
