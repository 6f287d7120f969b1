"""Every reason of the plugin, told over gRPC with the status that it declares."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.wheel.tests.fair import SECTION

from points.testing.bench import with_request_id
from points.testing.served import Served, refusal_of
from points_wheel import reasons, spinning
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.v1.wheel_service_pb2_grpc import WheelServiceStub


class Booth:
    """Is a served fair: calls of its methods by name, for Alice unless told."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.stub: Any = served.stub(WheelServiceStub)
        served.configure("wheel", SECTION)
        for name in ("alice", "cold", "seedless", "twin"):
            served.client.create_member(name, request_id=f"make-{name}")
            served.client.earn(name, 1_000, reason="test", request_id=f"earn-{name}")
        served.client.freeze_member("cold")
        self.call("RotateSeed", client_seed="alice")

    def request(self, method: str, **fields: Any) -> Any:
        """Returns a request of a method."""
        kind = getattr(pb, f"{method}Request")
        return kind(**{"member_id": "alice", **fields})

    def call(self, method: str, **fields: Any) -> Any:
        """Makes a call that is answered."""
        request = with_request_id(self.request(method, **fields))
        return getattr(self.stub, method)(request)

    def spin(self, wheel_id: str, **fields: Any) -> str:
        """Spins, and returns the id of the spin."""
        return str(self.call("Spin", wheel_id=wheel_id, **fields).spin.spin_id)

    def refusal(self, method: str, **fields: Any) -> tuple[str, str]:
        """Makes a call that is refused; returns status and reason."""
        request = self.request(method, **fields)
        return refusal_of(getattr(self.stub, method), request)


@pytest.mark.parametrize("points_database", ["sqlite"], indirect=True)
def test_every_reason_is_told_with_its_status(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spinning, "CARDS_MAX", 3)
    booth = Booth(served)
    booth.spin("cafe", draws=3, device_group="here")
    booth.spin("sure")
    card, item, other = booth.spin("cards", draws=2), *map(booth.spin, ["items"] * 2)
    ten = booth.spin("grid")
    booth.call("RevealCard", spin_id=card, index=0)
    booth.call("ClaimItem", spin_id=item)
    gone = booth.spin("grid")
    booth.call("VoidSpin", spin_id=gone, operator="olga")
    booth.call("RotateSeed", member_id="twin")
    moved = booth.spin("grid", member_id="twin")
    served.client.merge_members("twin", "alice", operator="olga", reason="one person")
    before = served.client.get_balances("alice")
    no = booth.refusal
    daily: dict[str, Any] = {"method": "Spin", "wheel_id": "daily"}
    told = [
        no("Spin", wheel_id="none"),
        no("Spin", wheel_id="over"),
        no("Spin", wheel_id="vip"),
        no("Spin", wheel_id="sure"),
        no("Spin", wheel_id="cafe"),
        no("Spin", wheel_id="cafe", device_group="here"),
        no("Spin", wheel_id="cards", draws=3),
        no(**daily, odds_version="old"),
        no(**daily, draws=-1),
        no(**daily, payment=pb.PAYMENT_POINTS, unit="gems"),
        no(**daily, payment=pb.PAYMENT_SPIN),
        no(**daily, member_id="cold"),
        no(**daily, member_id="seedless"),
        no("RevealSeed", number=9),
        no("RevealSeed", number=1),
        no("RotateSeed", client_seed="a:b"),
        no("VerifySpin", spin_id="99"),
        no("VoidSpin", spin_id=gone, operator="olga"),
        no("VoidSpin", spin_id=ten),
        no("VoidSpin", spin_id=moved, operator="olga", member_id="twin"),
        no("RevealCard", spin_id=card, index=7),
        no("RevealCard", spin_id=card, index=0),
        no("ClaimItem", spin_id=card, index=1),
        no("ClaimItem", spin_id=ten),
        no("ClaimItem", spin_id=item),
        no("ListSpins", page_size=-1),
        no("ListSpins", page_token="1"),  # noqa: S106 - a token of a page
    ]
    served.client.set_limits("alice", operator="olga", reason="test", ceiling=900)
    told.append(no(**daily))
    served.client.set_limits("alice", operator="olga", reason="test")
    served.clock.advance(days=10)
    told += [no("RevealCard", spin_id=card, index=1), no("ClaimItem", spin_id=other)]
    served.configure("wheel", {**SECTION, "seed_keys": ["22" * 32]})
    told.append(no(**daily))

    assert sorted(told) == sorted((one.answer.name, one.name) for one in reasons.ALL)
    assert served.client.get_balances("alice").balances == before.balances
