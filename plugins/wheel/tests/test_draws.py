"""Draws: against the odds they disclose, a second implementation, and their state."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.wheel.tests import reference
from plugins.wheel.tests.pools import FRESH, GACHA, banner, pool, table

from points_wheel.display import RING
from points_wheel.drawing import (
    Chance,
    Draw,
    NothingLeft,
    Table,
    draw_many,
    draw_one,
    inputs_digest,
    outcome_of,
)
from points_wheel.fair import Stream
from points_wheel.odds import PityState
from points_wheel.pools import Pool
from points_wheel.tallies import Moment, Payment


NOW: Final = Moment(1_700_000_000_000_000, "Europe/Berlin")
SEED: Final = bytes(range(32))
DRAWS: Final = int(os.environ.get("WHEEL_DRAWS", "10000"))
"""Draws of the statistical tests; `poe wheel-truths` makes it a million."""

PAID: Final = Payment.POINTS


def paid(count: int) -> list[Payment]:
    """Returns so many paid draws."""
    return [PAID] * count


def chi_square(found: Mapping[str, int], weights: Mapping[str, int]) -> float:
    """Returns the statistic of counts against the probabilities of weights."""
    draws, total = sum(found.values()), sum(weights.values())
    return sum(
        (found.get(name, 0) - draws * weight / total) ** 2 / (draws * weight / total)
        for name, weight in weights.items()
    )


@given(
    st.dictionaries(st.text(), st.integers(min_value=0)),
    st.dictionaries(st.text(), st.builds(PityState, st.integers(), st.booleans())),
    st.dictionaries(st.text(), st.integers(min_value=0)),
    st.text(),
)
def test_the_digest_of_what_a_draw_followed_from_is_that_of_plain_json(
    weights: dict[str, int],
    pity: dict[str, PityState],
    stock: dict[str, int],
    version: str,
) -> None:
    told = {
        "odds_version": version,
        "pity": {name: list(state) for name, state in pity.items()},
        "stock": stock,
        "weights": list(weights.items()),
    }
    written = json.dumps(told, sort_keys=True, separators=(",", ":"))

    found = inputs_digest(version, weights, pity, stock)

    assert found == sha256(written.encode()).hexdigest()


def test_draws_follow_the_disclosed_odds() -> None:
    weights = {"a": 5, "b": 95, "c": 900, "d": 3_000, "nothing": 6_000}
    of = Pool.model_validate(
        {
            "prizes": [
                {"id": n, "weight": w} for n, w in weights.items() if n in "abcd"
            ],
            "total": 10_000,
        }
    )
    found = Counter(
        outcome_of(of, of.base, Stream(SEED, "alice", nonce))[1]
        for nonce in range(DRAWS)
    )
    statistic = chi_square(found, weights)
    for name, weight in weights.items():
        expected = DRAWS * weight / 10_000
        print(f"{name:<8} disclosed {expected:>11,.1f}  drawn {found[name]:>9,}")  # noqa: T201
    print(f"chi-square of {DRAWS} draws, 4 degrees of freedom: {statistic:.3f}")  # noqa: T201
    assert 0.0639 < statistic < 18.467  # p from 0.9995 to 0.001


def test_draws_are_those_of_the_reference() -> None:
    of = pool()
    names, weights = list(of.base), list(of.base.values())
    for nonce in range(DRAWS // 2):
        roll, prize_id, _ = outcome_of(of, of.base, Stream(SEED, "bob", nonce))
        expected = reference.uniform(SEED, "bob", nonce, 10_000)
        assert (roll, prize_id) == (expected, names[reference.chosen(weights, roll)])
    print(f"{DRAWS // 2} draws are those of the reference")  # noqa: T201 - a truth


def test_n_draws_are_n_single_draws_one_behind_the_other() -> None:
    of = table(banner(), {"gold": GACHA})
    chance = Chance(SEED, "alice", 5)
    together, after = draw_many(of, FRESH, chance, paid(200), NOW)
    standing = FRESH
    alone: list[Draw] = []
    for number in range(200):
        one, standing = draw_many(
            of, standing, chance._replace(nonce=5 + number), paid(1), NOW
        )
        alone += one
    assert list(together) == alone
    assert after == standing


def test_pity_is_never_longer_than_its_hard_bound() -> None:
    of = table(banner(), {"gold": GACHA})
    draws, _ = draw_many(of, FRESH, Chance(SEED, "alice", 0), paid(2_000), NOW)
    hits = [n for n, draw in enumerate(draws) if draw.prize_id != "common"]
    gaps = [b - a for a, b in zip([-1, *hits], hits, strict=False)]
    assert hits
    assert max(gaps) <= 90


def test_the_last_piece_is_won_once_and_the_odds_change_behind_it() -> None:
    of = pool(
        prizes=[
            {"id": "last", "weight": 9_999, "stock": {"count": 1}},
            {"id": "rest", "weight": 1},
        ]
    )
    draws, _ = draw_many(table(of), FRESH, Chance(SEED, "a", 0), paid(20), NOW)
    assert [draw.prize_id for draw in draws].count("last") == 1
    won = next(n for n, draw in enumerate(draws) if draw.prize_id == "last")
    assert all(draw.weights == {"last": 0, "rest": 1} for draw in draws[won + 1 :])


def test_an_empty_wheel_draws_nothing() -> None:
    of = pool(prizes=[{"id": "last", "weight": 1, "stock": {"count": 1}}], total=None)
    with pytest.raises(NothingLeft):
        draw_many(table(of), FRESH, Chance(SEED, "a", 0), paid(2), NOW)


def test_a_budget_never_pays_more_than_it_has() -> None:
    of = pool(
        prizes=[
            {"id": "big", "weight": 1, "points": {"points": 400}},
            {"id": "small", "weight": 1, "points": {"points": 150}},
        ],
        total=3,
        budget={"points": 1_000},
    )
    draws, after = draw_many(table(of), FRESH, Chance(SEED, "a", 0), paid(60), NOW)
    worth = {"big": 400, "small": 150}
    spent = sum(worth.get(draw.prize_id, 0) for draw in draws)
    assert 850 < spent <= 1_000
    assert after.shared["budget"].used == spent


def test_a_member_wins_a_prize_no_more_often_than_its_limit() -> None:
    of = pool(
        prizes=[
            {"id": "dear", "weight": 1, "limit": {"draws": 2, "per": "DAY"}},
            {"id": "cheap", "weight": 1},
        ],
        total=None,
    )
    draws, after = draw_many(table(of), FRESH, Chance(SEED, "a", 0), paid(30), NOW)
    assert [draw.prize_id for draw in draws].count("dear") == 2
    tomorrow = NOW._replace(now=NOW.now + 86_400_000_000)
    later, _ = draw_many(table(of), after, Chance(SEED, "a", 30), paid(30), tomorrow)
    assert [draw.prize_id for draw in later].count("dear") == 2


def test_a_grid_shows_a_cell_of_its_ring() -> None:
    of = Pool.model_validate(
        {
            "presentation": "NINE_GRID",
            "prizes": [{"id": f"p{n}", "weight": 1} for n in range(8)],
        }
    )
    for nonce in range(40):
        draw = draw_one(table(of), FRESH, Chance(SEED, "a", nonce), PAID, NOW)
        assert draw.prize_id == f"p{draw.shown.position}"
        assert draw.shown.cell == RING[draw.shown.position]


def test_one_of_several_places_takes_the_next_word() -> None:
    of = pool(
        prizes=[
            {"id": "a", "weight": 1, "positions": [0, 2]},
            {"id": "b", "weight": 1, "positions": [1, 3]},
        ],
        total=None,
    )
    shown = Counter(
        draw_one(table(of), FRESH, Chance(SEED, "a", n), PAID, NOW).shown.position
        for n in range(200)
    )
    assert set(shown) == {0, 1, 2, 3}
    roll, place = reference.words(SEED, "a", 9, 2)
    draw = draw_one(table(of), FRESH, Chance(SEED, "a", 9), PAID, NOW)
    assert draw.shown.position == [[0, 2], [1, 3]][roll % 2][place % 2]


REELS: Final = {
    "presentation": "SLOT",
    "reels": [{"seven": 1, "bar": 4, "cherry": 5}] * 3,
    "prizes": [
        {"id": "sevens", "lines": [["seven"] * 3], "points": {"points": 500}},
        {"id": "bars", "lines": [["bar"] * 3]},
    ],
}


def test_the_odds_of_reels_follow_from_their_symbols() -> None:
    assert Pool.model_validate(REELS).base == {
        "sevens": 1,
        "bars": 64,
        "nothing": 935,
    }


def test_reels_take_their_words_in_order() -> None:
    of = Pool.model_validate(REELS)
    for nonce in range(50):
        draw = draw_one(table(of), FRESH, Chance(SEED, "a", nonce), PAID, NOW)
        names = ["bar"] * 4 + ["cherry"] * 5 + ["seven"]
        words = reference.words(SEED, "a", nonce, 3)
        assert draw.shown.symbols == tuple(names[word % 10] for word in words)


def test_a_sold_out_line_pays_the_fallback() -> None:
    of = Pool.model_validate(
        {
            **REELS,
            "prizes": [
                {"id": "bars", "lines": [["bar"] * 3], "stock": {"count": 0}},
                {"id": "cherries", "lines": [["cherry"] * 3]},
            ],
            "sold_out": "FALLBACK",
            "fallback": "cherries",
        }
    )
    draws, _ = draw_many(table(of), FRESH, Chance(SEED, "a", 0), paid(100), NOW)
    bars = [draw for draw in draws if draw.shown.symbols == ("bar",) * 3]
    assert bars
    assert {draw.prize_id for draw in bars} == {"cherries"}


def test_a_slot_by_outcome_shows_a_line_of_its_prize() -> None:
    of = Pool.model_validate(
        {
            "presentation": "SLOT",
            "prizes": [{"id": "sevens", "weight": 1, "lines": [["7", "7"]]}],
            "total": 2,
            "nothing": {"lines": [["7", "bar"], ["bar", "7"]]},
        }
    )
    shown = {
        (draw.prize_id, draw.shown.symbols)
        for n in range(60)
        for draw in [draw_one(table(of), FRESH, Chance(SEED, "a", n), PAID, NOW)]
    }
    assert shown == {
        ("sevens", ("7", "7")),
        ("nothing", ("7", "bar")),
        ("nothing", ("bar", "7")),
    }


@given(seed=st.binary(min_size=32, max_size=32), nonce=st.integers(0, 2**31))
def test_the_same_inputs_draw_the_same(seed: bytes, nonce: int) -> None:
    of: Table = table(banner(), {"gold": GACHA})
    chance = Chance(seed, "alice", nonce)
    first = draw_one(of, FRESH, chance, PAID, NOW)
    assert first == draw_one(of, FRESH, chance, PAID, NOW)
