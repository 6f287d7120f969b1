"""The list of winners: of what is announced alone, masked, and in order."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import SECTION, Fair

from points_wheel import winners as winners_module
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


@pytest.mark.parametrize("days", [365, None])
def test_winners_stay_as_long_as_the_settings_of_now_have_it(
    fair: Fair, days: int | None
) -> None:
    announcing(fair, keep_days=90)
    fair.spin("stars", draws=20)
    fair.bench.advance(days=30)
    announcing(fair, **({"keep_days": days} if days else {}))
    fair.bench.advance(days=100)

    assert winners(fair).winners
    fair.bench.advance(days=300)

    assert bool(winners(fair).winners) == (days is None)
    assert bool(fair.documents("winner")) == (days is None)


def test_who_won_before_there_was_a_retention_is_forgotten_too(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winners_module, "STEP", 2)
    announcing(fair)
    fair.spin("stars", draws=20)
    fair.bench.advance(days=1)
    assert len(fair.documents("winner")) > 4
    announcing(fair, keep_days=90)
    fair.bench.advance(days=88)
    fair.spin("stars", draws=20)
    late = len(winners(fair).winners)
    fair.bench.advance(days=1, microseconds=-1)
    assert len(winners(fair).winners) == late

    fair.bench.advance(microseconds=1)
    shown = winners(fair, page_size=500)
    assert 0 < len(shown.winners) < late
    assert not shown.next_page_token
    fair.bench.advance(days=89)

    assert not winners(fair).winners
    assert not fair.documents("winner")


def test_a_card_that_a_merge_scratches_is_listed(fair: Fair) -> None:
    announcing(fair)
    fair.player("barbara")
    card = fair.spin("cards", member_id="barbara")

    fair.bench.merge("barbara", "alice")

    (found,) = winners(fair, "cards").winners
    assert (found.masked_member_id, found.draw_time) == ("b***a", card.spin_time)
    points = fair.bench.available("alice")
    with fair.bench.refused("SPIN_MERGED"):
        fair.void(card, "barbara")
    assert fair.bench.available("alice") == points


def test_no_spin_of_a_merged_member_is_taken_back(fair: Fair) -> None:
    announcing(fair)
    fair.player("barbara")
    spin = fair.spin("stars", member_id="barbara")
    fair.bench.merge("barbara", "alice")

    with fair.bench.refused("SPIN_MERGED"):
        fair.void(spin, "barbara")


def test_a_member_with_hundreds_of_cards_is_merged(fair: Fair) -> None:
    announcing(fair, keep_days=90)
    fair.player("barbara")
    cards = 340
    for _ in range(cards):
        fair.spin("cards", member_id="barbara")
    before = fair.bench.available("alice")

    fair.bench.merge("barbara", "alice")

    assert fair.bench.available("alice") > before
    assert len(fair.documents("winner")) == cards


def test_what_has_lapsed_when_a_merge_comes_is_not_listed(fair: Fair) -> None:
    announcing(fair)
    fair.player("barbara")
    card = fair.spin("cards", member_id="barbara")
    deadline = card.draws[0].deadline_time.ToMicroseconds()
    fair.bench.advance(microseconds=deadline - fair.bench.clock())

    fair.bench.merge("barbara", "alice")

    assert not winners(fair, "cards").winners


@pytest.mark.parametrize(
    ("member_id", "shown"),
    [("alice", "a***e"), ("bob", "***"), ("anna", "***"), ("x" * 128, "x***x")],
)
def test_an_id_is_masked(member_id: str, shown: str) -> None:
    assert masked(member_id) == shown
