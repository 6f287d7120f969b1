"""Protobuf to commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from google.protobuf.field_mask_pb2 import FieldMask

from points.domain.bounds import NEVER
from points.domain.checks import keys_problem
from points.domain.commands import (
    DEFAULT_SINK,
    Burn,
    Command,
    CreateMember,
    Earn,
    FreezeMember,
    SetPool,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.refusals import InvalidArgument
from points.server.activities import record_activity_command
from points.server.claims import claim_command
from points.server.hold_requests import (
    capture_hold_command,
    place_hold_command,
    void_hold_command,
)
from points.server.instants import instant, period
from points.server.limits import set_limits_command
from points.server.lots import activate_lot, cancel_lot, extend_lot
from points.server.merge import erase_member_command, merge_members_command
from points.server.reversal_requests import adjust_command, reverse_command
from points.server.tiers import set_standing_command
from points.server.transfer import transfer_command
from points.v1 import ledger_service_pb2 as ledger
from points.v1 import member_service_pb2 as members


_MASK_PREFIX: Final = "attributes."


def earn(request: ledger.EarnRequest) -> Earn:
    """Returns the command of an EarnRequest."""
    return Earn(
        member_id=request.member_id,
        request_id=request.request_id,
        unit=request.unit,
        points=request.points,
        reason=request.reason,
        expire_time=instant(request, "expire_time", absent=NEVER),
        activate_time=instant(request, "activate_time"),
        waits_for=_event(request),
        cancel_time=instant(
            request.pending, "cancel_time", absent=NEVER, within="pending."
        ),
        expire_after=period(request, "expire_after"),
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def burn(request: ledger.BurnRequest) -> Burn:
    """Returns the command of a BurnRequest."""
    return Burn(
        member_id=request.member_id,
        request_id=request.request_id,
        unit=request.unit,
        points=request.points,
        reason=request.reason,
        sink=request.sink or DEFAULT_SINK,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def create_member(request: members.CreateMemberRequest) -> CreateMember:
    """Returns the command of a CreateMemberRequest."""
    return CreateMember(
        member_id=request.member_id,
        request_id=request.request_id,
        attributes=dict(request.attributes),
    )


def update_member(request: members.UpdateMemberRequest) -> UpdateMember:
    """Returns the command of an UpdateMemberRequest; raises InvalidArgument."""
    mask = request.update_mask if request.HasField("update_mask") else None
    return UpdateMember(
        member_id=request.member_id,
        request_id=request.request_id,
        attributes=dict(request.attributes),
        keys=_keys(mask),
        etag=request.etag,
    )


def set_pool(request: members.SetPoolRequest) -> SetPool:
    """Returns the command of a SetPoolRequest."""
    return SetPool(
        member_id=request.member_id,
        request_id=request.request_id,
        pool=request.pool,
        pools_into=request.pools_into,
    )


def freeze_member(request: members.FreezeMemberRequest) -> FreezeMember:
    """Returns the command of a FreezeMemberRequest."""
    return FreezeMember(
        member_id=request.member_id,
        request_id=request.request_id,
        reason=request.reason,
    )


def unfreeze_member(request: members.UnfreezeMemberRequest) -> UnfreezeMember:
    """Returns the command of an UnfreezeMemberRequest."""
    return UnfreezeMember(
        member_id=request.member_id,
        request_id=request.request_id,
        reason=request.reason,
    )


def batch_command(command: ledger.BatchCommand) -> Command:
    """Returns the command of one item of a batch; raises InvalidArgument."""
    name = command.WhichOneof("command")
    if name is None:
        raise InvalidArgument({"command": "is required"})
    request = getattr(command, name)
    if request.validate_only:
        raise InvalidArgument({"validate_only": "must not be set inside a batch"})
    return _BATCH[name](request)


def _event(request: ledger.EarnRequest) -> str:
    """Returns what the lot waits for, empty if for nothing."""
    event = request.pending.on_event
    if request.HasField("pending") and not event:
        raise InvalidArgument({"pending.on_event": "is required"})
    return event


def _keys(mask: FieldMask | None) -> tuple[str, ...] | None:
    if mask is None or list(mask.paths) == ["attributes"]:
        return None
    keys = tuple(path.removeprefix(_MASK_PREFIX) for path in mask.paths)
    named = [path.startswith(_MASK_PREFIX) for path in mask.paths]
    if not (keys and all(keys) and all(named)):
        what = "takes attributes alone, or attributes.<key>"
        raise InvalidArgument({"update_mask": what})
    problem = keys_problem(keys)
    if problem:
        raise InvalidArgument({"update_mask": problem})
    return keys


_BATCH: Final[dict[str, Callable[[Any], Command]]] = {
    "earn": earn,
    "burn": burn,
    "transfer": transfer_command,
    "set_limits": set_limits_command,
    "update_member": update_member,
    "freeze_member": freeze_member,
    "unfreeze_member": unfreeze_member,
    "merge_members": merge_members_command,
    "erase_member": erase_member_command,
    "create_member": create_member,
    "activate_lot": activate_lot,
    "cancel_lot": cancel_lot,
    "extend_lot": extend_lot,
    "place_hold": place_hold_command,
    "capture_hold": capture_hold_command,
    "void_hold": void_hold_command,
    "reverse": reverse_command,
    "adjust": adjust_command,
    "set_pool": set_pool,
    "record_activity": record_activity_command,
    "claim": claim_command,
    "set_standing": set_standing_command,
}
