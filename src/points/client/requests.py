"""Builds requests; pure, so the same arguments always give the same request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from points.v1.ledger_service_pb2 import (
    BatchCommand,
    BurnRequest,
    EarnRequest,
)
from points.v1.lot_pb2 import Pending
from points.v1.member_service_pb2 import CreateMemberRequest
from points.v1.period_pb2 import Period


DEFAULT_UNIT = "points"

_BATCH_FIELDS = {
    field.message_type.full_name: field.name
    for field in BatchCommand.DESCRIPTOR.oneofs_by_name["command"].fields
    if field.message_type is not None
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_COMMANDS = {
    field.message_type.full_name: field.name
    for field in BatchCommand.DESCRIPTOR.fields
    if field.message_type is not None
}


class NaiveTimeError(ValueError):
    """Says that a time has no time zone, so it names no instant."""

    def __init__(self, time: datetime) -> None:
        """Keeps the `time` that was refused."""
        self.time = time
        super().__init__(f"{time.isoformat()} has no time zone: give it a tzinfo")


class EarnOptions(TypedDict, total=False):
    """Holds what an earn may say and need not. Times have a time zone.

    Attributes:
        unit: Unit of the points; `points` unless told.
        expire_time: First instant at which the points can no longer be burned;
            absent means never. Must lie ahead, and after `activate_time`.
        activate_time: When the points become usable; absent means at once.
        on_event: What the points wait for until `activate_lot`, 1 to 64
            characters, such as `delivery`; instead of `activate_time`.
        cancel_time: When they have waited in vain; absent means never.
        expire_after: How long the points live once they are usable; instead of
            `expire_time`.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    unit: str
    expire_time: datetime | None
    activate_time: datetime | None
    on_event: str
    cancel_time: datetime | None
    expire_after: Period | None
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


class BurnOptions(TypedDict, total=False):
    """Holds what a burn may say and need not. Times have a time zone.

    Attributes:
        unit: Unit of the points; `points` unless told.
        sink: Named sink that the points go to; empty means `redemption`.
        effective_time: When the fact happened; absent means now. Must not lie
            ahead.
        metadata: Caller's own facts: at most 50, keys of 1 to 64 characters,
            values of at most 500.
        validate_only: Does every check and changes nothing.
    """

    unit: str
    sink: str
    effective_time: datetime | None
    metadata: Mapping[str, str]
    validate_only: bool


def earn_request(
    member_id: str,
    points: int,
    *,
    reason: str,
    request_id: str,
    **options: Unpack[EarnOptions],
) -> EarnRequest:
    """Returns the request that adds `points`, above zero, to a member.

    Args:
        member_id: Member who earns.
        points: Points to add, above zero.
        reason: Why, 1 to 256 characters, such as `purchase`.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `EarnOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    return EarnRequest(
        member_id=member_id,
        unit=options.get("unit", DEFAULT_UNIT),
        points=points,
        request_id=request_id,
        reason=reason,
        expire_time=optional_timestamp(options.get("expire_time")),
        activate_time=optional_timestamp(options.get("activate_time")),
        pending=_pending(options),
        expire_after=options.get("expire_after"),
        effective_time=optional_timestamp(options.get("effective_time")),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )


def _pending(options: EarnOptions) -> Pending | None:
    if "on_event" not in options:
        return None
    cancel_time = optional_timestamp(options.get("cancel_time"))
    return Pending(on_event=options["on_event"], cancel_time=cancel_time)


def burn_request(
    member_id: str,
    points: int,
    *,
    reason: str,
    request_id: str,
    **options: Unpack[BurnOptions],
) -> BurnRequest:
    """Returns the request that takes `points`, above zero, from a member.

    Args:
        member_id: Member who burns.
        points: Points to take, above zero.
        reason: Why, 1 to 256 characters, such as `reward`.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        **options: See `BurnOptions`.

    Raises:
        NaiveTimeError: A time has no time zone.
    """
    return BurnRequest(
        member_id=member_id,
        unit=options.get("unit", DEFAULT_UNIT),
        points=points,
        request_id=request_id,
        reason=reason,
        sink=options.get("sink", ""),
        effective_time=optional_timestamp(options.get("effective_time")),
        metadata=options.get("metadata"),
        validate_only=options.get("validate_only", False),
    )


def create_member_request(
    member_id: str,
    *,
    request_id: str,
    attributes: Mapping[str, str] | None = None,
    validate_only: bool = False,
) -> CreateMemberRequest:
    """Returns the request that creates a member.

    Args:
        member_id: Id of the new member, 1 to 128 characters without control
            characters.
        request_id: 1 to 128 characters, unique within the member; the same for
            every repetition.
        attributes: Facts about the member: at most 50, keys of 1 to 64
            characters, values of at most 500.
        validate_only: Does every check and changes nothing.
    """
    return CreateMemberRequest(
        member_id=member_id,
        attributes=attributes,
        request_id=request_id,
        validate_only=validate_only,
    )


def batch_command(request: Message) -> BatchCommand:
    """Returns the request of a write as one command of a batch.

    Raises:
        KeyError: Batches have no commands of this kind.
    """
    command = BatchCommand()
    part = getattr(command, _COMMANDS[request.DESCRIPTOR.full_name])
    # Without it an empty request would be no command at all.
    part.SetInParent()
    part.CopyFrom(request)
    return command


def new_request_id() -> str:
    """Returns a request id that nobody has used: a random UUID."""
    return str(uuid.uuid4())


def given_or_new(request_id: str | None) -> str:
    """Returns the request id that was given, or a new one: an empty one is given."""
    return new_request_id() if request_id is None else request_id


def to_timestamp(time: datetime) -> Timestamp:
    """Returns the instant, exact to the microsecond.

    Raises:
        NaiveTimeError: The time has no time zone.
    """
    if time.utcoffset() is None:
        raise NaiveTimeError(time)
    seconds, rest = divmod(time - _EPOCH, _SECOND)
    return Timestamp(seconds=seconds, nanos=rest.microseconds * 1000)


def optional_timestamp(time: datetime | None) -> Timestamp | None:
    """Returns the instant, or None without one.

    Raises:
        NaiveTimeError: The time has no time zone.
    """
    return None if time is None else to_timestamp(time)
