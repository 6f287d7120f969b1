"""Five hundred at once, over gRPC: the last prize is won by exactly one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from plugins.wheel.tests.fair import SECTION

from points.testing.served import Served
from points.v1.member_service_pb2 import CreateMemberRequest
from points.v1.member_service_pb2_grpc import MemberServiceStub
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.v1.wheel_service_pb2_grpc import WheelServiceStub


SPINNERS: Final = 500
TIMEOUT_SECONDS: Final = 60


def at_once(call: Callable[..., Any], requests: Sequence[Any]) -> list[Any]:
    """Makes all calls before the first answer is waited for; returns the answers."""
    futures = [call(request, timeout=TIMEOUT_SECONDS) for request in requests]
    return [future.result() for future in futures]


@pytest.mark.parametrize("points_database", ["sqlite"], indirect=True)
def test_the_last_prize_has_one_winner_of_five_hundred(served: Served) -> None:
    """Takes seconds, since every spinner is a member with a seed of its own."""
    served.configure("wheel", SECTION)
    stub = served.stub(WheelServiceStub)
    names = [f"p{number}" for number in range(SPINNERS)]
    at_once(
        served.stub(MemberServiceStub).CreateMember.future,
        [CreateMemberRequest(member_id=n, request_id=f"make-{n}") for n in names],
    )
    at_once(
        stub.RotateSeed.future,
        [pb.RotateSeedRequest(member_id=n, request_id=f"seed-{n}") for n in names],
    )
    spins = [
        pb.SpinRequest(member_id=n, wheel_id="last", request_id=f"spin-{n}")
        for n in names
    ]
    answers = at_once(stub.Spin.future, spins)

    drawn = Counter(draw.prize_id for one in answers for draw in one.spin.draws)
    assert drawn == {"car": 1, "pen": SPINNERS - 1}
    seen = stub.GetWheel(pb.GetWheelRequest(member_id="p0", wheel_id="last"))
    assert seen.prizes[0].stock_left == 0
