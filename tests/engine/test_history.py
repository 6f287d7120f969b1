"""What members had at any instant of the past is what they were told then."""

from __future__ import annotations

from random import Random
from typing import Final

import pytest

from points.domain.identity import part_of
from points.domain.values import Balances
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from points.store.reads.statements import StatementPlace
from tests.clock import DAY, HOUR, NOON, SECOND, Clock
from tests.domain.build import create_member, earn
from tests.domain.build_limits import set_limits
from tests.engine.build import carry_out, differences
from tests.engine.build_holds import placed
from tests.histories import History, living_engine
from tests.moderation import TIMES


SEEDS: Final = 3 * TIMES
"""How many histories are told again on SQLite: PostgreSQL gets one."""


def part(engine: Engine, member_id: str = "ada") -> int:
    """Returns the part of a member."""
    return part_of(member_id, engine.store.part_count)


def balances(engine: Engine, member_id: str = "ada") -> list[Balances]:
    """Returns what a member has now."""
    with open_snapshot(engine.store.backend) as snapshot:
        return snapshot.balances(part(engine, member_id), member_id, now=engine.clock())


def balances_at(engine: Engine, instant: int, member_id: str = "ada") -> list[Balances]:
    """Returns what a member had at an instant."""
    with open_snapshot(engine.store.backend) as snapshot:
        return snapshot.balances_at(
            part(engine, member_id), member_id, record_time=instant
        )


@pytest.mark.parametrize(
    ("store", "seed"),
    [*[("sqlite", seed) for seed in range(SEEDS)], ("postgresql", 0)],
    indirect=["store"],
)
def test_every_balance_of_the_past_can_be_told_again(
    store: Store, clock: Clock, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    told: list[tuple[int, str, list[Balances]]] = []
    with living_engine(store, clock) as engine:
        history = History(random, engine, clock)
        history.start()
        for _ in range(90):
            clock.advance(random.randint(1, HOUR))
            told += [(clock.now, n, balances(engine, n)) for n in history.member_ids]
            clock.advance(1)
            history.step()
            member_id = random.choice(history.member_ids)
            told.append((clock.now, member_id, balances(engine, member_id)))

        random.shuffle(told)
        with open_snapshot(store.backend) as snapshot:
            for instant, member_id, found in told:
                at = part(engine, member_id), member_id
                assert snapshot.balances_at(*at, record_time=instant) == found
        assert differences(store) == []


def test_a_hold_that_had_lapsed_held_nothing_then(engine: Engine, clock: Clock) -> None:
    carry_out(engine, create_member(), earn(request_id="e"))
    placed(engine, timeout=HOUR, points=40)
    clock.advance(DAY)
    sweep(engine)

    held = [balances_at(engine, NOON + at)[0].held for at in (0, HOUR - 1, HOUR)]

    assert held == [40, 40, 0]


def test_a_lot_that_waited_was_pending_then(engine: Engine, clock: Clock) -> None:
    carry_out(
        engine,
        create_member(),
        earn(request_id="e1", points=10, activate_time=NOON + HOUR),
        earn(request_id="e2", points=5, waits_for="delivery", cancel_time=NOON + HOUR),
    )
    clock.advance(DAY)
    sweep(engine)

    (before,) = balances_at(engine, NOON + HOUR - 1)
    (after,) = balances_at(engine, NOON + HOUR)

    assert (before.available, before.pending, before.lifetime_earned) == (0, 15, 15)
    assert before.next_activations == ((NOON + HOUR, 10),)
    assert (after.available, after.pending, after.lifetime_earned) == (10, 0, 10)


def test_limits_begin_a_unit_when_they_are_set(engine: Engine, clock: Clock) -> None:
    carry_out(engine, create_member())
    clock.advance(1)
    carry_out(engine, set_limits(request_id="s", unit="miles"))

    assert balances_at(engine, NOON) == []
    assert balances_at(engine, NOON + 1) == [Balances("miles")]


def test_what_is_dated_back_does_not_change_what_was_told(
    engine: Engine, clock: Clock
) -> None:
    engine.execute(create_member())
    engine.execute(earn(request_id="first", points=10))
    clock.advance(DAY)
    engine.execute(earn(request_id="late", points=5, effective_time=NOON))

    ((then,), (now,)) = balances_at(engine, NOON), balances_at(engine, NOON + DAY)

    assert (then.available, now.available) == (10, 15)


def test_a_lot_that_expired_since_was_still_there(engine: Engine, clock: Clock) -> None:
    engine.execute(create_member())
    engine.execute(earn(points=10, request_id="r2", expire_time=NOON + HOUR))
    clock.advance(DAY)

    (before,) = balances_at(engine, NOON + HOUR - 1)
    (after,) = balances_at(engine, NOON + HOUR)

    assert (before.available, before.next_expirations) == (10, ((NOON + HOUR, 10),))
    assert (after.available, after.lifetime_expired) == (0, 10)


def effective_times(engine: Engine, limit: int) -> list[tuple[int, str]]:
    """Returns a whole statement by effective time, page by page."""
    found: list[tuple[int, str]] = []
    place = StatementPlace()
    while True:
        with open_snapshot(engine.store.backend) as snapshot:
            page = snapshot.transactions_by_effective_time(
                part(engine), "ada", place=place, conditions=[], limit=limit
            )
        found += [(shown.effective_time, shown.request_id) for shown in page]
        place = place.behind(page)
        if len(page) < limit:
            return found


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
@pytest.mark.parametrize("dated_back", [0.0, 0.5, 1.0])
def test_a_statement_by_effective_time_has_all_in_order(
    engine: Engine, clock: Clock, limit: int, dated_back: float
) -> None:
    random = Random(limit)  # noqa: S311 - no secret
    engine.execute(create_member())
    sent: list[tuple[int, int, str]] = []
    for number in range(30):
        clock.advance(random.choice([0, SECOND]))
        late = random.random() < dated_back
        happened = clock.now - late * random.randint(0, 9) * SECOND
        sent.append((happened, number, f"earn {number}"))
        engine.execute(
            earn(request_id=f"earn {number}", points=1, effective_time=happened)
        )

    assert effective_times(engine, limit) == [
        (happened, request_id) for happened, _, request_id in sorted(sent, reverse=True)
    ]
