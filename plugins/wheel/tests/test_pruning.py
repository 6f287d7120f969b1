"""Retention: spins are removed in time, never too early, and stay provable."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import SECTION, Fair
from pydantic import ValidationError

from points.testing.proofs import CrashPoint, crash_at
from points_wheel import pruning
from points_wheel.config import WheelConfig
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.verifying import problems_of


def keeping(fair: Fair, days: int = 90) -> None:
    """Has spins kept for so many days."""
    fair.bench.configure("wheel", {**SECTION, "keep_days": days})


def kept(fair: Fair) -> list[int]:
    """Returns the numbers of the spins that are listed, the first one first."""
    request = pb.ListSpinsRequest(member_id="alice", page_size=500)
    return sorted(int(spin.spin_id) for spin in fair.bench.call(request).spins)


def test_without_a_retention_draws_are_kept_for_good(fair: Fair) -> None:
    fair.spin("grid")
    fair.rotate()
    fair.bench.advance(days=4_000)
    assert kept(fair) == [1]
    assert fair.wheel().keep_days == 0


def test_a_spin_is_removed_as_long_after_its_seed_was_revealed(fair: Fair) -> None:
    keeping(fair)
    assert fair.wheel().keep_days == 90
    fair.spin("grid")
    fair.bench.advance(days=60)
    fair.spin("grid")
    fair.rotate()
    fair.spin("grid")
    fair.bench.advance(days=90, microseconds=-1)
    assert kept(fair) == [1, 2, 3]
    fair.bench.advance(microseconds=1)
    assert kept(fair) == [3]
    with fair.bench.refused("SPIN_UNKNOWN"):
        fair.verify(pb.Spin(spin_id="1"))


def test_a_spin_is_kept_while_its_seed_is_in_use(fair: Fair) -> None:
    keeping(fair)
    spin = fair.spin("grid")
    fair.bench.advance(days=89)
    fair.rotate()
    assert fair.verify(spin).is_proved
    fair.bench.advance(days=90, microseconds=-1)
    assert fair.verify(spin).is_proved
    fair.bench.advance(microseconds=1)
    assert not kept(fair)


def test_a_seed_that_nobody_ends_is_ended_by_the_server(fair: Fair) -> None:
    keeping(fair)
    first = fair.spin("daily", draws=3)
    before = fair.wheel().seed
    fair.bench.advance(days=90)
    seed = fair.wheel().seed

    assert (seed.number, seed.nonce) == (before.number + 1, 0)
    assert seed.client_seed == before.client_seed
    assert seed.commitment != before.commitment
    assert fair.verify(first).is_proved
    assert fair.spin("grid").commitment == seed.commitment


def test_no_seed_is_committed_to_for_a_member_who_was_merged_away(fair: Fair) -> None:
    keeping(fair)
    fair.spin("grid")
    fair.player("bob")

    fair.bench.merge("alice", "bob")
    fair.bench.advance(days=90, microseconds=-1)
    assert kept(fair) == [1]
    fair.bench.advance(days=90)

    assert not fair.wheel().HasField("seed")
    assert not kept(fair)


def test_a_seed_that_a_merge_left_sealed_is_revealed_once_its_key_is_back(
    fair: Fair,
) -> None:
    keeping(fair)
    spin = fair.spin("grid")
    fair.player("bob")
    others = {**SECTION, "keep_days": 90, "seed_keys": ["77" * 32]}
    fair.bench.configure("wheel", others)
    fair.bench.merge("alice", "bob")
    keeping(fair)

    assert fair.wheel().HasField("seed")
    fair.bench.advance(days=90)

    assert fair.verify(spin).is_proved
    assert not fair.wheel().HasField("seed")


def test_draws_of_a_member_who_never_rotates_do_not_pile_up(fair: Fair) -> None:
    keeping(fair)
    for _ in range(40):
        fair.spin("grid")
        fair.bench.advance(days=30)
    assert len(kept(fair)) <= 9
    assert len(fair.documents("spin")) == len(kept(fair))


def test_a_seed_with_a_card_to_scratch_is_not_ended(fair: Fair) -> None:
    keeping(fair)
    card = fair.spin("cards")
    seed = fair.wheel().seed
    lapse_time = card.draws[0].deadline_time.ToMicroseconds()
    fair.bench.advance(microseconds=lapse_time - fair.bench.clock() - 1)
    assert fair.wheel().seed.number == seed.number
    fair.bench.advance(days=90)
    assert fair.wheel().seed.number > seed.number


def test_a_seed_whose_key_is_missing_stays_with_its_draws(fair: Fair) -> None:
    keeping(fair)
    fair.spin("grid")
    wheels = {**SECTION, "keep_days": 90, "seed_keys": ["77" * 32]}
    fair.bench.configure("wheel", wheels)
    fair.bench.advance(days=200)
    assert kept(fair) == [1]
    keeping(fair)
    for _ in range(3):
        fair.bench.advance(days=100)
    assert not kept(fair)


def test_a_spin_is_kept_while_its_prize_can_be_claimed(fair: Fair) -> None:
    keeping(fair)
    spin = fair.spin("items")  # to be claimed within 7 days
    fair.rotate()
    fair.bench.advance(days=96)
    assert kept(fair) == [int(spin.spin_id)]
    fair.bench.advance(days=1)
    assert not kept(fair)


def test_a_proof_that_was_saved_is_checked_against_the_seed_for_ever(
    fair: Fair,
) -> None:
    keeping(fair)
    spin = fair.spin("daily", draws=5)
    fair.rotate()
    proof = fair.verify(spin).proof
    fair.bench.advance(days=200)
    assert not kept(fair)
    seed = fair.bench.call(pb.RevealSeedRequest(member_id="alice", number=1)).seed
    assert seed == proof.seed
    assert not problems_of(proof)


def test_many_spins_are_removed_in_steps_and_a_kill_loses_none(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "STEP", 2)
    keeping(fair)
    for _ in range(5):
        fair.spin("grid")
    fair.rotate()
    later = fair.spin("grid")
    fair.bench.clock.advance(days=90)
    for point in CrashPoint:
        with crash_at(fair.bench, point):
            fair.bench.run_due()
    fair.bench.run_due()
    assert kept(fair) == [int(later.spin_id)]
    assert len(fair.documents("spin")) == 1


def test_a_retention_that_ends_removes_no_more(fair: Fair) -> None:
    keeping(fair)
    fair.spin("grid")
    fair.rotate()
    fair.bench.configure("wheel", SECTION)
    fair.bench.advance(days=100)
    assert kept(fair) == [1]
    keeping(fair)
    fair.spin("grid")
    fair.bench.advance(days=90)
    assert kept(fair) == [2]


@pytest.mark.parametrize("days", [0, 89, 36_501])
def test_a_retention_is_as_long_as_the_law_says(days: Any) -> None:
    with pytest.raises(ValidationError):
        WheelConfig(keep_days=days)
