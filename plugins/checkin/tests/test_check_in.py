"""Check-in on a real engine."""

from __future__ import annotations

from datetime import datetime

from points.testing import Bench, assert_idempotent

from points_checkin.v1 import checkin_service_pb2 as pb


DAILY = {"campaigns": {"daily": {"daily": [{"rewards": [{"points": 5}]}]}}}


def test_a_check_in_gives_its_points_once_a_day(bench: Bench) -> None:
    bench.configure("checkin", DAILY)
    bench.member()
    first = assert_idempotent(bench, pb.CheckInRequest(member_id="alice"))
    again = bench.call(pb.CheckInRequest(member_id="alice"))

    assert bench.available() == 5
    assert not first.already
    assert again.already
    assert again.day == first.day
    assert first.streak.count == 1
