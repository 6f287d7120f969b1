"""Calls that report facts, for the program's rules to value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from points.client.connection import Connection
from points.client.requests import given_or_new, to_timestamp
from points.v1.activity_pb2 import Activity, ActivityItem
from points.v1.activity_service_pb2 import (
    RecordActivityRequest,
    RecordActivityResponse,
    SimulateActivityRequest,
)
from points.v1.transaction_pb2 import Transaction


class ActivityCalls(Connection):
    """Has the calls of the activity service."""

    def record_activity(
        self,
        member_id: str,
        type: str,  # noqa: A002 - the field's name
        *,
        money: int = 0,
        currency: str = "",
        quantity: int = 1,
        channel: str = "",
        sub_program: str = "",
        partner: str = "",
        items: Iterable[ActivityItem] = (),
        attributes: Mapping[str, str] | None = None,
        occur_time: datetime | None = None,
        reason: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> RecordActivityResponse:
        """Records a fact and everything it earns.

        Args:
            member_id: Member who did it.
            type: What happened, such as `purchase`.
            money: Minor units of `currency`.
            currency: ISO 4217 code; empty means the program's.
            quantity: Pieces, at least 1.
            channel: Where it happened.
            sub_program: Sub-program it belongs to.
            partner: Partner where it happened.
            items: Lines of it.
            attributes: Facts that rules may ask for.
            occur_time: When it happened; absent means now.
            reason: Why; empty means the type.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = RecordActivityRequest(
            member_id=member_id,
            request_id=given_or_new(request_id),
            activity=Activity(
                type=type,
                money=money,
                currency=currency,
                quantity=quantity,
                channel=channel,
                sub_program=sub_program,
                partner=partner,
                items=items,
            ),
            occur_time=None if occur_time is None else to_timestamp(occur_time),
            attributes=attributes,
            reason=reason,
            validate_only=validate_only,
        )
        return self._call(self.activities.RecordActivity, request)

    def simulate_activity(
        self,
        member_id: str,
        activity: Activity,
        *,
        attributes: Mapping[str, str] | None = None,
        occur_time: datetime | None = None,
    ) -> Transaction:
        """Returns what a fact would earn now; changes nothing.

        Args:
            member_id: Member who would do it.
            activity: What would happen, and with what.
            attributes: Facts that rules may ask for.
            occur_time: When it would happen; absent means now.
        """
        request = SimulateActivityRequest(
            member_id=member_id,
            activity=activity,
            attributes=attributes,
            occur_time=None if occur_time is None else to_timestamp(occur_time),
        )
        return self._call(self.activities.SimulateActivity, request).transaction
