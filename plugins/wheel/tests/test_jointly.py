"""Long-run odds of groups that compete, against all that draws can come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points_wheel import jointly
from points_wheel.jointly import joint_rates
from points_wheel.odds import PityState, current_weights, pity_after
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup
from tests.moderation import TIMES


BURNT: Final = 200
"""Draws after which small chains have settled."""

WINDOW: Final = 420
"""Draws that are looked at then: whole rounds of whatever takes up to seven turns."""

_MANY: Final = 1 << 128


def wheel(groups: Mapping[str, Any], *, total: int = 10) -> tuple[Pool, Any]:
    """Returns a wheel with a prize of weight 1 for each group, and the groups."""
    prizes = [{"id": f"of-{name}", "weight": 1, "pity": [name]} for name in groups]
    pool = Pool.model_validate({"prizes": prizes, "total": total})
    named = {name: PityGroup.model_validate(rule) for name, rule in groups.items()}
    return pool, tuple(named.items())


@pytest.mark.parametrize(
    ("groups", "rates"),
    [
        ({"a": {"hard": 1}, "b": {"hard": 2}}, {"of-a": 1_000_000}),
        (
            {"a": {"hard": 2}, "c": {"hard": 2}, "b": {"hard": 3}},
            {"of-a": 500_000, "of-c": 500_000},
        ),
        (
            {"a": {"hard": 2}, "c": {"hard": 2}, "b": {"hard": 90}},
            {"of-a": 500_000, "of-c": 500_000},
        ),
        (
            {"a": {"soft": {"start": 0, "step": 10}}, "b": {"hard": 10}},
            {"of-a": 1_000_000},
        ),
    ],
)
def test_a_group_that_others_never_let_be_hit_ends_in_an_answer(
    groups: Mapping[str, Any], rates: Mapping[str, int]
) -> None:
    found = joint_rates(*wheel(groups))
    assert found is not None
    assert {name: rate for name, rate in found.items() if rate} == rates


def test_a_guarantee_alone_is_worked_out_too() -> None:
    prizes = [
        {"id": "star", "weight": 1, "pity": ["g"], "is_featured": True},
        {"id": "other", "weight": 1, "pity": ["g"]},
    ]
    pool = Pool.model_validate({"prizes": prizes, "total": 4})
    found = joint_rates(pool, (("g", PityGroup(featured=True)),))
    # Of hits, every lost one is followed by one that is not: 2 of 3 are featured.
    assert found == {"star": 333_333, "other": 166_667, "nothing": 500_000}


def test_a_chain_of_too_many_states_is_not_worked_out() -> None:
    assert joint_rates(*wheel({name: {"hard": 90} for name in "ab"})) is None


@pytest.mark.parametrize("bound", ["STEPS_MAX", "MOVES_MAX"])
def test_a_chain_of_too_many_steps_is_not_worked_out(
    monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    groups = {name: {"hard": 9} for name in "abc"}
    assert joint_rates(*wheel(groups, total=12)) is not None
    monkeypatch.setattr(jointly, bound, 50)
    assert joint_rates(*wheel(groups, total=11)) is None


@st.composite
def competing(draw: st.DrawFn) -> tuple[Pool, tuple[tuple[str, PityGroup], ...]]:
    """Returns a small wheel, and up to three groups whose classes may overlap."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    prizes = [
        {
            "id": f"p{number}",
            "weight": draw(st.integers(1, 3)),
            "pity": draw(st.lists(st.sampled_from(names), unique=True)),
            "is_featured": True,
        }
        for number in range(draw(st.integers(1, 3)))
    ]
    prizes += [
        {"id": f"o-{name}", "weight": 1, "pity": [name]} for name in reversed(names)
    ]
    pool = Pool.model_validate({"prizes": prizes, "total": 14})
    return pool, tuple((name, draw(_rules(name, pool))) for name in names)


def _rules(name: str, pool: Pool) -> st.SearchStrategy[PityGroup]:
    hard = st.none() | st.integers(1, 4)
    soft: st.SearchStrategy[Any] = st.none() | st.builds(
        dict, start=st.integers(0, 2), step=st.integers(3, 15)
    )
    is_featured = st.booleans() if pool.classes[name].featured else st.just(value=False)
    documents = st.fixed_dictionaries(
        {"hard": hard, "soft": soft, "featured": is_featured}
    )
    return documents.filter(lambda each: any(each.values())).map(
        PityGroup.model_validate
    )


@settings(max_examples=20 * TIMES)
@given(competing())
def test_rates_are_those_of_all_that_draws_can_come_to(
    made: tuple[Pool, tuple[tuple[str, PityGroup], ...]],
) -> None:
    rates = joint_rates(*made)
    assert rates is not None
    expected = _expected(made[0], dict(made[1]))
    for name, rate in rates.items():
        assert abs(rate - expected[name]) < 200, (name, rates, expected)


def _expected(pool: Pool, groups: Mapping[str, PityGroup]) -> Mapping[str, int]:
    """Returns rates in millionths, by following every way that draws can take."""

    @cache
    def moves(state: tuple[PityState, ...]) -> list[tuple[str, Any, int, int]]:
        pity = dict(zip(groups, state, strict=True))
        odds = current_weights(pool, groups, frozenset(), pity, is_counted=True)
        total = sum(odds.values())
        found = []
        for name, weight in odds.items():
            after = pity_after(pool, groups, pity, name, is_counted=True)
            # No rule of these looks farther than 20 draws back.
            to = tuple(
                after[each]._replace(misses=min(after[each].misses, 20))
                for each in groups
            )
            found += [(name, to, weight, total)] if weight else []
        return found

    masses = {tuple(PityState() for _ in groups): _MANY}
    drawn: Counter[str] = Counter()
    for number in range(BURNT + WINDOW):
        later: Counter[Any] = Counter()
        for state, mass in masses.items():
            for name, to, weight, total in moves(state):
                later[to] += mass * weight // total
                drawn[name] += mass * weight // total if number >= BURNT else 0
        masses = dict(later)
    return {name: drawn[name] * 1_000_000 // (_MANY * WINDOW) for name in pool.base}
