"""Calls that undo what was recorded, or put it right by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from points.client.connection import Connection
from points.client.requests import DEFAULT_UNIT, given_or_new, to_timestamp
from points.v1 import reversal_pb2
from points.v1.ledger_service_pb2 import (
    AdjustDirection,
    AdjustRequest,
    AdjustResponse,
    ReverseRequest,
    ReverseResponse,
)


class ReverseOptions(TypedDict, total=False):
    """Holds what a reverse may say and need not. Times have a time zone.

    Attributes:
        points: Points to reverse; absent or zero means all that are not yet. Zero
            for an activity.
        item_ids: Items of an activity to return; all that is left unless told.
        shortfall_policy: What to do when the member has fewer points left than an
            earn added; refuses unless told.
        expired_policy: What to do with points whose lot has expired since they
            were burned; they go to breakage unless told.
        grace: How long points live that are reissued, above zero; goes with
            EXPIRED_POLICY_REISSUE alone, which needs it.
        operator: Who does it by hand, at most 128 characters.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    points: int
    item_ids: Sequence[str]
    shortfall_policy: reversal_pb2.ShortfallPolicy.ValueType
    expired_policy: reversal_pb2.ExpiredPolicy.ValueType
    grace: timedelta | None
    operator: str
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class AdjustOptions(TypedDict, total=False):
    """Holds what an adjust may say and need not. Times have a time zone.

    Attributes:
        unit: Unit of the points; `points` unless told.
        expire_time: First instant at which added points can no longer be burned;
            absent means never. Must lie ahead; refused when points are taken.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    unit: str
    expire_time: datetime | None
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class ReversalCalls(Connection):
    """Has the calls that undo transactions and adjust points."""

    def reverse(
        self,
        member_id: str,
        transaction_id: str,
        *,
        reason_code: reversal_pb2.ReasonCode.ValueType,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[ReverseOptions],
    ) -> ReverseResponse:
        """Undoes a transaction, wholly or in part; see `reverse_request`."""
        request = reverse_request(
            member_id,
            transaction_id,
            reason_code=reason_code,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.Reverse, request)

    def adjust(
        self,
        member_id: str,
        points: int,
        *,
        direction: AdjustDirection.ValueType,
        operator: str,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[AdjustOptions],
    ) -> AdjustResponse:
        """Adds or takes `points`, above zero, by hand; see `adjust_request`."""
        request = adjust_request(
            member_id,
            points,
            direction=direction,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.Adjust, request)


def reverse_request(
    member_id: str,
    transaction_id: str,
    *,
    reason_code: reversal_pb2.ReasonCode.ValueType,
    reason: str,
    request_id: str,
    **options: Unpack[ReverseOptions],
) -> ReverseRequest:
    """Returns the request that undoes a transaction.

    Args:
        member_id: Member of the transaction.
        transaction_id: Transaction to reverse: an earn, an activity, a burn or a
            capture.
        reason_code: CLAWBACK of an earn or activity, REFUND of a burn or capture,
            CORRECTION of any.
        reason: Why, 1 to 256 characters, such as `returned purchase`.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `ReverseOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    time = options.get("effective_time")
    request = ReverseRequest(
        member_id=member_id,
        transaction_id=transaction_id,
        points=options.get("points", 0),
        item_ids=options.get("item_ids", ()),
        request_id=request_id,
        reason=reason,
        reason_code=reason_code,
        shortfall_policy=options.get(
            "shortfall_policy", reversal_pb2.SHORTFALL_POLICY_UNSPECIFIED
        ),
        expired_policy=options.get(
            "expired_policy", reversal_pb2.EXPIRED_POLICY_UNSPECIFIED
        ),
        operator=options.get("operator", ""),
        effective_time=None if time is None else to_timestamp(time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )
    grace = options.get("grace")
    if grace is not None:
        request.grace.FromTimedelta(grace)
    return request


def adjust_request(
    member_id: str,
    points: int,
    *,
    direction: AdjustDirection.ValueType,
    operator: str,
    reason: str,
    request_id: str,
    **options: Unpack[AdjustOptions],
) -> AdjustRequest:
    """Returns the request that adds or takes `points`, above zero, by hand.

    Args:
        member_id: Member whose points are adjusted.
        points: Points to add or take, above zero.
        direction: Whether points are added, as a lot, or taken, from the lots that
            expire first.
        operator: Who does it, 1 to 128 characters.
        reason: Why, 1 to 256 characters, such as `goodwill`.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `AdjustOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    expire_time, time = options.get("expire_time"), options.get("effective_time")
    return AdjustRequest(
        member_id=member_id,
        unit=options.get("unit", DEFAULT_UNIT),
        points=points,
        request_id=request_id,
        reason=reason,
        direction=direction,
        operator=operator,
        expire_time=None if expire_time is None else to_timestamp(expire_time),
        effective_time=None if time is None else to_timestamp(time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )
