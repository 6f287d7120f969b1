"""Operators who take days back, on a real engine."""

from __future__ import annotations

import pytest
from plugins.checkin.tests.members import campaign, check_in, come, revert, streak

from points.domain.commands import Reverse, ShortfallPolicy
from points.domain.values import ReasonCode
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


@pytest.mark.parametrize("date", ["2026-01-02", "2026-01-04", "2026-01-05"])
def test_each_day_of_a_cycle_takes_its_own_milestone_along(
    bench: Bench, date: str
) -> None:
    each = [
        {"name": f"day-{at}", "count": at, "once": "CYCLE", "rewards": [{"points": 50}]}
        for at in (1, 2, 3)
    ]
    rules = campaign(mode="CYCLE", cycle_days=3, milestones=each)
    bench.configure("checkin", rules)
    bench.member()
    come(bench, 9)
    answer = bench.call(revert(date=date))

    assert [one.date for one in answer.day.milestones] == [date]
    assert bench.available() == 8 * 55


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


def test_a_day_that_came_by_a_merge_is_taken_back_without_what_it_gave(
    bench: Bench,
) -> None:
    """That was of another member; a milestone got by then goes the same way."""
    second = {"name": "second", "count": 2, "rewards": [{"points": 50}]}
    bench.configure("checkin", campaign(milestones=[second]))
    for name in ("alice", "bob"):
        bench.member(name)
    for name in ("bob", "bob", "alice"):
        bench.call(pb.CheckInRequest(member_id=name))
        bench.clock.advance(days=1)
    bench.merge("bob", "alice")
    had = bench.available()

    bench.call(revert(date="2026-01-02"))
    assert (bench.available(), streak(bench).streak.count) == (had, 1)
    bench.call(revert(restore=True))
    assert (bench.available(), streak(bench).streak.count) == (had, 3)
    bench.call(revert(date="2026-01-03"))
    assert bench.available() == had - 5


def test_a_day_of_which_a_reward_was_reversed_in_the_ledger_is_taken_back(
    bench: Bench,
) -> None:
    """And put back without that reward: it was taken for itself."""
    rewards = [{"points": 5}, {"points": 1, "unit": "qualifying_points"}]
    first = {"name": "first", "count": 1, "rewards": [{"points": 50}, *rewards[1:]]}
    bench.configure(
        "checkin", campaign(daily=[{"rewards": rewards}], milestones=[first])
    )
    bench.member()
    day = check_in(bench).day
    for reversed_one in (day.rewards[0], day.milestones[0].rewards[0]):
        reverse(bench, reversed_one.transaction_id)
    bench.call(revert(date="2026-01-01"))

    assert streak(bench).streak.count == 0
    assert (bench.available(), qualifying(bench)) == (0, 0)
    bench.call(revert(restore=True))
    assert streak(bench).streak.count == 1
    assert (bench.available(), qualifying(bench)) == (0, 2)
    bench.call(revert(date="2026-01-01"))
    assert qualifying(bench) == 0


def test_what_an_operator_left_of_a_reward_goes_with_its_day(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    day = check_in(bench).day
    reverse(bench, day.rewards[0].transaction_id, points=2)

    bench.call(revert(date=day.date))

    assert bench.available() == 0
    bench.check_books()


def test_a_made_up_day_whose_price_was_returned_is_taken_back(bench: Bench) -> None:
    rules = campaign(make_up={"price": [{"points": 25}], "reward": "BASE"})
    bench.configure("checkin", rules)
    bench.member(points=100)
    check_in(bench)
    bench.clock.advance(days=2)
    paid = bench.call(pb.MakeUpRequest(member_id="alice", date="2026-01-02"))
    reverse(bench, paid.price[0].transaction_id)
    bench.call(revert(date="2026-01-02"))

    assert bench.available() == 105
    bench.call(revert(restore=True))
    assert bench.available() == 110


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


def test_a_day_is_told_with_its_points_as_long_as_it_can_be_taken_back(
    bench: Bench,
) -> None:
    bench.configure("checkin", campaign(revert_days=20))
    bench.member()
    come(bench, 45)

    # It is the 15th of February: the first day of 26 January's month is told still.
    assert [day.rewards[0].points for day in january(bench)] == [5] * 31
    with bench.refused("REVERT_TOO_LATE", date="2026-01-25"):
        bench.call(revert(date="2026-01-25"))
    come(bench, 20)

    # On the 1st of March, 20 days back were in February: January is forgotten.
    assert [list(day.rewards) for day in january(bench)] == [[]] * 31
    assert {day.state for day in january(bench)} == {pb.DAY_STATE_SIGNED}


def test_the_last_day_is_told_again_after_it_was_taken_back_and_put_back(
    bench: Bench,
) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    first = check_in(bench).day
    bench.call(revert(date=first.date))
    again = bench.call(revert(restore=True)).day
    told = check_in(bench)

    assert told.already
    assert told.day == again
    assert told.day.rewards[0].transaction_id != first.rewards[0].transaction_id


def reverse(bench: Bench, transaction_id: str, points: int = 0) -> None:
    """Has an operator reverse a transaction of Alice in the ledger itself."""
    bench.execute(
        Reverse(
            member_id="alice",
            request_id=f"reverse-{transaction_id}",
            transaction_id=transaction_id,
            points=points,
            reason="a mistake",
            reason_code=ReasonCode.CORRECTION,
            shortfall_policy=ShortfallPolicy.SHORTFALL,
        )
    )


def qualifying(bench: Bench) -> int:
    """Returns the qualifying points that Alice has."""
    return bench.balances("alice", "qualifying_points").available


def january(bench: Bench) -> list[pb.CalendarDay]:
    """Returns Alice's days of January as they are told."""
    request = pb.GetCalendarRequest(
        member_id="alice", first_date="2026-01-01", last_date="2026-01-31"
    )
    return list(bench.call(request).days)
