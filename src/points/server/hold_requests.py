"""Requests about holds to commands."""

from __future__ import annotations

from typing import Final

from points.domain.bounds import NEVER, TIME_MAX, UNSET
from points.domain.commands import DEFAULT_SINK, CaptureHold, PlaceHold, VoidHold
from points.domain.refusals import InvalidArgument
from points.domain.values import TimeoutAction
from points.server.instants import instant
from points.v1 import hold_pb2


_ACTIONS: Final = {
    hold_pb2.TIMEOUT_ACTION_UNSPECIFIED: TimeoutAction.VOID,
    hold_pb2.TIMEOUT_ACTION_VOID: TimeoutAction.VOID,
    hold_pb2.TIMEOUT_ACTION_CAPTURE: TimeoutAction.CAPTURE,
}


def place_hold_command(request: hold_pb2.PlaceHoldRequest) -> PlaceHold:
    """Returns the command of a PlaceHoldRequest; raises InvalidArgument."""
    return PlaceHold(
        member_id=request.member_id,
        request_id=request.request_id,
        unit=request.unit,
        points=request.points,
        reason=request.reason,
        sink=request.sink or DEFAULT_SINK,
        timeout=_timeout(request),
        lapse_time=instant(request, "lapse_time", absent=NEVER),
        on_timeout=_on_timeout(request),
        freeze_expiry=request.freeze_expiry,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def capture_hold_command(request: hold_pb2.CaptureHoldRequest) -> CaptureHold:
    """Returns the command of a CaptureHoldRequest; raises InvalidArgument."""
    return CaptureHold(
        member_id=request.member_id,
        request_id=request.request_id,
        hold_id=request.hold_id,
        points=request.points,
        reason=request.reason,
        sink=request.sink,
        void_rest=request.void_rest,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def void_hold_command(request: hold_pb2.VoidHoldRequest) -> VoidHold:
    """Returns the command of a VoidHoldRequest; raises InvalidArgument."""
    return VoidHold(
        member_id=request.member_id,
        request_id=request.request_id,
        hold_id=request.hold_id,
        reason=request.reason,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def _timeout(request: hold_pb2.PlaceHoldRequest) -> int:
    """Returns the timeout in microseconds, rounded down."""
    if not request.HasField("timeout"):
        return UNSET
    timeout = request.timeout.seconds * 1_000_000 + request.timeout.nanos // 1_000
    if not 0 < timeout <= TIME_MAX:
        raise InvalidArgument({"timeout": "must be at least a microsecond"})
    return timeout


def _on_timeout(request: hold_pb2.PlaceHoldRequest) -> TimeoutAction:
    if request.on_timeout not in _ACTIONS:
        raise InvalidArgument({"on_timeout": "is none that there is"})
    if request.on_timeout and request.WhichOneof("lapse") is None:
        raise InvalidArgument({"on_timeout": "needs a timeout or lapse_time"})
    return _ACTIONS[request.on_timeout]
