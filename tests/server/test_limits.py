"""SetLimits and GetLimits: what is set is what is told."""

from __future__ import annotations

from typing import Any

import pytest

from points.client import PointsClient, Refused, batch_command
from points.v1.limits_pb2 import Limits, SetLimitsRequest, Velocity


DAILY = Velocity(
    action=Velocity.ACTION_BURN, window=Velocity.WINDOW_DAY, points=50, count=2
)


def test_set_limits_answers_with_the_limits(client: PointsClient, member: str) -> None:
    answer = client.set_limits(
        member,
        operator="olga",
        reason="looks odd",
        floor=10,
        ceiling=0x7FFF,
        velocities=[DAILY],
        request_id="l1",
    )

    limits = answer.limits
    assert limits == Limits(
        member_id=member,
        unit="points",
        floor=10,
        ceiling=0x7FFF,
        velocities=[DAILY],
        operator="olga",
        reason="looks odd",
        update_time=limits.update_time,
    )
    assert limits.update_time.seconds
    assert not answer.replayed
    assert answer.revision


def test_get_limits_answers_with_what_was_set(
    client: PointsClient, member: str
) -> None:
    limits = client.set_limits(
        member, operator="olga", reason="why", velocities=[DAILY]
    ).limits

    assert client.get_limits(member).limits == limits


def test_a_member_whose_limits_were_never_set_has_none(
    client: PointsClient, member: str
) -> None:
    answer = client.get_limits(member)

    assert answer.limits == Limits(member_id=member, unit="points")


def test_limits_that_are_left_out_are_lifted(client: PointsClient, member: str) -> None:
    client.set_limits(member, operator="olga", reason="why", floor=10)

    client.set_limits(member, operator="olga", reason="all clear")

    limits = client.get_limits(member).limits
    assert not limits.HasField("floor")
    assert limits.reason == "all clear"


def test_limits_are_the_outcome_of_their_request_id(
    client: PointsClient, member: str
) -> None:
    limits = client.set_limits(
        member, operator="olga", reason="why", floor=10, request_id="l1"
    ).limits

    assert client.get_outcome(member, "l1").outcome.limits == limits


def test_limits_can_be_set_in_a_batch(client: PointsClient, member: str) -> None:
    request = SetLimitsRequest(
        member_id=member,
        unit="points",
        operator="olga",
        reason="why",
        floor=10,
        request_id="l1",
    )

    answer = client.batch_write([batch_command(request)])

    assert answer.outcomes[0].outcome.limits.floor == 10


def test_limits_that_are_only_validated_are_not_set(
    client: PointsClient, member: str
) -> None:
    client.set_limits(
        member, operator="olga", reason="why", floor=10, validate_only=True
    )

    assert not client.get_limits(member).limits.HasField("floor")


def test_a_velocity_that_is_passed_is_told_with_all_it_bounds(
    client: PointsClient, saver: str
) -> None:
    client.set_limits(saver, operator="olga", reason="why", velocities=[DAILY])

    with pytest.raises(Refused) as refused:
        client.burn(saver, 51, reason="reward")

    assert refused.value.reason == "VELOCITY_EXCEEDED"
    assert refused.value.metadata == {
        "member_id": saver,
        "unit": "points",
        "action": "BURN",
        "window": "DAY",
        "bound": "points",
        "limit": "50",
    }


def test_a_floor_that_is_passed_is_told(client: PointsClient, saver: str) -> None:
    client.set_limits(saver, operator="olga", reason="why", floor=60)

    with pytest.raises(Refused) as refused:
        client.burn(saver, 41, reason="reward")

    assert refused.value.reason == "LIMIT_EXCEEDED"
    assert refused.value.metadata == {
        "account": f"member:{saver}",
        "unit": "points",
        "limit": "60",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"velocities": [Velocity()]}, "velocities[0].action"),
        ({"velocities": [DAILY, DAILY]}, "velocities[1]"),
        ({"floor": -1}, "floor"),
        ({"operator": ""}, "operator"),
    ],
)
def test_malformed_limits_name_the_field(
    client: PointsClient, member: str, changes: dict[str, Any], field: str
) -> None:
    fields: dict[str, Any] = {"operator": "olga", "reason": "why", **changes}

    with pytest.raises(Refused) as refused:
        client.set_limits(member, **fields)

    assert refused.value.reason == "INVALID_ARGUMENT"
    assert field in refused.value.metadata


@pytest.mark.parametrize("unit", ["", "stars"])
def test_limits_are_told_of_a_unit_that_exists(
    client: PointsClient, member: str, unit: str
) -> None:
    with pytest.raises(Refused):
        client.get_limits(member, unit=unit)


def test_limits_are_told_of_a_member_who_exists(
    client: PointsClient, stranger: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.get_limits(stranger)

    assert refused.value.reason == "MEMBER_NOT_FOUND"
