"""Operators who take days back, on a real engine."""

from __future__ import annotations

from plugins.checkin.tests.members import campaign, check_in, come, revert, streak

from points.testing import Bench, assert_idempotent
from points_checkin.v1 import checkin_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


pytestmark = ON_BOTH_DATABASES


def test_a_day_that_is_taken_back_takes_its_points_and_milestones(
    bench: Bench,
) -> None:
    second = {"name": "second", "count": 2, "rewards": [{"points": 50}]}
    bench.configure("checkin", campaign(milestones=[second]))
    bench.member()
    come(bench, 2)
    request = revert(date="2026-01-01")
    answer = assert_idempotent(bench, request)

    assert bench.available() == 5
    assert answer.streak.count == 1
    assert [one.name for one in answer.day.milestones] == ["second"]


def test_a_day_that_was_taken_back_can_be_put_back(bench: Bench) -> None:
    second = {"name": "second", "count": 2, "rewards": [{"points": 50}]}
    bench.configure("checkin", campaign(milestones=[second]))
    bench.member()
    come(bench, 2)
    before = streak(bench).streak
    bench.call(revert(date="2026-01-01"))
    bench.call(revert(restore=True))

    assert bench.available() == 60
    assert streak(bench).streak == before
    with bench.refused("NOTHING_REVERTED"):
        bench.call(revert(restore=True))


def test_a_day_is_not_put_back_over_what_came_after(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    come(bench, 2)
    bench.call(revert(date="2026-01-01"))
    check_in(bench)

    with bench.refused("REVERT_OVERTAKEN"):
        bench.call(revert(restore=True))


def test_only_a_day_that_was_checked_in_is_taken_back(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()

    with bench.refused("DATE_NOT_SIGNED"):
        bench.call(revert(date="2026-01-01"))
    with bench.refused("TEXT_INVALID", field="operator"):
        bench.call(pb.RevertCheckInRequest(member_id="alice", date="2026-01-01"))
