"""Requests of reverse and adjust to commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, TypeVar

from points.domain.bounds import NEVER, UNSET
from points.domain.commands import (
    Adjust,
    AdjustDirection,
    ExpiredPolicy,
    Reverse,
    ShortfallPolicy,
)
from points.domain.refusals import InvalidArgument
from points.domain.values import ReasonCode
from points.server.instants import instant
from points.v1 import ledger_service_pb2 as pb
from points.v1 import reversal_pb2


Choice = TypeVar("Choice", bound=StrEnum)

_NANOS: Final = 1_000_000_000


def reverse_command(request: pb.ReverseRequest) -> Reverse:
    """Returns the command of a ReverseRequest; raises InvalidArgument."""
    return Reverse(
        member_id=request.member_id,
        request_id=request.request_id,
        transaction_id=request.transaction_id,
        points=request.points,
        item_ids=tuple(request.item_ids),
        reason=request.reason,
        reason_code=_choice(
            request, "reason_code", reversal_pb2.ReasonCode, ReasonCode
        ),
        shortfall_policy=_choice(
            request, "shortfall_policy", reversal_pb2.ShortfallPolicy, ShortfallPolicy
        )
        or ShortfallPolicy.STOP,
        expired_policy=_choice(
            request, "expired_policy", reversal_pb2.ExpiredPolicy, ExpiredPolicy
        )
        or ExpiredPolicy.VOID,
        grace=_grace(request),
        operator=request.operator,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def adjust_command(request: pb.AdjustRequest) -> Adjust:
    """Returns the command of an AdjustRequest; raises InvalidArgument."""
    return Adjust(
        member_id=request.member_id,
        request_id=request.request_id,
        unit=request.unit,
        points=request.points,
        reason=request.reason,
        direction=_choice(request, "direction", pb.AdjustDirection, AdjustDirection),
        operator=request.operator,
        expire_time=instant(request, "expire_time", absent=NEVER),
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def _choice(
    request: Any, field: str, numbers: Any, choices: type[Choice]
) -> Choice | None:
    """Returns what was chosen, None if nothing was; raises InvalidArgument."""
    number = getattr(request, field)
    if number not in numbers.values():
        kind = numbers.DESCRIPTOR.name
        raise InvalidArgument({field: f"must be a {kind}, not {number}"})
    if not number:
        return None
    # Each name begins with that of the enum, which that of its zero tells.
    prefix = numbers.Name(0).removesuffix("UNSPECIFIED")
    return choices[numbers.Name(number).removeprefix(prefix)]


def _grace(request: pb.ReverseRequest) -> int:
    """Returns how long reissued points live; raises InvalidArgument."""
    if not request.HasField("grace"):
        return UNSET
    seconds, nanos = request.grace.seconds, request.grace.nanos
    microseconds: int = seconds * 1_000_000 + nanos // 1_000
    if seconds < 0 or not 0 <= nanos < _NANOS or not microseconds:
        raise InvalidArgument({"grace": "must be at least a microsecond"})
    return microseconds
