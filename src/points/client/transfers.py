"""Calls that move points from one member to another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from points.client.connection import Connection
from points.client.requests import DEFAULT_UNIT, given_or_new, to_timestamp
from points.v1.ledger_service_pb2 import TransferRequest, TransferResponse


class TransferOptions(TypedDict, total=False):
    """Holds what a transfer may say and need not. Times have a time zone.

    Attributes:
        unit: Unit of the points; `points` unless told.
        fee_points: Points that the giver pays besides, zero or above.
        fee_account: Name that the fee is booked to; empty means `transfer`.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    unit: str
    fee_points: int
    fee_account: str
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class TransferCalls(Connection):
    """Has the call that gives points to another member."""

    def transfer(
        self,
        member_id: str,
        to_member_id: str,
        points: int,
        *,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[TransferOptions],
    ) -> TransferResponse:
        """Gives `points`, above zero, to another member; see `transfer_request`."""
        request = transfer_request(
            member_id,
            to_member_id,
            points,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.Transfer, request)


def transfer_request(
    member_id: str,
    to_member_id: str,
    points: int,
    *,
    reason: str,
    request_id: str,
    **options: Unpack[TransferOptions],
) -> TransferRequest:
    """Returns the request that gives `points`, above zero, to another member.

    Args:
        member_id: Member who gives.
        to_member_id: Member who receives; not the same.
        points: Points that the receiver gets.
        reason: Why, 1 to 256 characters, such as `gift`.
        request_id: 1 to 128 characters, unique within the member who gives; the
            same for every repetition.
        **options: See `TransferOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    time = options.get("effective_time")
    return TransferRequest(
        member_id=member_id,
        to_member_id=to_member_id,
        unit=options.get("unit", DEFAULT_UNIT),
        points=points,
        request_id=request_id,
        reason=reason,
        fee_points=options.get("fee_points", 0),
        fee_account=options.get("fee_account", ""),
        effective_time=None if time is None else to_timestamp(time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )
