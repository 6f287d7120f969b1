"""Holds whose lots the sweep has already been at."""

from __future__ import annotations

from points.engine.engine import Engine
from points.engine.sweeper import sweep
from points.store.opening import Store
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import create_member, earn
from tests.domain.build_holds import void_hold
from tests.engine.build import carry_out, differences
from tests.engine.build_holds import placed
from tests.store.build import rows


def test_a_renewed_lot_has_not_ended_with_what_was_swept_of_the_old_one(
    engine: Engine, store: Store, clock: Clock
) -> None:
    carry_out(engine, create_member(request_id="ada"))
    carry_out(engine, earn(request_id="e", points=100, expire_time=NOON + DAY))
    hold_id = placed(engine, points=30, freeze_expiry=True)
    clock.advance(DAY + HOUR)
    sweep(engine)

    engine.execute(void_hold(request_id="v", hold_id=hold_id))

    assert rows(store, "SELECT ended FROM lot ORDER BY number") == [(70,), (0,)]
    assert differences(store) == []
