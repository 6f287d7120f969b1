"""Spins on a real engine: cost, draws, prizes and record in one transaction."""

from __future__ import annotations

from typing import Any, Final

import pytest
from plugins.wheel.tests.fair import KEY, SECTION, Fair

from points.domain.commands import SetLimits
from points.domain.values import Velocity
from points.testing.bench import new_id
from points.testing.proofs import assert_idempotent, race
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import LATEST


def ids(spin: pb.Spin) -> list[str]:
    """Returns the outcomes of a spin."""
    return [draw.prize_id for draw in spin.draws]


def test_a_spin_pays_its_cost_and_gives_what_it_drew(fair: Fair) -> None:
    spin = fair.spin(draws=20, payment=pb.PAYMENT_POINTS)
    won = 10 * ids(spin).count("ten")
    assert won
    assert fair.bench.available() == 1_000 - 20 * 20 + won
    assert spin.cost == pb.PointsOf(unit="points", points=400)
    assert len(spin.transaction_ids) == 2
    assert fair.wheel().spins == 2 * ids(spin).count("again")


def test_a_spin_happens_once_to_the_byte(fair: Fair) -> None:
    request = pb.SpinRequest(member_id="alice", wheel_id="daily", draws=5)
    assert_idempotent(fair.bench, request)


def test_what_costs_nothing_is_used_first(fair: Fair) -> None:
    first = fair.spin(draws=2)
    assert [draw.payment for draw in first.draws] == [
        pb.PAYMENT_FREE,
        pb.PAYMENT_POINTS,
    ]
    assert fair.wheel().free_draws == 0
    fair.bench.advance(days=1)
    assert fair.wheel().free_draws == 1


def test_a_thousand_million_spins_left_are_as_quick_as_one(fair: Fair) -> None:
    many = {"prizes": [{"id": "more", "weight": 1, "spins": 10**9}]}
    fair.bench.configure("wheel", {"wheels": {"many": many}, "seed_keys": [KEY]})
    fair.spin("many")
    assert fair.wheel("many").spins == 10**9
    used = fair.spin("many", draws=2)
    assert [draw.payment for draw in used.draws] == [pb.PAYMENT_SPIN] * 2


def test_a_spin_that_was_won_can_be_used(fair: Fair) -> None:
    fair.spin("again")
    assert fair.wheel("again").spins == 2
    used = fair.spin("again", draws=2, payment=pb.PAYMENT_SPIN)
    assert not used.HasField("cost")
    assert fair.bench.available() == 980
    assert fair.wheel("again").spins == 4
    assert fair.wheel("daily").spins == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"wheel_id": "none"}, "WHEEL_UNKNOWN"),
        ({"wheel_id": "over"}, "WHEEL_CLOSED"),
        ({"wheel_id": "vip"}, "TIER_TOO_LOW"),
        ({"odds_version": "old"}, "ODDS_CHANGED"),
        ({"draws": 21}, "DRAWS_INVALID"),
        ({"draws": -1}, "DRAWS_INVALID"),
        ({"payment": pb.PAYMENT_SPIN}, "SPINS_INSUFFICIENT"),
        ({"draws": 2, "payment": pb.PAYMENT_FREE}, "SPINS_INSUFFICIENT"),
        ({"payment": pb.PAYMENT_POINTS, "unit": "gems"}, "PAYMENT_UNKNOWN"),
        ({"member_id": "poor", "draws": 2}, "INSUFFICIENT_POINTS"),
        ({"member_id": "seedless"}, "SEED_REQUIRED"),
        ({"member_id": "nobody"}, "MEMBER_NOT_FOUND"),
    ],
)
def test_a_spin_is_refused_and_changes_nothing(
    fair: Fair, fields: dict[str, Any], reason: str
) -> None:
    fair.player("poor", points=15)
    fair.bench.member("seedless", points=100)
    before = fair.wheel()
    with fair.bench.refused(reason):
        fair.spin(**fields)
    assert fair.wheel() == before
    assert fair.bench.available("poor") == 15


def test_a_limit_leaves_no_more_than_it_says(fair: Fair) -> None:
    fair.spin(draws=20)
    assert fair.wheel().limits[0].left == 10
    with fair.bench.refused("DRAW_LIMIT"):
        fair.spin(draws=11)
    fair.bench.advance(days=1)
    assert fair.wheel().limits[0].left == 30


def test_the_last_prize_is_won_once_by_many_at_once(fair: Fair) -> None:
    players = [fair.player(f"p{number}", points=0) for number in range(16)]
    won = race(
        fair.bench,
        len(players),
        lambda n: pb.SpinRequest(member_id=players[n], wheel_id="last"),
    )
    drawn = [ids(answer.spin)[0] for answer in won]
    assert drawn.count("car") == 1
    assert set(drawn) == {"car", "pen"}
    after = fair.wheel("last")
    assert [odds.percent for odds in after.current_odds] == ["0.0000", "100.0000"]
    assert after.prizes[0].stock_left == 0


