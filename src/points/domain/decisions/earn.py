"""Earn: points leave issuance and reach the member as one lot."""

from __future__ import annotations

from points.domain.bounds import AT_ONCE
from points.domain.commands import Earn
from points.domain.decisions.common import check_active, effective_time, moved
from points.domain.identity import ISSUANCE, member_account
from points.domain.program import Program
from points.domain.refusals import InvalidArgument
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
    if command.expire_time <= stamp.now:
        raise InvalidArgument({"expire_time": "must lie ahead"})
    member, issuance = _accounts(command, state, stamp)
    lot = _lot(command, stamp, earn_time=happened)
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


def _lot(command: Earn, stamp: Stamp, *, earn_time: int) -> Lot:
    is_pending = command.activate_time > stamp.now
    return Lot(
        part=stamp.part,
        number=stamp.lot_number,
        member_id=command.member_id,
        unit=command.unit,
        points=command.points,
        remaining=command.points,
        earn_time=earn_time,
        activate_time=command.activate_time if is_pending else AT_ONCE,
        expire_time=command.expire_time,
        record_number=stamp.number,
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
