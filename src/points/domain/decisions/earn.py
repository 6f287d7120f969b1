"""Earn: points leave issuance and reach the member as one lot."""

from __future__ import annotations

from points.domain.commands import Earn
from points.domain.decisions.common import (
    check_active,
    effective_time,
    existing_member,
    moved,
)
from points.domain.decisions.times import Times, times_of
from points.domain.identity import ISSUANCE, member_account
from points.domain.program import Program
from points.domain.state import Decision, Stamp, State
from points.domain.values import Account, Lot, Posting, Transaction


def decide_earn(
    command: Earn, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the earn as a transaction with one new lot.

    Raises UnitUnknown, MemberNotFound, MemberFrozen, InvalidArgument (a time
    that lies on the wrong side of now) and LimitExceeded, in this order.
    """
    program.unit(command.unit)
    check_active(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    owner = existing_member(state, stamp, command.member_id)
    times = times_of(command, program, owner, stamp, happened)
    member, issuance = _accounts(command, state, stamp)
    lot = _lot(command, stamp, times, earn_time=happened)
    return Decision(
        result=_transaction(command, lot, balance_after=member.balance),
        effective_time=happened,
        channel=command.channel,
        accounts=(member, issuance),
        lots=(lot,),
        made_lot_count=1,
    )


def _accounts(command: Earn, state: State, stamp: Stamp) -> tuple[Account, Account]:
    name = member_account(command.member_id)
    member = state.account(stamp.part, name, command.unit)
    issuance = state.account(stamp.part, ISSUANCE, command.unit)
    return (
        moved(member, command.points, earned=command.points),
        moved(issuance, -command.points),
    )


def _lot(command: Earn, stamp: Stamp, times: Times, *, earn_time: int) -> Lot:
    return Lot(
        part=stamp.part,
        number=stamp.lot_number,
        member_id=command.member_id,
        unit=command.unit,
        points=command.points,
        remaining=command.points,
        earn_time=earn_time,
        activate_time=times.activate_time,
        expire_time=times.expire_time,
        record_number=stamp.number,
        waits_for=times.waits_for,
        expiry=times.expiry,
    )


def _transaction(command: Earn, lot: Lot, *, balance_after: int) -> Transaction:
    name = member_account(command.member_id)
    return Transaction(
        postings=(Posting(ISSUANCE, name, command.unit, command.points),),
        balance_after=balance_after,
        reason=command.reason,
        metadata=command.metadata,
        lots=(lot,),
    )
