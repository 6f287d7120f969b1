"""Every reason of the plugin, told over gRPC with the status that it declares."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.charity.tests.appeals import SECTION

from points.testing.bench import with_request_id
from points.testing.served import Served, refusal_of
from points_charity import pools, reasons
from points_charity.v1 import charity_service_pb2 as pb
from points_charity.v1.charity_service_pb2_grpc import CharityServiceStub


class Desk:
    """Is a served charity: calls by name, of Alice for `spring` unless told."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.stub: Any = served.stub(CharityServiceStub)
        served.configure("charity", SECTION)
        for name in ("alice", "cold"):
            served.client.create_member(name, request_id=f"make-{name}")
            served.client.earn(name, 5_000, reason="test", request_id=f"earn-{name}")
        served.client.freeze_member("cold")

    def request(self, method: str, **fields: Any) -> Any:
        """Returns a request of a method, with what it takes of the usual."""
        kind = getattr(pb, f"{method}Request")
        usual = {"member_id": "alice", "campaign_id": "spring"}
        taken = {n: v for n, v in usual.items() if n in kind.DESCRIPTOR.fields_by_name}
        return kind(**{**taken, **fields})

    def call(self, method: str, **fields: Any) -> Any:
        """Makes a call that is answered."""
        request = with_request_id(self.request(method, **fields))
        return getattr(self.stub, method)(request)

    def give(self, points: int, **fields: Any) -> int:
        """Gives points, and returns the number of the donation."""
        return int(self.call("Donate", points=points, **fields).donation.number)

    def refusal(self, method: str, **fields: Any) -> tuple[str, str]:
        """Makes a call that is refused; returns status and reason."""
        request = self.request(method, **fields)
        return refusal_of(getattr(self.stub, method), request)


@pytest.mark.parametrize("points_database", ["sqlite"], indirect=True)
def test_every_reason_is_told_with_its_status(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "HOLDS_MAX", 1)
    desk = Desk(served)
    desk.call("FundPool", pool_id="roof", points=10)
    desk.call("FundPool", pool_id="wish", points=10)
    final = desk.give(500)
    desk.call("Disburse", operator="olga")
    undone = desk.give(10)
    desk.call("ReverseDonation", number=undone)
    desk.give(100, campaign_id="full")
    held = desk.give(300, campaign_id="roof")
    monthly = desk.call("StartRecurring", points=10, every=pb.EVERY_MONTH)
    ended = monthly.recurring.recurring_id
    desk.call("EndRecurring", recurring_id=ended)
    before = served.client.get_balances("alice")
    no = desk.refusal
    told = [
        no("Donate", points=10, campaign_id="none"),
        no("Donate", points=0),
        no("Donate", points=4),
        no("Donate", points=400),
        no("Donate", points=1, campaign_id="full"),
        no("Donate", points=50, needs_match=True),
        no("Donate", points=5, campaign_id="named", is_anonymous=True),
        no("Donate", points=5, alias="x" * 65),
        no("Donate", points=5, member_id="cold"),
        no("FundPool", points=5, pool_id="named"),
        no("FundPool", points=5, pool_id="roof"),
        no("ReverseDonation", number=77),
        no("ReverseDonation", number=final),
        no("ReverseDonation", number=undone),
        no("GetReceipt", campaign_id="roof", number=held),
        no("Disburse"),
        no("Disburse", operator="olga", campaign_id="roof"),
        no("Disburse", operator="olga", campaign_id="a"),
        no("CloseRound", round_id="none"),
        no("CloseRound", round_id="wish"),
        no("StartRecurring", points=10),
        no("EndRecurring", recurring_id="9"),
        no("EndRecurring", recurring_id=ended),
        no("SetPledge", basis_points=10_001),
        no("SetPledge", basis_points=1, campaign_id="full"),
        no("ListDonors", page_token="x"),  # noqa: S106 - a token of a page
    ]
    served.clock.advance(days=10)
    desk.call("CloseRound", round_id="wish")
    told += [
        no("Donate", points=5, campaign_id="short"),
        no("CloseRound", round_id="wish"),
    ]
    served.configure("charity", {"causes": {"other": {}}})
    told.append(no("Disburse", operator="olga"))

    assert sorted(told) == sorted((one.answer.name, one.name) for one in reasons.ALL)
    assert served.client.get_balances("alice").balances[0].held == 300 + 10
    assert before.balances[0].available == 5_000 - 500 - 100 - 300 - 10 - 20
