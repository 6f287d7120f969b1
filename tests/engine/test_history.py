"""What members had at any instant of the past is what they were told then."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.identity import part_of
from points.domain.values import Balances
from points.engine.engine import Engine
from points.store.reader import open_snapshot
from points.store.statements import StatementPlace
from tests.clock import DAY, HOUR, NOON, SECOND, Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import carry_out


MEMBERS: Final = ("ada", "bob")


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


@pytest.mark.parametrize("seed", range(4))
def test_every_balance_of_the_past_can_be_told_again(
    engine: Engine, clock: Clock, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    for member_id in MEMBERS:
        engine.execute(create_member(member_id=member_id))
    told: list[tuple[int, str, list[Balances]]] = []
    for number in range(60):
        clock.advance(random.randint(1, HOUR))
        told += [(clock.now, name, balances(engine, name)) for name in MEMBERS]
        clock.advance(1)
        carry_out(engine, random_command(random, clock.now, number))
        member_id = random.choice(MEMBERS)
        told.append((clock.now, member_id, balances(engine, member_id)))

    random.shuffle(told)
    for instant, member_id, found in told:
        assert balances_at(engine, instant, member_id) == found


def random_command(random: Random, now: int, number: int) -> Any:
    """Returns an earn or burn, often dated back, that may be refused."""
    fields: dict[str, Any] = {
        "member_id": random.choice(MEMBERS),
        "request_id": f"r{number}",
        "points": random.randint(1, 50),
        "unit": random.choice(["points", "miles"]),
        "effective_time": now - random.choice([0, 0, DAY]),
    }
    if random.random() < 0.3:
        return burn(**fields)
    return earn(
        **fields,
        activate_time=random.choice([-1, now + HOUR]),
        expire_time=random.choice([NEVER, now + 3 * HOUR, now + DAY]),
    )


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
