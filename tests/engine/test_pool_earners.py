"""Who earned what a pool has, and what of it is taken off whom when it ends unused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.commands import ActivateLot, CancelLot
from points.domain.identity import part_of
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, Clock
from tests.engine.build import engine_under
from tests.engine.build_pools import (
    DOCUMENT,
    NAMES,
    done,
    lifetimes,
    merge,
    purchase,
    reversed_of,
    set_pool,
)
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

COUNTED: Final = DOCUMENT.replace("unit: merits}", "unit: miles}", 1).replace(
    "threshold: 100", "threshold: 9"
)
"""The document of pools with a ladder that counts miles."""

ways: Final = pytest.mark.parametrize("is_swept", [False, True])


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine whose ladder counts what waits, and Ada who pools with Acme."""
    with engine_under(COUNTED, NAMES, store, clock) as running:
        done(running, set_pool())
        yield running


def ended(engine: Engine, clock: Clock, member_id: str, *, is_swept: bool) -> None:
    """Ends all that a member has which waits: by hand, or as its time is over."""
    if is_swept:
        clock.now += 6 * DAY
        sweep(engine)
        return
    for named in lots(engine, member_id):
        request_id = f"cancel-{named['lot_id']}"
        done(engine, CancelLot(**named, request_id=request_id, reason="lost"))


def lots(engine: Engine, member_id: str) -> list[dict[str, Any]]:
    """Returns what names each lot of a member that waits."""
    query = f"SELECT part, number FROM lot WHERE member_id = '{member_id}'"
    found = rows(engine.store, f"{query} AND waits_for = 'received' AND is_drawn = 0")
    return [{"member_id": member_id, "lot_id": f"l{p}-{n}"} for p, n in found]


def activated(engine: Engine, member_id: str) -> None:
    """Makes usable what a member has."""
    for named in lots(engine, member_id):
        done(engine, ActivateLot(**named, request_id=f"activate-{named['lot_id']}"))


def gathered(engine: Engine, member_id: str) -> int:
    """Returns what a member has gathered towards tiers."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        member = snapshot.member(part, member_id)
        assert member is not None
        counters = snapshot.climber(member).progress.counters
    return sum(n for name, (n, _) in counters.items() if name.startswith("ladder/"))


def tier(engine: Engine, member_id: str) -> str:
    """Returns the tier of a member."""
    query = f"SELECT tier FROM standing WHERE member_id = '{member_id}'"
    return "".join(found for (found,) in rows(engine.store, query))


@ways
def test_a_share_that_ends_unused_lowers_no_tier_of_who_holds_it(
    engine: Engine, clock: Clock, *, is_swept: bool
) -> None:
    done(engine, purchase(member_id="acme", quantity=3))
    activated(engine, "acme")
    done(engine, purchase())
    ended(engine, clock, "acme", is_swept=is_swept)

    assert (gathered(engine, "acme"), tier(engine, "acme")) == (9, "high")
    assert gathered(engine, "ada") == 3


@ways
def test_what_is_left_of_an_own_earning_is_still_taken_off_a_tier(
    engine: Engine, clock: Clock, *, is_swept: bool
) -> None:
    done(engine, purchase(member_id="acme", quantity=3))
    done(engine, purchase())
    ended(engine, clock, "acme", is_swept=is_swept)

    assert (gathered(engine, "acme"), tier(engine, "acme")) == (0, "low")
    assert gathered(engine, "ada") == 3


@ways
def test_a_share_counts_for_whom_its_earner_was_merged_into(
    engine: Engine, clock: Clock, *, is_swept: bool
) -> None:
    done(engine, purchase(member_id="acme", quantity=3))
    activated(engine, "acme")
    done(engine, purchase())
    done(engine, merge("ada", "bob"))
    done(engine, merge("bob", "acme"))
    assert gathered(engine, "acme") == 12
    ended(engine, clock, "acme", is_swept=is_swept)

    assert gathered(engine, "acme") == 9
    assert lifetimes(engine, "miles") == {"ada": 3, "acme": 9}


@ways
def test_a_share_that_came_back_to_its_earner_was_never_earned(
    engine: Engine, clock: Clock, *, is_swept: bool
) -> None:
    done(engine, purchase())
    done(engine, merge("acme", "home"))
    done(engine, merge("home", "ada"))
    assert lifetimes(engine, "miles")["ada"] == gathered(engine, "ada") == 3
    ended(engine, clock, "ada", is_swept=is_swept)

    assert lifetimes(engine, "miles") == {"ada": 0, "acme": 0, "home": 0}
    assert gathered(engine, "ada") == 0


def test_a_share_that_came_back_shows_as_never_earned_before_it_is_swept(
    engine: Engine, clock: Clock
) -> None:
    done(engine, purchase())
    done(engine, merge("acme", "ada"))
    clock.now += 6 * DAY
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        then = snapshot.balances_at(part, "ada", record_time=clock.now)

    assert lifetimes(engine, "miles") == {"ada": 0, "acme": 0}
    assert {b.unit: b.lifetime_earned for b in then}["miles"] == 0


@ways
def test_a_share_that_came_back_and_ended_is_not_taken_again_by_a_reverse(
    engine: Engine, clock: Clock, *, is_swept: bool
) -> None:
    bought = done(engine, purchase())
    done(engine, merge("acme", "ada"))
    ended(engine, clock, "ada", is_swept=is_swept)
    done(engine, reversed_of(bought))

    assert lifetimes(engine, "miles") == {"ada": 0, "acme": 0}
    assert gathered(engine, "ada") == 0
