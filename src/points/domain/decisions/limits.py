"""Limits: how they are set, and what they keep other commands from.

A decision is held against the limits of its member once it is made, whichever
kind it is of; of an account without limits that takes one truth test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from points.domain.commands import Command, SetLimits
from points.domain.decisions.common import existing_member
from points.domain.identity import CORE_CHANNEL, held_account
from points.domain.identity import member_account as account_of
from points.domain.limits import (
    Action,
    Bounds,
    Usage,
    bounds_of,
    counted_points,
    read_usage,
    window_start,
    write_limits,
    write_usage,
)
from points.domain.program import Program
from points.domain.refusals import LimitExceeded, VelocityExceeded
from points.domain.state import Decision, LotsMissing, Side, Stamp, State
from points.domain.values import (
    Account,
    Kind,
    Limits,
    Transaction,
    Velocity,
)


_ACTIONS: Final[Mapping[Kind, Action]] = {
    Kind.EARN: Action.EARN,
    Kind.ACTIVITY: Action.EARN,
    Kind.CLAIM: Action.EARN,
    Kind.BURN: Action.BURN,
    Kind.HOLD: Action.BURN,
    Kind.TRANSFER: Action.TRANSFER,
}
"""What each kind counts as; a capture was counted with its hold."""

_SPENDING: Final = frozenset({Kind.BURN, Kind.HOLD, Kind.TRANSFER})
"""Kinds that leave the floor available."""

_GAINING: Final = frozenset(
    {Kind.EARN, Kind.ACTIVITY, Kind.CLAIM, Kind.TRANSFER_IN, Kind.ADJUST}
)
"""Kinds that stay below the ceiling."""

_BOUNDED: Final = _SPENDING | _GAINING


def decide_set_limits(
    command: SetLimits, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the limits set; what was counted before goes on for the same windows.

    Raises UnitUnknown, MemberNotFound, MemberErased and MemberMerged, in this order.
    """
    program.unit(command.unit)
    existing_member(state, stamp, command.member_id)
    limits = Limits(
        member_id=command.member_id,
        unit=command.unit,
        floor=command.floor,
        ceiling=command.ceiling,
        velocities=command.velocities,
        operator=command.operator,
        reason=command.reason,
        update_time=stamp.now,
        zone=program.zone.key,
    )
    account = state.account(stamp.part, account_of(command.member_id), command.unit)
    bounded = account._replace(
        limits=write_limits(limits), usage=write_usage(_usage_of(account, limits))
    )
    return Decision(
        result=limits,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        accounts=(bounded,),
    )


def within_limits(
    command: Command, decision: Decision, state: State, stamp: Stamp
) -> Decision:
    """Returns the decision, what it uses counted, in its sides too.

    Raises LimitExceeded and VelocityExceeded, in this order.
    """
    for account in decision.accounts:
        if account.limits:
            kind, member_id = command.kind, command.member_id
            decision = _bounded(
                kind, member_id, account, decision, state, now=stamp.now
            )
    if not decision.sides:
        return decision
    sides = tuple(_bounded_side(side, state, stamp) for side in decision.sides)
    return decision._replace(sides=sides)


def _bounded_side(side: Side, state: State, stamp: Stamp) -> Side:
    decision = side.decision
    for account in decision.accounts:
        if account.limits:
            kind, member_id = side.kind, side.member_id
            decision = _bounded(
                kind, member_id, account, decision, state, now=stamp.now
            )
    return side if decision is side.decision else side._replace(decision=decision)


def _bounded(
    kind: Kind,
    member_id: str,
    account: Account,
    decision: Decision,
    state: State,
    *,
    now: int,
) -> Decision:
    transaction, name = decision.result, account_of(member_id)
    if not isinstance(transaction, Transaction) or kind not in _BOUNDED:
        return decision
    if account.account != name:
        return decision
    postings = [one for one in transaction.postings if one.unit == account.unit]
    bounds = bounds_of(account.limits)
    if kind in _SPENDING and bounds.floor:
        _check_floor(bounds.floor, account, member_id, decision, state)
    gained = any(posting.destination == name for posting in postings)
    if kind in _GAINING and gained and bounds.ceiling is not None:
        _check_ceiling(bounds.ceiling, account, member_id, decision, state)
    if kind not in _ACTIONS or not bounds.velocities:
        return decision
    points = sum(counted_points(kind, name, posting) for posting in postings)
    action = _ACTIONS[kind]
    usage = _count(account, bounds, action, points=points, now=now)
    for velocity, used in zip(bounds.velocities, usage, strict=True):
        if velocity.action == action:
            _check_velocity(velocity, used, member_id, account.unit)
    counted = account._replace(usage=write_usage(usage))
    accounts = tuple(counted if one is account else one for one in decision.accounts)
    return decision._replace(accounts=accounts)


def _check_floor(
    floor: int, account: Account, member_id: str, decision: Decision, state: State
) -> None:
    """Raises LimitExceeded, or LotsMissing if there are lots not yet read."""
    run = state.open_lots(account.part, member_id, account.unit)
    left = {lot.place(): lot for lot in run.lots}
    left |= {lot.place(): lot for lot in decision.lots if lot.place() in left}
    if sum(lot.remaining for lot in left.values()) >= floor:
        return
    if not run.complete:
        raise LotsMissing
    raise LimitExceeded(account.account, account.unit, floor)


def _check_ceiling(
    ceiling: int, account: Account, member_id: str, decision: Decision, state: State
) -> None:
    """Raises LimitExceeded; what has expired does not count, swept or not."""
    part, unit, name = account.part, account.unit, held_account(member_id)
    found = (one for one in decision.accounts if one.account == name)
    held = next(found, None) or state.account(part, name, unit)
    expired = state.expired_points(part, member_id, unit)
    if account.balance - expired + held.balance > ceiling:
        raise LimitExceeded(account.account, unit, ceiling)


def _count(
    account: Account, bounds: Bounds, action: Action, *, points: int, now: int
) -> tuple[Usage, ...]:
    """Returns the usage after an action."""
    pairs = zip(bounds.velocities, read_usage(account.usage), strict=True)
    return tuple(
        usage.after(window_start(velocity, now, bounds.zone), points)
        if velocity.action == action
        else usage
        for velocity, usage in pairs
    )


def _check_velocity(
    velocity: Velocity, usage: Usage, member_id: str, unit: str
) -> None:
    action, window, *limits = velocity
    used = zip(("points", "count"), limits, (usage.points, usage.actions), strict=True)
    for bound, limit, found in used:
        if limit is not None and found > limit:
            raise VelocityExceeded(member_id, unit, action, window, bound, limit)


def _usage_of(account: Account, limits: Limits) -> tuple[Usage, ...]:
    """Returns the usage under new limits: what was bound before is not forgotten."""
    known: dict[tuple[str, str], Usage] = {}
    if account.limits:
        before = bounds_of(account.limits).velocities
        pairs = zip(before, read_usage(account.usage), strict=True)
        known = {velocity[:2]: usage for velocity, usage in pairs}
    return tuple(known.get(one[:2], Usage()) for one in limits.velocities)
