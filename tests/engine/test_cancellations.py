"""Cancelled lots: what their records tell is what replay works out."""

from __future__ import annotations

import pytest

from points.domain.commands import CancelLot
from points.domain.identity import Place, part_of
from points.engine.engine import Engine
from points.store.opening import Store
from tests.clock import DAY, NOON
from tests.domain.build import create_member, earn
from tests.engine.build import carry_out, differences


@pytest.mark.parametrize(
    "pending",
    [{"waits_for": "delivery"}, {"activate_time": NOON + DAY}],
    ids=["of an event", "of an instant"],
)
def test_a_ledger_with_a_cancelled_lot_verifies(
    engine: Engine, store: Store, pending: dict[str, object]
) -> None:
    carry_out(engine, create_member(request_id="ada"), earn(**pending))
    lot_id = Place(part_of("ada", engine.store.part_count), 1).lot_id()
    cancel = CancelLot(
        member_id="ada", request_id="c", lot_id=lot_id, reason="returned"
    )

    carry_out(engine, cancel)

    assert differences(store) == []
