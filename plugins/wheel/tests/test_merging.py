"""Two members who become one: what waited is given, what was counted goes along."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import Fair

from points.domain.commands import SetLimits
from points.domain.refusals import LimitExceeded
from points_wheel.documents import OpenCard, Player
from points_wheel.merging import one_player
from points_wheel.odds import PityState
from points_wheel.tallies import Tally
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import WINDOW_MAX


def spins_of(fair: Fair, member_id: str) -> list[pb.Spin]:
    """Returns the spins of a member, the latest first."""
    request = pb.ListSpinsRequest(member_id=member_id)
    answer: pb.ListSpinsResponse = fair.bench.call(request)
    return list(answer.spins)


def test_what_waits_of_a_member_who_ends_is_given_to_who_goes_on(fair: Fair) -> None:
    fair.player("bob")
    fair.spin("cards", member_id="bob", draws=2)
    fair.spin("items", member_id="bob")
    fair.spin("again", member_id="bob")

    fair.bench.merge("bob", "alice")

    # Two cards of 50 were scratched; 30 points were paid.
    assert fair.bench.available("alice") == 1_000 + (1_000 - 30) + 100
    assert fair.wheel("again").spins == 2
    item, cards = spins_of(fair, "bob")[1:]
    assert item.draws[0].state == pb.PRIZE_STATE_CLAIMED
    assert {draw.prize_id for draw in cards.draws} == {"fifty"}


def test_what_has_lapsed_is_not_given(fair: Fair) -> None:
    fair.player("bob")
    fair.spin("cards", member_id="bob")
    fair.bench.advance(days=3)

    fair.bench.merge("bob", "alice")

    assert fair.bench.available("alice") == 1_995


def test_free_draws_and_limits_count_what_both_have_drawn(fair: Fair) -> None:
    fair.player("bob")
    fair.spin("daily", member_id="bob", draws=2)
    fair.spin("daily", draws=3)

    fair.bench.merge("bob", "alice")

    fair.spin("daily", draws=20)
    fair.bench.earn("alice", 1_000)
    with fair.bench.refused("DRAW_LIMIT", left="5"):
        fair.spin("daily", draws=6)


def test_the_spins_of_who_ends_can_be_proved_and_so_can_those_to_come(
    fair: Fair,
) -> None:
    fair.player("bob")
    before = fair.spin("daily", member_id="bob")

    fair.bench.merge("bob", "alice")

    assert fair.verify(before, "bob").is_proved
    after = fair.spin("daily")
    fair.rotate()
    assert fair.verify(after).is_proved


def test_a_member_who_never_drew_takes_part_in_a_merge(fair: Fair) -> None:
    fair.bench.member("bob", points=10)
    fair.bench.member("carl", points=10)
    fair.spin("again")

    fair.bench.merge("bob", "alice")
    fair.bench.merge("alice", "carl")

    assert fair.wheel("again", member_id="carl").spins == 2
    fair.rotate("carl")
    assert fair.spin("again", member_id="carl").spin_id == "1"


def test_a_ceiling_that_prizes_would_break_refuses_the_merge_as_a_whole(
    fair: Fair,
) -> None:
    fair.player("bob")
    fair.spin("cards", member_id="bob")
    bound: dict[str, Any] = {
        "unit": "points",
        "ceiling": 2_000,
        "operator": "ann",
        "reason": "rule",
    }
    fair.bench.execute(SetLimits(member_id="alice", request_id="bound", **bound))

    with pytest.raises(LimitExceeded):
        fair.bench.merge("bob", "alice")

    assert spins_of(fair, "bob")[0].draws[0].state == pb.PRIZE_STATE_HIDDEN


def test_pity_is_the_further_of_the_two_and_counts_of_one_window_add_up() -> None:
    now = 2 * WINDOW_MAX
    mine = Player(
        pity={"gold": PityState(3), "old": PityState(1, is_guaranteed=True)},
        tallies={"a": Tally(now - 5, 2), "b": Tally(now - 9, 7)},
        spins={"again": 1},
        cards=(OpenCard(1, 0, now + 1),),
        spin_count=4,
    )
    other = Player(
        pity={"gold": PityState(2, is_guaranteed=True), "new": PityState(9)},
        tallies={
            "a": Tally(now - 5, 3),
            "b": Tally(now - 4, 1),
            "gone": Tally(1, 6),
            "ever": Tally(0, 8),
        },
        spins={"again": 2, "daily": 1},
        spin_count=9,
    )

    both = one_player(mine, other, {"daily": 5}, now)

    assert both.pity == {
        "gold": PityState(3, is_guaranteed=True),
        "old": PityState(1, is_guaranteed=True),
        "new": PityState(9),
    }
    assert both.tallies == {
        "a": Tally(now - 5, 5),
        "b": Tally(now - 4, 1),
        "ever": Tally(0, 8),
    }
    assert both.spins == {"again": 3, "daily": 6}
    assert (both.cards, both.spin_count) == (mine.cards, 4)
