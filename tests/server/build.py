"""Good requests, to be changed where a test wants them otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from points.client import batch_command, new_request_id
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1 import member_service_pb2 as members
from points.v1.hold_pb2 import PlaceHoldRequest


Request = TypeVar("Request", bound=Message)


def earn(member_id: str, /, points: int = 10, **changes: Any) -> ledger.EarnRequest:
    """Returns an earn."""
    request = ledger.EarnRequest(
        member_id=member_id,
        unit="points",
        points=points,
        request_id=new_request_id(),
        reason="purchase",
    )
    return changed(request, **changes)


def burn(member_id: str, /, points: int = 10, **changes: Any) -> ledger.BurnRequest:
    """Returns a burn."""
    request = ledger.BurnRequest(
        member_id=member_id,
        unit="points",
        points=points,
        request_id=new_request_id(),
        reason="reward",
    )
    return changed(request, **changes)


def place_hold(member_id: str, /, points: int = 40, **changes: Any) -> PlaceHoldRequest:
    """Returns the placing of a hold."""
    request = PlaceHoldRequest(
        member_id=member_id,
        unit="points",
        points=points,
        request_id=new_request_id(),
        reason="bid",
    )
    return changed(request, **changes)


def create_member(member_id: str, /, **changes: Any) -> members.CreateMemberRequest:
    """Returns the creation of a member."""
    request = members.CreateMemberRequest(
        member_id=member_id, request_id=new_request_id()
    )
    return changed(request, **changes)


def update_member(member_id: str, /, **changes: Any) -> members.UpdateMemberRequest:
    """Returns a change of a member."""
    request = members.UpdateMemberRequest(
        member_id=member_id, request_id=new_request_id(), attributes={"city": "Bern"}
    )
    return changed(request, **changes)


def freeze_member(member_id: str, /, **changes: Any) -> members.FreezeMemberRequest:
    """Returns the freeze of a member."""
    request = members.FreezeMemberRequest(
        member_id=member_id, request_id=new_request_id()
    )
    return changed(request, **changes)


def unfreeze_member(member_id: str, /, **changes: Any) -> members.UnfreezeMemberRequest:
    """Returns the end of a freeze."""
    request = members.UnfreezeMemberRequest(
        member_id=member_id, request_id=new_request_id()
    )
    return changed(request, **changes)


def batch(
    *commands: Any, atomic: bool = False, request_id: str = ""
) -> ledger.BatchWriteRequest:
    """Returns a batch of these requests."""
    return ledger.BatchWriteRequest(
        commands=[batch_command(command) for command in commands],
        mode=ledger.BATCH_MODE_ATOMIC if atomic else ledger.BATCH_MODE_INDEPENDENT,
        request_id=request_id,
    )


def changed(request: Request, **changes: Any) -> Request:
    """Returns the request with these fields replaced; None clears a field."""
    for name, value in changes.items():
        request.ClearField(name)
        if value is not None:
            request.MergeFrom(type(request)(**{name: value}))
    return request


@dataclass(frozen=True, slots=True)
class Write:
    """Is one kind of write: its method, and a good request for a member.

    `prepare` brings an active member who has 100 points to where the request is
    accepted.
    """

    method: Callable[[Connection], Any]
    request: Callable[..., Any]
    prepare: Callable[[Connection, str], object] = lambda _stubs, _member: None


WRITES: Final = {
    "CreateMember": Write(lambda stubs: stubs.members.CreateMember, create_member),
    "UpdateMember": Write(lambda stubs: stubs.members.UpdateMember, update_member),
    "FreezeMember": Write(lambda stubs: stubs.members.FreezeMember, freeze_member),
    "UnfreezeMember": Write(
        lambda stubs: stubs.members.UnfreezeMember,
        unfreeze_member,
        lambda stubs, member: stubs.members.FreezeMember(freeze_member(member)),
    ),
    "Earn": Write(lambda stubs: stubs.ledger.Earn, earn),
    "Burn": Write(lambda stubs: stubs.ledger.Burn, burn),
    "PlaceHold": Write(lambda stubs: stubs.ledger.PlaceHold, place_hold),
}
"""Every write of a single member, by the name of its call."""
