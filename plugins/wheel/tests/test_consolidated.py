"""Long-run probabilities with pity: by Markov chain, by hand, and by simulation."""

from __future__ import annotations

from fractions import Fraction

import pytest
from plugins.wheel.tests.pools import FRESH, GACHA, banner, table
from plugins.wheel.tests.test_draws import DRAWS, NOW, SEED, paid

from points_wheel.consolidated import consolidated
from points_wheel.drawing import Chance, draw_many
from points_wheel.jointly import joint_rates
from points_wheel.odds import PityState
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup
from points_wheel.showing import pity_message


def test_hard_pity_of_two_by_hand() -> None:
    of = Pool.model_validate(
        {"prizes": [{"id": "hit", "weight": 1, "pity": ["g"]}], "total": 4}
    )
    # A hit takes 1 draw with 1/4, and otherwise 2: 7/4 on average.
    assert consolidated(of, "g", PityGroup(hard=2)).hit == Fraction(4, 7)


@pytest.mark.parametrize(("total", "hard"), [(100_000, 1_000), (2**53, 1_000)])
def test_a_fraction_of_too_many_digits_is_told_as_a_percentage_alone(
    total: int, hard: int
) -> None:
    prizes = [{"id": "hit", "weight": 1, "pity": ["g"]}]
    of = Pool.model_validate({"prizes": prizes, "total": total})
    group = PityGroup(hard=hard)
    found = pity_message(table(of, {"g": group}), "g", group, PityState())
    assert found.consolidated_numerator == found.consolidated_denominator == ""
    assert found.consolidated_percent == ("0.1005" if total == 100_000 else "0.1000")


def test_a_fraction_is_told_exactly_up_to_its_bound() -> None:
    prizes = [{"id": "hit", "weight": 1, "pity": ["g"]}]
    of = Pool.model_validate({"prizes": prizes, "total": 10_000})
    group = PityGroup(hard=1_000)
    found = pity_message(table(of, {"g": group}), "g", group, PityState())
    going = [Fraction(9_999**count, 10_000**count) for count in range(1_000)]
    hit = 1 / sum(going, Fraction(0))
    assert found.consolidated_numerator == str(hit.numerator)
    assert found.consolidated_denominator == str(hit.denominator)


def test_without_pity_it_is_the_declared_probability() -> None:
    found = consolidated(banner(), "gold", PityGroup(featured=True))
    assert found.hit == Fraction(60, 10_000)
    assert found.featured == Fraction(40, 10_000)  # 60 / (2 - 1/2)


def test_the_published_rate_of_a_well_known_game_is_met() -> None:
    # 1.6 % is published for 0.6 % up to draw 73, then 6 % more for each draw.
    found = consolidated(banner(), "gold", GACHA).hit
    assert round(float(found) * 100, 1) == 1.6


def test_the_chain_of_one_group_is_its_exact_probability() -> None:
    rates = joint_rates(banner(), (("gold", GACHA),))
    assert rates is not None
    hit = consolidated(banner(), "gold", GACHA).hit
    assert abs(rates["star"] + rates["other"] - hit * 1_000_000) < 2


def test_simulation_meets_the_chain() -> None:
    of = table(banner(), {"gold": GACHA})
    draws, _ = draw_many(of, FRESH, Chance(SEED, "sim", 0), paid(DRAWS), NOW)
    hits = sum(draw.prize_id != "common" for draw in draws)
    expected = float(consolidated(banner(), "gold", GACHA).hit) * DRAWS
    print(f"hits of {DRAWS} draws: {hits}, by the chain {expected:.1f}")  # noqa: T201
    # Hits are nearly regular: their variance is below that of independent draws.
    assert abs(hits - expected) < 3 * expected**0.5


def test_groups_move_each_other_and_simulation_agrees() -> None:
    of = Pool.model_validate(
        {
            "prizes": [
                {"id": "gold", "weight": 6, "pity": ["five", "four"]},
                {"id": "silver", "weight": 51, "pity": ["four"]},
                {"id": "rest", "weight": 943},
            ]
        }
    )
    groups = {"five": PityGroup(hard=20), "four": PityGroup(hard=5)}
    rates = joint_rates(of, tuple(groups.items()))
    assert rates is not None
    assert sum(rates.values()) == 1_000_000
    draws, _ = draw_many(
        table(of, groups), FRESH, Chance(SEED, "x", 0), paid(DRAWS), NOW
    )
    for name, rate in rates.items():
        expected = rate * DRAWS / 1_000_000
        found = sum(draw.prize_id == name for draw in draws)
        print(f"{name}: {found} of {DRAWS} draws, by the chain {expected:.1f}")  # noqa: T201
        assert abs(found - expected) < 4 * expected**0.5


def test_a_class_that_nearly_never_comes_is_worked_out_exactly_too() -> None:
    of = Pool.model_validate(
        {"prizes": [{"id": "hit", "weight": 1, "pity": ["g"]}], "total": 100_000}
    )
    rates = joint_rates(of, (("g", PityGroup(hard=500)),))
    hit = consolidated(of, "g", PityGroup(hard=500)).hit
    assert rates is not None
    assert abs(rates["hit"] - hit * 1_000_000) < 1
