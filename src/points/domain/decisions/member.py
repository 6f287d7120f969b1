"""Members: created, changed, frozen and unfrozen."""

from __future__ import annotations

from collections.abc import Mapping

from points.domain.checks import pairs_problem
from points.domain.commands import (
    CreateMember,
    FreezeMember,
    SetPool,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.decisions.common import check_active, existing_member
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.refusals import (
    EtagMismatch,
    InvalidArgument,
    MemberExists,
    MemberFrozen,
    MemberNotFrozen,
    PoolUnknown,
    SameMember,
)
from points.domain.state import Decision, Stamp, State
from points.domain.values import Member, MemberState


def decide_create_member(
    command: CreateMember, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the new member; raises MemberExists."""
    if state.member(stamp.part, command.member_id) is not None:
        raise MemberExists(command.member_id)
    member = Member(
        part=stamp.part,
        member_id=command.member_id,
        state=MemberState.ACTIVE,
        attributes=command.attributes,
        create_time=stamp.now,
        update_time=stamp.now,
        version=1,
    )
    return _decision(member, stamp)


def decide_update_member(
    command: UpdateMember, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the member changed.

    Raises MemberNotFound, EtagMismatch, and InvalidArgument for too many attributes.
    """
    member = existing_member(state, stamp, command.member_id)
    current = str(member.version)
    if command.etag not in ("", current):
        raise EtagMismatch(member.member_id, command.etag, current)
    attributes = _merged(member.attributes, command)
    problem = pairs_problem(attributes)
    if problem:
        raise InvalidArgument({"attributes": problem})
    return _changed(member._replace(attributes=attributes), stamp)


def decide_set_pool(
    command: SetPool, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the member with the pool that it earns into, or without.

    Raises PoolUnknown, SameMember, MemberNotFound, MemberErased, MemberMerged (of
    the one, then of the other), MemberFrozen (of the other) and InvalidArgument,
    in this order.
    """
    if command.pool and command.pool not in program.pools:
        raise PoolUnknown(command.pool)
    if command.pools_into == command.member_id:
        raise SameMember(command.member_id)
    member = existing_member(state, stamp, command.member_id)
    if command.pool:
        there = stamp._replace(part=state.part_of(command.pools_into))
        check_active(state, there, command.pools_into)
        other = existing_member(state, there, command.pools_into)
        if other.pool:
            what = f"earns into {other.pools_into!r} itself"
            raise InvalidArgument({"pools_into": what})
    pooled = member._replace(pool=command.pool, pools_into=command.pools_into)
    return _changed(pooled, stamp)


def decide_freeze_member(
    command: FreezeMember, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the frozen member; raises MemberNotFound, MemberFrozen."""
    member = existing_member(state, stamp, command.member_id)
    if member.state is MemberState.FROZEN:
        raise MemberFrozen(member.member_id)
    return _changed(member._replace(state=MemberState.FROZEN), stamp)


def decide_unfreeze_member(
    command: UnfreezeMember, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the active member; raises MemberNotFound, MemberNotFrozen."""
    member = existing_member(state, stamp, command.member_id)
    if member.state is not MemberState.FROZEN:
        raise MemberNotFrozen(member.member_id)
    return _changed(member._replace(state=MemberState.ACTIVE), stamp)


def _merged(present: Mapping[str, str], command: UpdateMember) -> Mapping[str, str]:
    if command.keys is None:
        return command.attributes
    kept = {key: value for key, value in present.items() if key not in command.keys}
    named = {
        key: command.attributes[key]
        for key in command.keys
        if key in command.attributes
    }
    return kept | named


def _changed(member: Member, stamp: Stamp) -> Decision:
    changed = member._replace(update_time=stamp.now, version=member.version + 1)
    return _decision(changed, stamp)


def _decision(member: Member, stamp: Stamp) -> Decision:
    return Decision(
        result=member, effective_time=stamp.now, channel=CORE_CHANNEL, member=member
    )