def test_an_empty_wheel_is_sold_out_and_costs_nothing(fair: Fair) -> None:
    assert ids(fair.spin("sure")) == ["only"]
    with fair.bench.refused("SOLD_OUT"):
        fair.spin("sure")
    assert not fair.wheel("sure").current_odds
    assert fair.wheel("sure").limits[0].left == 2


def test_pity_is_reached_over_several_spins_and_shown(fair: Fair) -> None:
    drawn: list[str] = []
    while "star" not in drawn:
        assert fair.wheel("banner").pity[0].count == len(drawn)
        drawn += ids(fair.spin("banner"))
    assert len(drawn) <= 5
    assert fair.wheel("banner").pity[0].count == 0


def test_the_odds_that_are_shown_are_those_of_the_next_draw(fair: Fair) -> None:
    fair.spin("banner", draws=4)
    shown = fair.wheel("banner").current_odds
    spin = fair.spin("banner")
    fair.rotate()
    proof = fair.verify(spin).proof.draws[0]
    assert [odds.weight for odds in shown] == list(proof.weights)


def test_a_spin_of_the_grid_shows_its_cell(fair: Fair) -> None:
    for draw in fair.spin("grid", draws=20).draws:
        assert draw.prize_id == f"p{draw.position}"
        assert draw.cell == (0, 1, 2, 5, 8, 7, 6, 3)[draw.position]


def test_spins_are_listed_the_latest_first_page_by_page(fair: Fair) -> None:
    made = [fair.spin("banner").spin_id for _ in range(5)]
    found: list[str] = []
    token = ""
    while True:
        page = fair.bench.call(
            pb.ListSpinsRequest(member_id="alice", page_size=2, page_token=token)
        )
        found += [spin.spin_id for spin in page.spins]
        token = page.next_page_token
        if not token:
            break
    assert found == made[::-1]
    with fair.bench.refused("PAGE_TOKEN_INVALID"):
        fair.bench.call(pb.ListSpinsRequest(member_id="alice", page_token=f"{5}"))


def test_a_page_of_less_than_nothing_is_refused(fair: Fair) -> None:
    for request in (
        pb.ListSpinsRequest(member_id="alice", page_size=-1),
        pb.ListWinnersRequest(wheel_id="last", page_size=-1),
    ):
        with fair.bench.refused("PAGE_SIZE_INVALID"):
            fair.bench.call(request)


def test_a_change_of_the_program_does_not_touch_what_was_drawn(fair: Fair) -> None:
    spin = fair.spin("items")
    wheels = {"items": {"prizes": [{"id": "other", "weight": 7}]}}
    fair.bench.configure("wheel", {"wheels": wheels, "seed_keys": ["11" * 32]})
    assert fair.wheel("items").odds_version != spin.odds_version
    fair.rotate()
    assert fair.verify(spin).is_proved


def test_all_that_a_program_may_say_is_told(fair: Fair) -> None:
    release = {"start_time": 0, "count": 10**12, "every_seconds": 1, "times": 998}
    last = {
        "id": "last",
        "weight": 1,
        "positions": [9_999],
        "stock": {"count": 10**12, "releases": [release]},
        "spins": 10**9,
    }
    wheel = {"prizes": [last], "end_time": LATEST, "free": {"draws": 10**12}}
    section = {"wheels": {"w": wheel}, "seed_keys": [KEY]}
    fair.bench.configure("wheel", section)
    assert fair.spin("w").draws[0].position == 9_999
    found = fair.wheel("w")
    assert found.prizes[0].stock_left == 999 * 10**12 - 1
    assert found.end_time.ToDatetime().year == 9_999


def bounded(fair: Fair, **limits: Any) -> None:
    """Sets limits for Alice."""
    fair.bench.execute(
        SetLimits(
            member_id="alice",
            request_id=new_id("limits"),
            unit="points",
            operator="olga",
            reason="test",
            **limits,
        )
    )


DAILY: Final = Velocity("EARN", "DAY", points_max=99)


@pytest.mark.parametrize("limits", [{"ceiling": 999}, {"velocities": (DAILY,)}])
def test_who_has_no_room_for_what_may_be_won_is_refused_whatever_would_be_drawn(
    fair: Fair, limits: dict[str, Any]
) -> None:
    prizes = [
        {"id": "all", "weight": 1, "points": {"points": 100}},
        {"id": "none", "weight": 9},
    ]
    wheel = {"prizes": prizes, "draws_max": 2}
    fair.bench.configure("wheel", {**SECTION, "wheels": {"w": wheel}})
    fair.bench.clock.advance(days=1)
    bounded(fair, **limits)
    for draws in (1, 2):
        with fair.bench.refused("NO_ROOM", points=str(100 * draws)):
            fair.spin("w", draws=draws)
    assert fair.bench.available() == 1_000

    bounded(fair, ceiling=1_200)
    spins = [fair.spin("w") for _ in range(2)]
    bounded(fair)
    spins.append(fair.spin("w", draws=2))

    nonces = [draw.nonce for spin in spins for draw in spin.draws]
    assert nonces == [0, 1, 2, 3]
