"""Calls that reserve points for a burn, and the requests of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from google.protobuf.duration_pb2 import Duration

from points.client.connection import Connection
from points.client.requests import DEFAULT_UNIT, given_or_new, to_timestamp
from points.v1.consistency_pb2 import Consistency
from points.v1.hold_pb2 import (
    TIMEOUT_ACTION_UNSPECIFIED,
    CaptureHoldRequest,
    CaptureHoldResponse,
    GetHoldRequest,
    GetHoldResponse,
    Hold,
    ListHoldsRequest,
    PlaceHoldRequest,
    PlaceHoldResponse,
    TimeoutAction,
    VoidHoldRequest,
    VoidHoldResponse,
)


class HoldOptions(TypedDict, total=False):
    """Holds what the placing of a hold may say and need not. Times have a time zone.

    Attributes:
        unit: Unit of the points; `points` unless told.
        sink: Named sink that captures burn to; empty means `redemption`.
        timeout: How long after it was recorded the hold lapses, above zero; absent
            means never.
        lapse_time: First instant at which the hold is no longer open, instead of
            `timeout`. Must lie ahead.
        on_timeout: What the lapse does with the open points; VOID unless told.
        freeze_expiry: Whether the points do not expire while they are held.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    unit: str
    sink: str
    timeout: timedelta | None
    lapse_time: datetime | None
    on_timeout: TimeoutAction.ValueType
    freeze_expiry: bool
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class VoidOptions(TypedDict, total=False):
    """Holds what the end of a hold may say and need not. Times have a time zone.

    Attributes:
        reason: Why, at most 256 characters; empty means the reason of the hold.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    reason: str
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class CaptureOptions(VoidOptions, total=False):
    """Holds what a capture may say and need not. Times have a time zone.

    Attributes:
        points: Points to capture; zero means all that can be.
        sink: Named sink that the points go to; empty means the sink of the hold.
        void_rest: Gives back what is left open.
    """

    points: int
    sink: str
    void_rest: bool


class HoldCalls(Connection):
    """Has the calls about holds."""

    def place_hold(
        self,
        member_id: str,
        points: int,
        *,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[HoldOptions],
    ) -> PlaceHoldResponse:
        """Reserves `points`, above zero, of a member; see `place_hold_request`."""
        request = place_hold_request(
            member_id,
            points,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.PlaceHold, request)

    def capture_hold(
        self,
        member_id: str,
        hold_id: str,
        *,
        request_id: str | None = None,
        **options: Unpack[CaptureOptions],
    ) -> CaptureHoldResponse:
        """Burns points of an open hold, all unless told; see `CaptureOptions`."""
        request = capture_hold_request(
            member_id,
            hold_id,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.CaptureHold, request)

    def void_hold(
        self,
        member_id: str,
        hold_id: str,
        *,
        request_id: str | None = None,
        **options: Unpack[VoidOptions],
    ) -> VoidHoldResponse:
        """Gives all open points of a hold back; see `VoidOptions`."""
        request = void_hold_request(
            member_id,
            hold_id,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.VoidHold, request)

    def get_hold(
        self, hold_id: str, *, consistency: Consistency | None = None
    ) -> GetHoldResponse:
        """Returns one hold."""
        request = GetHoldRequest(hold_id=hold_id, consistency=consistency)
        return self._call(self.ledger.GetHold, request)

    def list_holds(
        self,
        member_id: str,
        *,
        unit: str = "",
        states: Iterable[Hold.State.ValueType] = (),
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Hold]:
        """Yields the holds of a member, the latest placed first.

        Args:
            member_id: Member to read.
            unit: Unit to read; empty means all.
            states: States to list; empty means OPEN only.
            page_size: Holds asked for at once: 50 if zero, at most 1000.
            consistency: How fresh the answer must be.
        """
        request = ListHoldsRequest(
            member_id=member_id,
            unit=unit,
            states=states,
            page_size=page_size,
            consistency=consistency,
        )
        for page in self._pages(self.ledger.ListHolds, request):
            yield from page.holds


def place_hold_request(
    member_id: str,
    points: int,
    *,
    reason: str,
    request_id: str,
    **options: Unpack[HoldOptions],
) -> PlaceHoldRequest:
    """Returns the request that reserves `points`, above zero, of a member.

    Args:
        member_id: Member whose points are held.
        points: Points to hold, above zero.
        reason: Why, 1 to 256 characters, such as `bid`.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `HoldOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
        ValueError: There is both a `timeout` and a `lapse_time`.
    """
    timeout, lapse = options.get("timeout"), options.get("lapse_time")
    if timeout is not None and lapse is not None:
        message = "a hold has a timeout or a lapse_time, not both"
        raise ValueError(message)
    effective_time = options.get("effective_time")
    return PlaceHoldRequest(
        member_id=member_id,
        unit=options.get("unit", DEFAULT_UNIT),
        points=points,
        request_id=request_id,
        reason=reason,
        sink=options.get("sink", ""),
        timeout=None if timeout is None else _to_duration(timeout),
        lapse_time=None if lapse is None else to_timestamp(lapse),
        on_timeout=options.get("on_timeout", TIMEOUT_ACTION_UNSPECIFIED),
        freeze_expiry=options.get("freeze_expiry", False),
        effective_time=None if effective_time is None else to_timestamp(effective_time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )


def capture_hold_request(
    member_id: str,
    hold_id: str,
    *,
    request_id: str,
    **options: Unpack[CaptureOptions],
) -> CaptureHoldRequest:
    """Returns the request that burns points of an open hold.

    Args:
        member_id: Member whose points are held.
        hold_id: Hold to capture.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `CaptureOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    effective_time = options.get("effective_time")
    return CaptureHoldRequest(
        member_id=member_id,
        hold_id=hold_id,
        points=options.get("points", 0),
        request_id=request_id,
        reason=options.get("reason", ""),
        sink=options.get("sink", ""),
        void_rest=options.get("void_rest", False),
        effective_time=None if effective_time is None else to_timestamp(effective_time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )


def void_hold_request(
    member_id: str,
    hold_id: str,
    *,
    request_id: str,
    **options: Unpack[VoidOptions],
) -> VoidHoldRequest:
    """Returns the request that gives all open points of a hold back.

    Args:
        member_id: Member whose points are held.
        hold_id: Hold to void.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `VoidOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    effective_time = options.get("effective_time")
    return VoidHoldRequest(
        member_id=member_id,
        hold_id=hold_id,
        request_id=request_id,
        reason=options.get("reason", ""),
        effective_time=None if effective_time is None else to_timestamp(effective_time),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )


def _to_duration(span: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(span)
    return duration
