"""Earn: points leave issuance and reach the member as one lot."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.commands import Earn
from points.domain.decisions.common import (
    active_member,
    effective_time,
    moved,
)
from points.domain.decisions.posted import posted, postings_between
from points.domain.decisions.times import Times, times_of
from points.domain.identity import ISSUANCE, member_account, shortfall_account
from points.domain.program import Program
from points.domain.state import Decision, Stamp, State
from points.domain.values import Account, Lot, Posting, Transaction


def decide_earn(
    command: Earn, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the earn as a transaction with one new lot.

    What the member owes is repaid first, pending or not: the lot holds the rest,
    and there is none if nothing is left. Raises UnitUnknown, MemberNotFound,
    MemberFrozen, InvalidArgument (a time that lies on the wrong side of now) and
    LimitExceeded, in this order.
    """
    program.unit(command.unit)
    owner = active_member(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    times = times_of(command, program, owner, stamp, happened)
    earned = _earned(command, state, stamp)
    kept = earned.kept
    lots = (_lot(command, stamp, times, kept, earn_time=happened),) if kept else ()
    return Decision(
        result=Transaction(
            postings=earned.postings,
            balance_after=earned.balance_after,
            reason=command.reason,
            metadata=command.metadata,
            lots=lots,
        ),
        effective_time=happened,
        channel=command.channel,
        accounts=earned.accounts,
        lots=lots,
        made_lot_count=len(lots),
    )


class _Earned(NamedTuple):
    """Is where the points go; `kept` is what is not swallowed by a shortfall."""

    postings: tuple[Posting, ...]
    accounts: tuple[Account, ...]
    kept: int
    balance_after: int


def _earned(command: Earn, state: State, stamp: Stamp) -> _Earned:
    name = member_account(command.member_id)
    member = state.account(stamp.part, name, command.unit)
    # Kept on the member's account, so that most earns read no account of it.
    if member.shortfall:
        return _repaying(command, state, stamp, member)
    issuance = state.account(stamp.part, ISSUANCE, command.unit)
    member = moved(member, command.points, earned=command.points)
    return _Earned(
        (Posting(ISSUANCE, name, command.unit, command.points),),
        (member, moved(issuance, -command.points)),
        command.points,
        member.balance,
    )


def _repaying(command: Earn, state: State, stamp: Stamp, member: Account) -> _Earned:
    repaid = min(member.shortfall, command.points)
    kept = command.points - repaid
    postings = postings_between(
        command.unit,
        (ISSUANCE, shortfall_account(command.member_id), repaid),
        (ISSUANCE, member.account, kept),
    )
    accounts = posted(state, stamp.part, command.member_id, postings)
    return _Earned(postings, accounts, kept, member.balance + kept)


def _lot(
    command: Earn, stamp: Stamp, times: Times, points: int, *, earn_time: int
) -> Lot:
    return Lot(
        part=stamp.part,
        number=stamp.lot_number,
        member_id=command.member_id,
        unit=command.unit,
        points=points,
        remaining=points,
        earn_time=earn_time,
        activate_time=times.activate_time,
        expire_time=times.expire_time,
        record_number=stamp.number,
        waits_for=times.waits_for,
        expiry=times.expiry,
    )
