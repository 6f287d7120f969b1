"""Limits of a group of devices: whoever draws from it, they count together."""

from __future__ import annotations

import pytest
from plugins.wheel.tests.fair import Fair

from points.testing.proofs import race
from points_wheel.documents import SPIN
from points_wheel.v1 import wheel_service_pb2 as pb


def test_members_of_one_group_count_together(fair: Fair) -> None:
    fair.player("bob")
    fair.spin("cafe", draws=2, device_group="10.0.0.7")
    limit = fair.wheel("cafe", "bob", device_group="10.0.0.7").limits[0]
    assert (limit.left, limit.is_of_group, limit.is_shared) == (1, True, False)

    with fair.bench.refused("DRAW_LIMIT", scope="the device group", left="1"):
        fair.spin("cafe", "bob", draws=2, device_group="10.0.0.7")
    fair.spin("cafe", "bob", device_group="10.0.0.7")
    fair.spin("cafe", "bob", draws=3, device_group="10.0.0.8")
    fair.bench.advance(days=1)
    fair.spin("cafe", draws=3, device_group="10.0.0.7")


@pytest.mark.parametrize("group", ["", "x" * 257])
def test_a_group_is_told_where_it_counts(fair: Fair, group: str) -> None:
    before = fair.wheel("cafe")
    with fair.bench.refused("DEVICE_GROUP_INVALID"):
        fair.spin("cafe", device_group=group)
    assert fair.wheel("cafe") == before


def test_a_group_is_ignored_where_it_does_not_count(fair: Fair) -> None:
    fair.spin("items", device_group="10.0.0.7")
    assert fair.wheel("cafe", device_group="10.0.0.7").limits[0].left == 3
    assert not fair.documents("group")


def test_a_spin_that_is_taken_back_does_not_count_for_its_group(fair: Fair) -> None:
    fair.void(fair.spin("cafe", draws=3, device_group="here"))
    assert fair.wheel("cafe", device_group="here").limits[0].left == 3


def test_a_group_never_draws_more_than_its_limit_however_many_at_once(
    fair: Fair,
) -> None:
    players = [fair.player(f"p{number}", points=0) for number in range(8)]
    answers = race(
        fair.bench,
        len(players),
        lambda n: pb.SpinRequest(
            member_id=players[n], wheel_id="cafe", device_group="here"
        ),
    )
    assert [getattr(each, "name", "") for each in answers].count("") == 3


def test_no_address_is_stored_and_what_counts_no_more_is_forgotten(fair: Fair) -> None:
    fair.spin("cafe", device_group="10.0.0.7")
    stored = fair.documents("group")
    assert len(stored) == 1
    assert "10.0.0.7" not in str((stored, fair.documents("spin")))
    fair.bench.advance(days=20)
    assert fair.documents("group") == stored
    fair.bench.advance(days=13)
    assert not fair.documents("group")


def test_a_spin_of_an_older_version_says_who_counted_it() -> None:
    older = {"draws": [{"nonce": 0, "counts": [[True, "a", 5, 1], [False, "b", 6, 2]]}]}
    newer = SPIN.upgrades[1](older)
    assert newer["draws"][0]["counts"] == [["POOL", "a", 5, 1], ["MEMBER", "b", 6, 2]]
