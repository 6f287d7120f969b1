"""What a member counts for good, while wheels and prizes come and go."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import KEY, Fair

from points_wheel import lifetimes
from points_wheel.v1 import wheel_service_pb2 as pb


ONCE = {"draws": 1, "per": "LIFETIME"}


def offer(fair: Fair, wheel_id: str, ids: list[str], **rules: Any) -> None:
    """Has one wheel alone, each prize of which a member may win once."""
    prizes = [{"id": each, "weight": 1, "limit": ONCE} for each in ids]
    wheel = {"prizes": prizes, "draws_max": 100, **rules}
    fair.bench.configure("wheel", {"seed_keys": [KEY], "wheels": {wheel_id: wheel}})


def few(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has all but two counts put away, and wheel `a` drawn and gone."""
    monkeypatch.setattr(lifetimes, "KEPT_MAX", 2)
    offer_a(fair)
    fair.spin("a", draws=2)
    offer(fair, "b", ["x", "y", "z"])
    fair.spin("b", draws=3)


def offer_a(fair: Fair, draws: int = 3) -> None:
    """Has wheel `a` alone, with every kind of limit per lifetime."""
    limits = [{"draws": draws, "per": "LIFETIME"}]
    offer(fair, "a", ["p", "q", "r"], limits=limits, free=ONCE)


def test_wheels_that_come_and_go_for_ever_leave_a_player_that_can_spin(
    fair: Fair,
) -> None:
    """With the longest names there are, which are too long for keys."""
    ids = [f"p{number:02d}{'x' * 61}" for number in range(64)]
    wheels = [f"w{number:02d}{'y' * 61}" for number in range(36)]
    for wheel_id in wheels:
        offer(fair, wheel_id, ids)
        fair.spin(wheel_id, draws=64)

    offer(fair, wheels[0], ids)
    with fair.bench.refused("SOLD_OUT"):
        fair.spin(wheels[0])


def test_prizes_that_come_and_go_in_one_wheel_are_put_away_as_well(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetimes, "KEPT_MAX", 2)
    for number in range(5):
        offer(fair, "a", [f"p{number}", f"q{number}"])
        fair.spin("a", draws=2)

    assert len(fair.documents("lifetime")) == 8


def test_a_wheel_that_comes_back_has_what_was_left_of_its_limits(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(fair, monkeypatch)
    assert fair.documents("lifetime")
    offer_a(fair)
    found = fair.wheel("a")

    assert (found.limits[0].left, found.free_draws) == (1, 0)
    assert sum(prize.is_available for prize in found.prizes) == 1
    fair.spin("a")
    with fair.bench.refused("DRAW_LIMIT", left="0"):
        fair.spin("a")
    offer_a(fair, draws=4)
    with fair.bench.refused("SOLD_OUT"):
        fair.spin("a")


def test_a_void_gives_back_what_was_put_away(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(fair, monkeypatch)
    fair.void(pb.Spin(spin_id="1"))
    offer(fair, "b", ["x", "y", "z", "last"])
    fair.spin("b")
    offer_a(fair)
    found = fair.wheel("a")

    assert (found.limits[0].left, found.free_draws) == (3, 1)
    assert all(prize.is_available for prize in found.prizes)


def test_who_is_merged_takes_along_what_was_put_away(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(fair, monkeypatch)
    fair.player("bob")
    offer_a(fair, draws=9)
    fair.spin("a", member_id="bob")
    offer(fair, "c", ["x", "y", "z"])
    fair.spin("c", member_id="bob", draws=3)

    fair.bench.merge("alice", "bob")

    offer_a(fair, draws=9)
    assert fair.wheel("a", member_id="bob").limits[0].left == 9 - 3
    offer(fair, "b", ["x", "y", "z"])
    with fair.bench.refused("SOLD_OUT"):
        fair.spin("b", member_id="bob")
