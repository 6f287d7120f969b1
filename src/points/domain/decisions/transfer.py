"""Transfer: lots are drawn, and go on as lots of the receiver with the same times.

The points leave the giver for `transit` and reach the receiver from there, each
half in the record of its own member.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from points.domain.commands import Transfer
from points.domain.decisions.burn import draw, drawn
from points.domain.decisions.common import check_active, effective_time
from points.domain.decisions.posted import posted
from points.domain.decisions.sides import After, side_stamp
from points.domain.identity import (
    RESERVED_PREFIX,
    TRANSIT,
    Place,
    member_account,
    shortfall_account,
)
from points.domain.program import Program
from points.domain.refusals import SameMember
from points.domain.state import Accounts, Decision, Side, Stamp, State
from points.domain.values import Draw, Kind, Lot, Posting, Transaction


Portion: TypeAlias = tuple[Lot, int]
"""A lot of the giver, and how many of its points the receiver gets."""


def decide_transfer(
    command: Transfer, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the giver's transaction, with the receiver's as its side.

    Raises UnitUnknown, UnitNotSpendable, SameMember, MemberNotFound, MemberErased,
    MemberMerged and MemberFrozen (of the giver, then of the receiver),
    InvalidArgument (an effective time ahead), InsufficientPoints and LimitExceeded,
    in this order.
    """
    program.spendable_unit(command.unit)
    if command.to_member_id == command.member_id:
        raise SameMember(command.member_id)
    there = side_stamp(state, stamp, state.part_of(command.to_member_id))
    check_active(state, stamp, command.member_id)
    check_active(state, there, command.to_member_id)
    happened = effective_time(command, stamp)
    lots = state.open_lots(stamp.part, command.member_id, command.unit)
    draws = draw(lots, _paid(command))
    accounts = posted(state, stamp.part, command.member_id, _given(command))
    portions = tuple(_first(zip(lots.lots, draws, strict=False), command.points))
    taken = _take(command, After(state, accounts), there, stamp, portions)
    side = Side(
        part=there.part,
        member_id=command.to_member_id,
        request_id=f"{RESERVED_PREFIX}transfer/{_place(stamp).transaction_id()}",
        kind=Kind.TRANSFER_IN,
        decision=taken._replace(effective_time=happened, channel=command.channel),
    )
    return Decision(
        result=_transaction(command, draws, accounts[0].balance, there),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=drawn(lots, draws),
        sides=(side,),
    )


def _paid(command: Transfer) -> Transfer:
    """Returns the command with all that its giver pays."""
    if not command.fee_points:
        return command
    return replace(command, points=command.points + command.fee_points, fee_points=0)


def _given(command: Transfer) -> tuple[Posting, ...]:
    name, unit = member_account(command.member_id), command.unit
    gift = Posting(name, TRANSIT, unit, command.points)
    if not command.fee_points:
        return (gift,)
    return gift, Posting(name, command.fee_to(), unit, command.fee_points)


def _transaction(
    command: Transfer, draws: tuple[Draw, ...], balance_after: int, there: Stamp
) -> Transaction:
    return Transaction(
        postings=_given(command),
        balance_after=balance_after,
        reason=command.reason,
        metadata=command.metadata,
        draws=draws,
        counterparty=command.to_member_id,
        counterparty_place=_place(there),
    )


def _first(drawn_lots: Iterator[tuple[Lot, Draw]], points: int) -> Iterator[Portion]:
    """Yields the lots that the first `points` were drawn from; the fee comes last."""
    for lot, taken in drawn_lots:
        portion = min(taken.points, points)
        if portion:
            yield lot, portion
        points -= portion


def _take(
    command: Transfer,
    accounts: Accounts,
    there: Stamp,
    stamp: Stamp,
    portions: Sequence[Portion],
) -> Decision:
    """Returns the receiver's half: what is owed is repaid first, the rest are lots.

    The giver's own facts stay with the giver.
    """
    to, unit = command.to_member_id, command.unit
    mine, owed_by = member_account(to), shortfall_account(to)
    owed = -accounts.account(there.part, owed_by, unit).balance
    repaid = min(owed, command.points)
    moves = ((owed_by, repaid), (mine, command.points - repaid))
    postings = tuple(Posting(TRANSIT, name, unit, p) for name, p in moves if p)
    changed = posted(accounts, there.part, to, postings)
    lots = tuple(_lots(command, there, _rest(portions, repaid)))
    result = Transaction(
        postings=postings,
        balance_after=After(accounts, changed).account(there.part, mine, unit).balance,
        reason=command.reason,
        metadata={},
        lots=lots,
        counterparty=command.member_id,
        counterparty_place=_place(stamp),
    )
    return Decision(
        result=result,
        effective_time=there.now,
        channel=command.channel,
        accounts=changed,
        lots=lots,
        made_lot_count=len(lots),
    )


def _rest(portions: Sequence[Portion], repaid: int) -> Iterator[Portion]:
    """Yields what is left of the portions once the first points are repaid."""
    for lot, points in portions:
        gone = min(points, repaid)
        repaid -= gone
        if points > gone:
            yield lot, points - gone


def _lots(
    command: Transfer, there: Stamp, portions: Iterator[Portion]
) -> Iterator[Lot]:
    for index, (lot, points) in enumerate(portions):
        yield lot._replace(
            part=there.part,
            number=there.lot_number + index,
            member_id=command.to_member_id,
            points=points,
            remaining=points,
            record_number=there.number,
            held=0,
            ended=0,
            noticed_time=0,
            origin=lot.place().lot_id(),
            earner="",
        )


def _place(stamp: Stamp) -> Place:
    return Place(stamp.part, stamp.number)
