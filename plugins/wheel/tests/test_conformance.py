"""The laws of every plugin, tried on every method of this one."""

from __future__ import annotations

from typing import Any

from plugins.wheel.tests.fair import Fair

from points.testing.conformance import Example, assert_conforms
from points_wheel.v1 import wheel_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


@ON_BOTH_DATABASES
def test_the_laws_of_plugins_are_kept(fair: Fair) -> None:
    card, item, spin = fair.spin("cards"), fair.spin("items"), fair.spin("daily")
    alice: dict[str, Any] = {"member_id": "alice"}
    examples = (
        pb.GetWheelRequest(**alice, wheel_id="banner"),
        pb.SpinRequest(**alice, wheel_id="daily", draws=2),
        pb.RevealCardRequest(**alice, spin_id=card.spin_id),
        pb.ClaimItemRequest(**alice, spin_id=item.spin_id),
        pb.ListSpinsRequest(**alice),
        pb.ListWinnersRequest(wheel_id="last"),
        pb.VerifySpinRequest(**alice, spin_id=spin.spin_id),
        pb.RotateSeedRequest(**alice, client_seed="other"),
        pb.RevealSeedRequest(**alice, number=1),
        pb.VoidSpinRequest(**alice, spin_id=spin.spin_id, operator="olga"),
    )
    assert_conforms(fair.bench, "wheel", [Example(each) for each in examples])
