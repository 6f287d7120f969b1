"""Adjust: an operator adds points by hand as a lot, or takes them from the lots."""

from __future__ import annotations

from points.domain.bounds import AT_ONCE
from points.domain.commands import Adjust, AdjustDirection
from points.domain.decisions.common import effective_time, existing_member
from points.domain.decisions.moves import Moves
from points.domain.decisions.posted import posted
from points.domain.decisions.taking import take_open
from points.domain.identity import ADJUSTMENT, member_account
from points.domain.program import Program
from points.domain.refusals import InsufficientPoints, InvalidArgument
from points.domain.state import Decision, Stamp, State
from points.domain.values import Lot, Posting, Transaction


def decide_adjust(
    command: Adjust, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the adjust as a transaction with one new lot, or with its draws.

    Any unit may be adjusted, and frozen members too. What is added repays no
    shortfall: only what is earned or given by another member does, and an operator
    who wants it repaid lets the member earn. Raises UnitUnknown, MemberNotFound,
    InvalidArgument (a time that lies on the wrong side of now), InsufficientPoints
    and LimitExceeded, in this order.
    """
    program.unit(command.unit)
    existing_member(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    if command.expire_time <= stamp.now:
        raise InvalidArgument({"expire_time": "must lie ahead"})
    is_debit = command.direction is AdjustDirection.DEBIT
    moves = (_taken if is_debit else _added)(command, state, stamp, happened)
    accounts = posted(state, stamp.part, command.member_id, moves.postings)
    name = member_account(command.member_id)
    return Decision(
        result=Transaction(
            postings=moves.postings,
            balance_after=next(a.balance for a in accounts if a.account == name),
            reason=command.reason,
            metadata=command.metadata,
            draws=moves.draws,
            lots=moves.made,
            operator=command.operator,
        ),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=(*moves.lots, *moves.made),
        made_lot_count=len(moves.made),
    )


def _taken(command: Adjust, state: State, stamp: Stamp, _earn_time: int) -> Moves:
    """Returns what a debit draws; raises InsufficientPoints and LotsMissing."""
    member_id, unit, points = command.member_id, command.unit, command.points
    taken = take_open(state.open_lots(stamp.part, member_id, unit), points)
    if taken.points < points:
        raise InsufficientPoints(member_id, unit, taken.points, points)
    posting = Posting(member_account(member_id), ADJUSTMENT, unit, points)
    return Moves((posting,), draws=taken.draws, lots=taken.lots)


def _added(command: Adjust, _state: State, stamp: Stamp, earn_time: int) -> Moves:
    """Returns what a credit adds: one lot."""
    member = member_account(command.member_id)
    posting = Posting(ADJUSTMENT, member, command.unit, command.points)
    return Moves((posting,), made=(_lot(command, stamp, earn_time),))


def _lot(command: Adjust, stamp: Stamp, earn_time: int) -> Lot:
    return Lot(
        part=stamp.part,
        number=stamp.lot_number,
        member_id=command.member_id,
        unit=command.unit,
        points=command.points,
        remaining=command.points,
        earn_time=earn_time,
        activate_time=AT_ONCE,
        expire_time=command.expire_time,
        record_number=stamp.number,
    )
