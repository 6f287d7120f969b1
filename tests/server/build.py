"""Good requests, to be changed where a test wants them otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from points.client import batch_command, new_request_id
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1 import member_service_pb2 as members
from points.v1.activity_pb2 import Activity
from points.v1.activity_service_pb2 import RecordActivityRequest
from points.v1.hold_pb2 import CaptureHoldRequest, PlaceHoldRequest, VoidHoldRequest
from points.v1.limits_pb2 import SetLimitsRequest
from points.v1.lot_pb2 import Pending
from points.v1.reversal_pb2 import REASON_CODE_CORRECTION
from points.v1.tier_service_pb2 import SetStandingRequest


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


def record_activity(member_id: str, /, **changes: Any) -> RecordActivityRequest:
    """Returns an activity."""
    request = RecordActivityRequest(
        member_id=member_id,
        activity=Activity(type="purchase", quantity=2),
        request_id=new_request_id(),
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


def capture_hold(member_id: str, /, **changes: Any) -> CaptureHoldRequest:
    """Returns the capture of all of a hold."""
    request = CaptureHoldRequest(
        member_id=member_id, hold_id="h0-1", request_id=new_request_id()
    )
    return changed(request, **changes)


def void_hold(member_id: str, /, **changes: Any) -> VoidHoldRequest:
    """Returns the end of a hold."""
    request = VoidHoldRequest(
        member_id=member_id, hold_id="h0-1", request_id=new_request_id()
    )
    return changed(request, **changes)


def transfer(
    member_id: str, /, points: int = 10, **changes: Any
) -> ledger.TransferRequest:
    """Returns a gift to another member."""
    request = ledger.TransferRequest(
        member_id=member_id,
        to_member_id=friend_of(member_id),
        unit="points",
        points=points,
        request_id=new_request_id(),
        reason="gift",
    )
    return changed(request, **changes)


def reverse(member_id: str, /, **changes: Any) -> ledger.ReverseRequest:
    """Returns a correction of all of a transaction."""
    request = ledger.ReverseRequest(
        member_id=member_id,
        transaction_id="t0-1",
        request_id=new_request_id(),
        reason="a mistake",
        reason_code=REASON_CODE_CORRECTION,
    )
    return changed(request, **changes)


def adjust(member_id: str, /, points: int = 10, **changes: Any) -> ledger.AdjustRequest:
    """Returns points that an operator adds."""
    request = ledger.AdjustRequest(
        member_id=member_id,
        unit="points",
        points=points,
        direction=ledger.ADJUST_DIRECTION_CREDIT,
        request_id=new_request_id(),
        operator="grace",
        reason="goodwill",
    )
    return changed(request, **changes)


def activate_lot(member_id: str, /, **changes: Any) -> ledger.ActivateLotRequest:
    """Returns the activation of a lot."""
    request = ledger.ActivateLotRequest(
        member_id=member_id, lot_id="l0-1", request_id=new_request_id()
    )
    return changed(request, **changes)


def cancel_lot(member_id: str, /, **changes: Any) -> ledger.CancelLotRequest:
    """Returns the cancellation of a lot."""
    request = ledger.CancelLotRequest(
        member_id=member_id,
        lot_id="l0-1",
        request_id=new_request_id(),
        reason="returned",
    )
    return changed(request, **changes)


def extend_lot(member_id: str, /, **changes: Any) -> ledger.ExtendLotRequest:
    """Returns the extension of a lot into the far future."""
    request = ledger.ExtendLotRequest(
        member_id=member_id,
        lot_id="l0-1",
        expire_time=Timestamp(seconds=8_000_000_000),
        request_id=new_request_id(),
        operator="grace",
        reason="goodwill",
    )
    return changed(request, **changes)


def set_limits(member_id: str, /, **changes: Any) -> SetLimitsRequest:
    """Returns limits that bind little."""
    request = SetLimitsRequest(
        member_id=member_id,
        unit="points",
        ceiling=10_000,
        request_id=new_request_id(),
        operator="grace",
        reason="looks odd",
    )
    return changed(request, **changes)


def set_standing(member_id: str, /, **changes: Any) -> SetStandingRequest:
    """Returns a floor for a friend of the house."""
    request = SetStandingRequest(
        member_id=member_id,
        ladder="status",
        tier="gold",
        request_id=new_request_id(),
        operator="grace",
        reason="a friend of the house",
    )
    return changed(request, **changes)


def merge_members(member_id: str, /, **changes: Any) -> members.MergeMembersRequest:
    """Returns a merge into another member."""
    request = members.MergeMembersRequest(
        member_id=member_id,
        into_member_id=friend_of(member_id),
        request_id=new_request_id(),
        operator="grace",
        reason="duplicate",
    )
    return changed(request, **changes)


def erase_member(member_id: str, /, **changes: Any) -> members.EraseMemberRequest:
    """Returns an erasure."""
    request = members.EraseMemberRequest(
        member_id=member_id,
        request_id=new_request_id(),
        operator="grace",
        reason="asked for",
    )
    return changed(request, **changes)


def friend_of(member_id: str) -> str:
    """Returns the id of the other member of a transfer or merge."""
    return f"{member_id[:100]}'s friend"


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


def _nothing(_stubs: Connection, _member: str) -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Write:
    """Is one kind of write: its method, and a good request for a member.

    `prepare` brings an active member who has 100 points to where the request is
    accepted, and returns the fields that only then are known.
    """

    method: Callable[[Connection], Any]
    request: Callable[..., Any]
    prepare: Callable[[Connection, str], dict[str, str]] = _nothing

    def prepared(self, stubs: Connection, member_id: str) -> Write:
        """Returns the write with requests that are accepted for this member."""
        fields = self.prepare(stubs, member_id)
        return replace(self, request=partial(self.request, **fields))


def _frozen(stubs: Connection, member_id: str) -> dict[str, str]:
    stubs.members.FreezeMember(freeze_member(member_id))
    return {}


def _with_a_friend(stubs: Connection, member_id: str) -> dict[str, str]:
    stubs.members.CreateMember(create_member(friend_of(member_id)))
    return {}


def _with_a_hold(stubs: Connection, member_id: str) -> dict[str, str]:
    placed = stubs.ledger.PlaceHold(place_hold(member_id)).transaction
    return {"hold_id": placed.hold_id}


def _with_a_burn(stubs: Connection, member_id: str) -> dict[str, str]:
    burned = stubs.ledger.Burn(burn(member_id)).transaction
    return {"transaction_id": burned.transaction_id}


def _with_a_lot_that_waits(stubs: Connection, member_id: str) -> dict[str, str]:
    earned = stubs.ledger.Earn(earn(member_id, pending=Pending(on_event="delivery")))
    return {"lot_id": earned.transaction.lots[0].lot_id}


def _with_a_lot_that_ends(stubs: Connection, member_id: str) -> dict[str, str]:
    end = Timestamp(seconds=7_000_000_000)
    earned = stubs.ledger.Earn(earn(member_id, expire_time=end))
    return {"lot_id": earned.transaction.lots[0].lot_id}


def _record_activity(stubs: Connection) -> Any:
    return stubs.activities.RecordActivity


def _of_ledger(name: str) -> Callable[[Connection], Any]:
    return lambda stubs: getattr(stubs.ledger, name)


def _of_members(name: str) -> Callable[[Connection], Any]:
    return lambda stubs: getattr(stubs.members, name)


_MEMBER_WRITES: Final[dict[str, tuple[Any, ...]]] = {
    "CreateMember": (create_member,),
    "UpdateMember": (update_member,),
    "FreezeMember": (freeze_member,),
    "UnfreezeMember": (unfreeze_member, _frozen),
    "MergeMembers": (merge_members, _with_a_friend),
    "EraseMember": (erase_member,),
}
_LEDGER_WRITES: Final[dict[str, tuple[Any, ...]]] = {
    "Earn": (earn,),
    "Burn": (burn,),
    "Transfer": (transfer, _with_a_friend),
    "PlaceHold": (place_hold,),
    "CaptureHold": (capture_hold, _with_a_hold),
    "VoidHold": (void_hold, _with_a_hold),
    "Reverse": (reverse, _with_a_burn),
    "Adjust": (adjust,),
    "ActivateLot": (activate_lot, _with_a_lot_that_waits),
    "CancelLot": (cancel_lot, _with_a_lot_that_waits),
    "ExtendLot": (extend_lot, _with_a_lot_that_ends),
    "SetLimits": (set_limits,),
}


def _of_tiers(name: str) -> Callable[[Connection], Any]:
    return lambda stubs: getattr(stubs.tiers, name)


WRITES: Final = {
    name: Write(_of_members(name), *how) for name, how in _MEMBER_WRITES.items()
} | {name: Write(_of_ledger(name), *how) for name, how in _LEDGER_WRITES.items()}
WRITES["RecordActivity"] = Write(_record_activity, record_activity)
WRITES["SetStanding"] = Write(_of_tiers("SetStanding"), set_standing)
"""Every write of a single member, by the name of its call."""

MOVES: Final = ("Earn", "Burn", "Transfer", "Adjust")
"""Writes that move the points they name, of any number."""
