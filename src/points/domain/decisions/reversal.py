"""Reverse: a transaction is undone, wholly or in part, each point once."""

from __future__ import annotations

from typing import Final

from points.domain.bounds import TIME_MAX
from points.domain.commands import Reverse
from points.domain.decisions.budget_back import with_budget_back
from points.domain.decisions.common import effective_time, existing_member, program_then
from points.domain.decisions.moves import Moves
from points.domain.decisions.pool_back import with_pool_back
from points.domain.decisions.posted import posted
from points.domain.decisions.undo_activity import undo_activity
from points.domain.decisions.undo_burn import undo_burn
from points.domain.decisions.undo_earn import undo_earn
from points.domain.identity import member_account
from points.domain.kinds import returned_by, reversible_points
from points.domain.program import Program
from points.domain.refusals import (
    AlreadyReversed,
    InvalidArgument,
    NotReversible,
    TransactionNotFound,
)
from points.domain.state import Decision, Stamp, State
from points.domain.values import (
    Account,
    Kind,
    Posting,
    ReasonCode,
    Record,
    Reversal,
    Transaction,
)


_REVERSIBLE: Final = {
    ReasonCode.CLAWBACK: (Kind.EARN, Kind.ACTIVITY, Kind.CLAIM),
    ReasonCode.REFUND: (Kind.BURN, Kind.CAPTURE),
    ReasonCode.CORRECTION: (
        Kind.EARN,
        Kind.ACTIVITY,
        Kind.CLAIM,
        Kind.BURN,
        Kind.CAPTURE,
    ),
}
"""Kinds of transactions that each reason code may reverse."""

_EARNED: Final = (Kind.EARN, Kind.CLAIM)
"""Kinds whose points go back to where they were minted."""


def decide_reverse(
    command: Reverse, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the reverse as a transaction that names the one it reverses.

    Frozen members are reversed like others, and units that the program has no
    more. Raises MemberNotFound, InvalidArgument (a time that lies on the wrong
    side of now), TransactionNotFound, NotReversible, InvalidArgument (points of
    an activity, or items that it does not have), AlreadyReversed,
    InsufficientPoints and LimitExceeded, in this order.
    """
    existing_member(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    if stamp.now + command.grace > TIME_MAX:
        raise InvalidArgument({"grace": "must end before the year 10000"})
    record = _record(command, state, stamp)
    if record.kind is Kind.ACTIVITY:
        then = program_then(state, program, record)
        return _reverse_activity(command, state, then, stamp, record, happened=happened)
    if command.item_ids:
        raise InvalidArgument({"item_ids": "go with an activity alone"})
    if record.kind in _EARNED:
        return _reverse_earn(command, state, stamp, record, happened)
    return _reverse_burn(command, state, stamp, record, happened)


def _reverse_burn(
    command: Reverse, state: State, stamp: Stamp, record: Record, happened: int
) -> Decision:
    done = state.reversal(record.place()).reversed_points
    points = _points(command, record, done)
    undone = undo_burn(command, state, stamp, record, points)
    accounts = posted(state, stamp.part, command.member_id, undone.postings)
    return Decision(
        result=_transaction(command, record, undone, accounts),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=(*undone.lots, *undone.made),
        made_lot_count=len(undone.made),
        reversal=Reversal(*record.place(), done + points),
    )


def _reverse_earn(
    command: Reverse, state: State, stamp: Stamp, record: Record, happened: int
) -> Decision:
    undone = undo_earn(command, state, stamp, record)
    accounts = posted(state, stamp.part, command.member_id, undone.moves.postings)
    told = _transaction(command, record, undone.moves, accounts)
    returned = undone.returned
    if undone.is_whole:
        told = told._replace(returns_all=True)
        returned = returned.after((), returned_by(told), is_whole=True, pooled={})
    decision = Decision(
        result=told,
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=undone.moves.lots,
        reversal=Reversal(*record.place(), undone.reversed_points, returned),
    )
    if record.kind is Kind.CLAIM:
        decision = with_budget_back(decision, record, state, stamp, undone.span)
    return with_pool_back(command, decision, undone.pooled, state, stamp)


def _reverse_activity(
    command: Reverse,
    state: State,
    program: Program,
    stamp: Stamp,
    record: Record,
    *,
    happened: int,
) -> Decision:
    undone = undo_activity(command, state, program, stamp, record)
    accounts = posted(state, stamp.part, command.member_id, undone.points.postings)
    before = state.progress(stamp.part, command.member_id)
    told = _transaction(command, record, undone.points, accounts)
    points = sum(each for _, each in undone.returned.points)
    decision = Decision(
        result=told._replace(
            moves=undone.moves,
            counters=undone.counters,
            returned_items=undone.items,
            returns_all=undone.returned.is_whole,
            claims=undone.claims,
        ),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=undone.points.lots,
        reversal=Reversal(*record.place(), points, undone.returned),
        progress=before.after(undone.moves, {}, stamp.now) if undone.moves else None,
        counters=undone.counters,
        claims=undone.claims,
    )
    return with_pool_back(command, decision, undone.pooled, state, stamp)


def _record(command: Reverse, state: State, stamp: Stamp) -> Record:
    """Returns what to reverse; raises TransactionNotFound and NotReversible."""
    place = command.place
    record = state.transaction(place) if place else None
    if record is None or (record.part, record.member_id) != (
        stamp.part,
        command.member_id,
    ):
        raise TransactionNotFound(command.transaction_id)
    code = command.reason_code
    assert code is not None, "checked with the command"
    if record.kind not in _REVERSIBLE[code]:
        raise NotReversible(command.transaction_id, record.kind, code)
    return record


def _points(command: Reverse, record: Record, done: int) -> int:
    """Returns how many points of a burn to reverse; raises AlreadyReversed."""
    assert isinstance(record.result, Transaction)
    left = max(reversible_points(record.result) - done, 0)
    points = command.points or left
    if not 0 < points <= left:
        raise AlreadyReversed(command.transaction_id, left, command.points)
    return points


def _transaction(
    command: Reverse, record: Record, undone: Moves, accounts: tuple[Account, ...]
) -> Transaction:
    return Transaction(
        postings=undone.postings,
        balance_after=_balance_after(command, undone.postings, accounts),
        reason=command.reason,
        metadata=command.metadata,
        draws=undone.draws,
        lots=undone.made,
        returns=undone.returns,
        reverses=record.place(),
        reason_code=command.reason_code,
        operator=command.operator,
        unswept=undone.unswept,
    )


def _balance_after(
    command: Reverse, postings: tuple[Posting, ...], accounts: tuple[Account, ...]
) -> int:
    """Returns what the member has of the first unit; 0 if nothing was posted."""
    if not postings:
        return 0
    mine = (member_account(command.member_id), postings[0].unit)
    return next(a.balance for a in accounts if (a.account, a.unit) == mine)
