"""RecordActivity and SimulateActivity."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from points.domain.activities import Item
from points.domain.commands import RecordActivity
from points.server.answers import fill_transaction
from points.server.instants import instant
from points.server.writes import Writes
from points.v1 import activity_pb2
from points.v1 import activity_service_pb2 as pb


class ActivityMethods:
    """Answers the calls of `points.v1.ActivityService` about activities."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    async def record_activity(
        self, request: pb.RecordActivityRequest
    ) -> pb.RecordActivityResponse:
        """Records a fact and what it earns."""
        return await self._writes.answer(
            record_activity_command(request),
            pb.RecordActivityResponse(),
            validate_only=request.validate_only,
        )

    async def simulate_activity(
        self, request: pb.SimulateActivityRequest
    ) -> pb.SimulateActivityResponse:
        """Tells what a fact would earn now."""
        command = activity_command(request, uuid4().hex)
        outcome = await self._writes.execute(command, validate_only=True)
        response = pb.SimulateActivityResponse()
        fill_transaction(response.transaction, outcome.record)
        response.transaction.ClearField("request_id")
        return response


def record_activity_command(request: pb.RecordActivityRequest) -> RecordActivity:
    """Returns the command of a RecordActivityRequest; raises InvalidArgument."""
    return activity_command(request, request.request_id, reason=request.reason)


def activity_command(
    request: Any, request_id: str, *, reason: str = ""
) -> RecordActivity:
    """Returns the command of a request with an activity; raises InvalidArgument."""
    activity: activity_pb2.Activity = request.activity
    return RecordActivity(
        member_id=request.member_id,
        request_id=request_id,
        activity_type=activity.type,
        reason=reason,
        money=activity.money,
        currency=activity.currency,
        quantity=activity.quantity or 1,
        channel=activity.channel,
        sub_program=activity.sub_program,
        partner=activity.partner,
        items=tuple(map(_item, activity.items)),
        attributes=dict(request.attributes),
        effective_time=instant(request, "occur_time"),
    )


def _item(message: activity_pb2.ActivityItem) -> Item:
    return Item(
        message.item_id,
        message.money,
        message.quantity or 1,
        message.category,
        dict(message.attributes),
    )
