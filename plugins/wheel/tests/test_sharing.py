"""What all members count together, while prizes come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugins.wheel.tests.fair import KEY, Fair

from points_wheel.v1 import wheel_service_pb2 as pb


def stocking(fair: Fair, ids: Sequence[str], **stock: Any) -> None:
    """Has one wheel with these prizes alone, each with its stock."""
    prizes = [{"id": i, "weight": 1, "stock": {"count": 1, **stock}} for i in ids]
    wheel = {"prizes": prizes, "draws_max": len(ids)}
    section = {"seed_keys": [KEY], "wheels": {"w": wheel}}
    fair.bench.configure("wheel", section)


def left(fair: Fair) -> list[int]:
    """Returns the pieces that are left of each prize."""
    return [prize.stock_left for prize in fair.wheel("w").prizes]


def test_prizes_that_come_and_go_for_ever_leave_no_document_that_grows(
    fair: Fair,
) -> None:
    sizes = []
    for number in range(16):
        stocking(fair, [f"p{number:03d}-{'x' * 50}-{n}" for n in range(64)])
        fair.spin("w", draws=64)
        sizes.append(len(fair.documents("shared")[0]))
    assert max(sizes) < 2 * sizes[0] + 100


def test_windows_that_are_over_are_forgotten_with_their_prizes(fair: Fair) -> None:
    stocking(fair, ["old"], per="DAY")
    fair.spin("w")
    fair.bench.advance(days=33)
    stocking(fair, ["new"], per="DAY")
    fair.spin("w")
    (shared,) = fair.documents("shared")
    assert "stock:new" in shared
    assert "stock:old" not in shared
    assert not fair.documents("away")


def test_a_prize_that_is_put_back_has_what_was_left_of_its_stock(fair: Fair) -> None:
    stocking(fair, ["old", "other"])
    fair.spin("w", draws=2)
    for _ in range(2):
        stocking(fair, ["new"], count=5)
        fair.spin("w")
        stocking(fair, ["old", "fresh"])
        assert left(fair) == [0, 1]
    assert fair.spin("w").draws[0].prize_id == "fresh"
    assert left(fair) == [0, 0]


def test_a_void_returns_the_stock_of_a_prize_that_is_gone(fair: Fair) -> None:
    stocking(fair, ["old", "other"])
    spin = fair.spin("w", draws=2)
    stocking(fair, ["new"])
    fair.spin("w")
    fair.void(spin)
    assert left(fair) == [0]
    stocking(fair, ["old", "new"])
    assert left(fair) == [1, 0]


def test_a_void_returns_the_stock_of_a_wheel_that_is_gone(fair: Fair) -> None:
    stocking(fair, ["old"])
    spin: pb.Spin = fair.spin("w")
    fair.bench.configure("wheel", {"seed_keys": [KEY]})
    fair.void(spin)
    stocking(fair, ["old"])
    assert left(fair) == [1]
    fair.spin("w")
    assert left(fair) == [0]
