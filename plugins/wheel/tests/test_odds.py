"""Weights of the next draw: what is gone, soft and hard pity, guarantees."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from plugins.wheel.tests.pools import GACHA, banner, pool

from points_wheel.odds import (
    PityState,
    available_weights,
    current_weights,
    digits_max,
    pick,
    pity_after,
)
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup


FEATURED = PityGroup.model_validate({"featured": True})
GOLD = {"gold": GACHA}


def chance(of: Pool, groups: dict[str, PityGroup], state: PityState) -> Fraction:
    """Returns the probability of the class `gold` at a state."""
    found = current_weights(of, groups, frozenset(), {"gold": state}, is_counted=True)
    return Fraction(found["star"] + found["other"], sum(found.values()))


def test_what_is_missing_of_the_total_is_nothing() -> None:
    assert pool().base == {"jackpot": 1, "mug": 99, "small": 2_900, "nothing": 7_000}


def test_the_first_prefix_sum_beyond_the_roll_is_picked() -> None:
    weights = {"a": 1, "zero": 0, "b": 2}
    assert [pick(weights, roll) for roll in range(3)] == ["a", "b", "b"]


def test_a_sold_out_prize_makes_all_others_likelier() -> None:
    found = available_weights(pool(), frozenset({"mug"}))
    assert found == {"jackpot": 1, "mug": 0, "small": 2_900, "nothing": 7_000}


def test_a_sold_out_prize_gives_its_weight_to_the_fallback() -> None:
    falls = pool(sold_out="FALLBACK", fallback="small")
    found = available_weights(falls, frozenset({"mug", "jackpot"}))
    assert found == {"jackpot": 0, "mug": 0, "small": 3_000, "nothing": 7_000}


def test_soft_pity_raises_its_class_by_a_step_for_each_draw() -> None:
    assert chance(banner(), GOLD, PityState(72)) == Fraction(60, 10_000)
    assert chance(banner(), GOLD, PityState(73)) == Fraction(660, 10_000)
    assert chance(banner(), GOLD, PityState(74)) == Fraction(1_260, 10_000)


def test_a_second_group_is_raised_by_as_much_of_the_total_as_it_says() -> None:
    of = Pool.model_validate(
        {
            "prizes": [
                {"id": "x", "weight": 10, "pity": ["a"]},
                {"id": "y", "weight": 10, "pity": ["b"]},
            ],
            "total": 100,
        }
    )
    soft = PityGroup.model_validate({"soft": {"start": 0, "step": 5}})
    state = {"a": PityState(1), "b": PityState(2)}
    found = current_weights(
        of, {"a": soft, "b": soft}, frozenset(), state, is_counted=True
    )
    # x is raised to 20; of the other 80, y has 80/9; 15 more are 215/9 of 100.
    total = sum(found.values())
    y = Fraction(215, 900)
    assert Fraction(found["y"], total) == y
    assert Fraction(found["x"], total) == (1 - y) * Fraction(20, 100 - Fraction(80, 9))


def test_the_draw_of_hard_pity_is_certain_and_the_one_before_is_not() -> None:
    hard = {"gold": PityGroup(hard=10)}
    assert chance(banner(), hard, PityState(8)) == Fraction(60, 10_000)
    assert chance(banner(), hard, PityState(9)) == 1


def test_soft_pity_keeps_the_proportions_within_its_class_and_outside() -> None:
    found = current_weights(
        banner(), GOLD, frozenset(), {"gold": PityState(80)}, is_counted=True
    )
    assert found["star"] == found["other"]


def test_weights_that_no_group_touches_stay_as_declared() -> None:
    found = current_weights(banner(), GOLD, frozenset(), {}, is_counted=True)
    assert found == banner().base


def test_a_free_draw_that_does_not_count_knows_no_pity() -> None:
    late = {"gold": PityState(89)}
    found = current_weights(banner(), GOLD, frozenset(), late, is_counted=False)
    assert found == banner().base


def test_a_guarantee_gives_the_whole_class_to_what_is_featured() -> None:
    groups = {"gold": FEATURED}
    state = {"gold": PityState(0, is_guaranteed=True)}
    found = current_weights(banner(), groups, frozenset(), state, is_counted=True)
    assert Fraction(found["star"], sum(found.values())) == Fraction(60, 10_000)
    assert found["other"] == 0


def test_a_class_that_is_sold_out_cannot_be_forced_and_stays_due() -> None:
    gone = frozenset({"star", "other"})
    state = {"gold": PityState(89)}
    found = current_weights(banner(), GOLD, gone, state, is_counted=True)
    assert found == {"star": 0, "other": 0, "common": 9_940}
    after = pity_after(banner(), GOLD, state, "common", is_counted=True)
    assert after["gold"].misses == 90


def test_any_hit_resets_the_count_and_a_lost_one_guarantees_the_next() -> None:
    groups = {"gold": FEATURED}
    lost = pity_after(
        banner(), groups, {"gold": PityState(7)}, "other", is_counted=True
    )
    assert lost["gold"] == PityState(0, is_guaranteed=True)
    won = pity_after(banner(), groups, lost, "star", is_counted=False)
    assert won["gold"] == PityState(0, is_guaranteed=False)


def test_a_draw_that_does_not_count_leaves_the_count() -> None:
    state = {"gold": PityState(7)}
    after = pity_after(banner(), GOLD, state, "common", is_counted=False)
    assert after["gold"] == PityState(7)


def test_a_wider_class_is_forced_together_with_a_narrower_one() -> None:
    of = Pool.model_validate(
        {
            "prizes": [
                {"id": "gold", "weight": 6, "pity": ["five", "four"]},
                {"id": "silver", "weight": 51, "pity": ["four"]},
                {"id": "rest", "weight": 943},
            ]
        }
    )
    groups = {"five": PityGroup(hard=90), "four": PityGroup(hard=10)}
    both = {"five": PityState(89), "four": PityState(9)}
    found = current_weights(of, groups, frozenset(), both, is_counted=True)
    assert found == {"gold": 6, "silver": 0, "rest": 0}
    one = current_weights(
        of, groups, frozenset(), {"four": both["four"]}, is_counted=True
    )
    assert one == {"gold": 6, "silver": 51, "rest": 0}


@given(
    misses=st.integers(0, 120),
    is_guaranteed=st.booleans(),
    gone=st.frozensets(st.sampled_from(["star", "other", "common"]), max_size=2),
)
def test_weights_are_never_negative_and_never_of_what_is_gone(
    misses: int, *, is_guaranteed: bool, gone: frozenset[str]
) -> None:
    group = GACHA.model_copy(update={"featured": True})
    state = {"gold": PityState(misses, is_guaranteed)}
    found = current_weights(banner(), {"gold": group}, gone, state, is_counted=True)
    assert min(found.values()) >= 0
    assert sum(found.values()) > 0
    assert not any(found[name] for name in gone)


@given(st.data())
def test_no_weight_is_longer_than_it_may_be(data: st.DataObject) -> None:
    names = ["a", "b", "c"]
    some = st.lists(st.sampled_from(names), unique=True)
    prizes = [
        {
            "id": f"p{number}",
            "weight": data.draw(st.integers(1, 997)),
            "pity": data.draw(some),
            "is_featured": True,
        }
        for number in range(data.draw(st.integers(1, 5)))
    ]
    prizes += [{"id": f"o-{name}", "weight": 1, "pity": [name]} for name in names]
    of = Pool.model_validate({"prizes": prizes, "total": 9_973})
    soft = {"start": 0, "step": data.draw(st.integers(1, 50))}
    is_featured = data.draw(st.booleans())
    group = PityGroup.model_validate({"soft": soft, "featured": is_featured})
    groups = {name: group for name in of.groups if of.classes[name].featured}
    groups = groups or {"a": PityGroup(hard=5)}
    state = {
        name: PityState(data.draw(st.integers(0, 90)), is_guaranteed=True)
        for name in groups
    }
    found = current_weights(of, groups, frozenset(), state, is_counted=True)
    assert len(str(sum(found.values()))) <= digits_max(of, groups)
