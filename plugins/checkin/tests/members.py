"""What Alice does in the tests that have an engine."""

from __future__ import annotations

from typing import Any

from points.testing import Bench
from points_checkin.v1 import checkin_service_pb2 as pb


def campaign(**rules: Any) -> dict[str, Any]:
    """Returns the section with one campaign, which gives five points a day."""
    daily = [{"rewards": [{"points": 5}]}]
    return {"campaigns": {"daily": {"daily": daily, **rules}}}


def check_in(bench: Bench, **fields: Any) -> pb.CheckInResponse:
    """Checks Alice in."""
    response: pb.CheckInResponse = bench.call(
        pb.CheckInRequest(member_id="alice", **fields)
    )
    return response


def streak(bench: Bench) -> pb.GetStreakResponse:
    """Returns where Alice stands."""
    response: pb.GetStreakResponse = bench.call(pb.GetStreakRequest(member_id="alice"))
    return response


def come(bench: Bench, days: int) -> list[pb.CheckInResponse]:
    """Checks Alice in on as many days, from today on, and ends on the day after."""
    found = []
    for _ in range(days):
        found.append(check_in(bench))
        bench.clock.advance(days=1)
    return found


def revert(**fields: Any) -> pb.RevertCheckInRequest:
    """Returns a request to take a day of Alice back."""
    return pb.RevertCheckInRequest(
        member_id="alice", operator="eve", reason="test", **fields
    )
