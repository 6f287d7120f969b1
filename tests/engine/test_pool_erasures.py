"""Who gives for a pool once it, or whom it was merged into, was erased."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.domain.values import Erasure
from points.engine.engine import Engine
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import earn
from tests.domain.test_merge import erase
from tests.engine.build import balance, carry_out, engine_under, result
from tests.engine.build_pools import (
    DOCUMENT,
    NAMES,
    done,
    merge,
    moved,
    purchase,
    reversed_of,
    set_pool,
)


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with pools, and Ada who pools with Acme."""
    with engine_under(DOCUMENT, NAMES, store, clock) as running:
        done(running, set_pool())
        yield running


def forget(engine: Engine, member_id: str) -> None:
    """Erases a member."""
    (answer,) = carry_out(
        engine, erase(member_id=member_id, request_id=f"erase-{member_id}")
    )
    assert isinstance(result(answer), Erasure)


@pytest.mark.parametrize("forgotten", [["acme"], ["home"], ["acme", "home"]])
def test_a_merge_is_followed_through_those_who_were_erased_since(
    engine: Engine, forgotten: list[str]
) -> None:
    bought = done(engine, purchase(100))
    done(engine, merge("acme", "home"))
    done(engine, merge("home", "bob"))
    for name in forgotten:
        forget(engine, name)
    done(engine, earn(member_id="bob", unit="miles", points=50, request_id="e"))
    taken = done(engine, reversed_of(bought))

    assert moved(taken).counterparty == "bob"
    assert [balance(engine, "bob", unit) for unit in ("points", "miles")] == [0, 50]


def test_an_earner_gives_all_back_though_the_pool_in_it_was_erased(
    engine: Engine,
) -> None:
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, merge("acme", "ada"))
    forget(engine, "acme")
    taken = done(engine, reversed_of(earned, points=30))

    assert (balance(engine, "ada"), moved(taken).counterparty) == (70, "")


@pytest.mark.parametrize("is_merged", [False, True])
def test_whoever_has_the_points_of_a_pool_gives_them_back_though_erased(
    engine: Engine, *, is_merged: bool
) -> None:
    earned = done(engine, earn(points=100, request_id="e1"))
    if is_merged:
        done(engine, merge("acme", "home"))
    holder = "home" if is_merged else "acme"
    forget(engine, holder)
    done(engine, reversed_of(earned, points=30))

    assert balance(engine, holder) == 70
