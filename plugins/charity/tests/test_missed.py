"""Recurring donations that the ledger refuses are missed like any other."""

from __future__ import annotations

import pytest
from plugins.charity.tests.appeals import Appeals

from points.domain.commands import SetLimits
from points_charity.v1 import charity_service_pb2 as pb


def limit(appeals: Appeals, floor: int) -> None:
    """Has Alice keep so many points, whatever she wants to give."""
    appeals.bench.execute(
        SetLimits(
            member_id="alice",
            request_id=f"limit-{floor}",
            unit="points",
            floor=floor or None,
            operator="olga",
            reason="test",
        )
    )


@pytest.fixture
def giving(appeals: Appeals) -> Appeals:
    """Returns the campaigns, to one of which Alice gives ten points each day."""
    start = pb.StartRecurringRequest(
        member_id="alice", campaign_id="short", points=10, every=pb.EVERY_DAY
    )
    appeals.bench.call(start)
    return appeals


def pass_hours(appeals: Appeals, count: int) -> None:
    """Has hours go by, one by one."""
    for _ in range(count):
        appeals.bench.advance(hours=1)


def test_it_goes_on_once_the_ledger_takes_it_again(giving: Appeals) -> None:
    limit(giving, 985)
    pass_hours(giving, 26)
    assert giving.bench.available() == 990
    limit(giving, 0)

    pass_hours(giving, 22)

    assert giving.bench.available() == 980


def test_it_is_given_late_if_the_ledger_takes_it_before_it_is_given_up(
    giving: Appeals,
) -> None:
    limit(giving, 985)
    giving.bench.advance(days=1)
    limit(giving, 0)

    pass_hours(giving, 23)

    assert giving.bench.available() == 980


def test_it_ends_once_it_was_missed_too_often(giving: Appeals) -> None:
    limit(giving, 985)
    pass_hours(giving, 3 * 24)

    with giving.bench.refused("RECURRING_ENDED"):
        end = pb.EndRecurringRequest(member_id="alice", recurring_id="1")
        giving.bench.call(end)
    assert giving.bench.available() == 990


def test_one_that_was_ended_is_not_missed(giving: Appeals) -> None:
    limit(giving, 985)
    giving.bench.advance(days=1)
    end = pb.EndRecurringRequest(member_id="alice", recurring_id="1")
    giving.bench.call(end)
    limit(giving, 0)

    pass_hours(giving, 24)

    assert giving.bench.available() == 990


def test_a_donation_whose_credit_has_no_room_is_missed_and_undone(
    appeals: Appeals,
) -> None:
    start = pb.StartRecurringRequest(
        member_id="alice", campaign_id="spring", points=20, every=pb.EVERY_DAY
    )
    appeals.bench.call(start)
    ceiling = SetLimits(
        member_id="alice",
        request_id="ceiling",
        unit="qualifying_points",
        ceiling=3,
        operator="olga",
        reason="test",
    )
    appeals.bench.execute(ceiling)
    pass_hours(appeals, 26)
    # The points were taken before the credit was refused.
    assert appeals.bench.available() == 980

    pass_hours(appeals, 24)

    with appeals.bench.refused("RECURRING_ENDED"):
        end = pb.EndRecurringRequest(member_id="alice", recurring_id="1")
        appeals.bench.call(end)
    assert appeals.campaign().raised == 20
