"""What two members have used of their caps counts together once they are one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from points.domain.commands import RecordActivity
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.test_merge import merge
from tests.engine.build import carry_out, engine_under, result


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
units: {points: {kind: currency, expiry: {after: P12M}}}
rules:
  walk:
    activities: [walk]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    caps: [daily]
  ride:
    activities: [ride]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    caps: [rolling]
  game:
    activities: [game]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    caps: [by_channel]
caps:
  daily: {unit: points, window: {each: DAY}, bound: {points: 10}}
  rolling: {unit: points, window: {rolling: P3D}, bound: {points: 10}}
  by_channel:
    unit: points
    per: [CHANNEL, MEMBER]
    window: {each: LIFETIME}
    bound: {points: 10}
"""
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with caps of ten points, and Ada and Bob."""
    with engine_under(DOCUMENT, ("ada", "bob"), store, clock) as running:
        yield running


def points(engine: Engine, member_id: str, kind: str, quantity: int) -> int:
    """Returns what an activity earns."""
    command = RecordActivity(
        member_id=member_id,
        request_id=f"a{next(_numbers)}",
        activity_type=kind,
        quantity=quantity,
        channel=member_id if kind == "game" and quantity > 9 else "app",
    )
    found = result(*carry_out(engine, command))
    assert isinstance(found, Transaction)
    return sum(award.points for award in found.awards)


@pytest.mark.parametrize("kind", ["walk", "ride", "game"])
def test_what_both_have_used_is_used(engine: Engine, clock: Clock, kind: str) -> None:
    first = points(engine, "ada", kind, 4), points(engine, "bob", kind, 3)
    if kind == "ride":
        clock.advance(DAY)
    carry_out(engine, merge(member_id="ada", into_member_id="bob"))

    assert (first, points(engine, "bob", kind, 9)) == ((4, 3), 3)


def test_a_channel_that_is_called_like_the_member_has_its_own(engine: Engine) -> None:
    points(engine, "ada", "game", 9)

    assert points(engine, "ada", "game", 10) == 10
