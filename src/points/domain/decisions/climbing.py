"""What points do to tiers: members climb with what they earn, in the same transaction.

Whatever brings points out of issuance counts, be it an earn or an activity, and
whatever takes them back there counts against it, on the day of the earning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from points.domain.commands import Command
from points.domain.decisions.standings import stand_after
from points.domain.identity import ISSUANCE, Place
from points.domain.program import Program
from points.domain.progress import Move
from points.domain.returns import money_of
from points.domain.state import Decision, Stamp, State
from points.domain.values import Member, Transaction


def with_standings(
    command: Command, decision: Decision, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the decision with what it moves towards tiers, and the standings."""
    result = decision.result
    if program.ladders is None or not isinstance(result, Transaction):
        return decision
    points = _counted(result, program)
    member = state.member(stamp.part, command.member_id)
    if member is None or not (points or result.activity or result.is_return):
        return decision
    earn_time = _earn_time(decision, result, state)
    moves = (
        *_moves(result, points, earn_time, member, program),
        *_moves_back(decision, result, state, member, program),
    )
    standings = stand_after(
        program, state, stamp, member, moves, settled=decision.settled
    )
    if not moves and not standings:
        return decision
    before = decision.progress or state.progress(stamp.part, command.member_id)
    told = result._replace(moves=(*result.moves, *moves), standings=standings)
    return decision._replace(
        result=told,
        progress=before.after(moves, {}, stamp.now),
        standings=standings,
    )


def _counted(transaction: Transaction, program: Program) -> Mapping[str, int]:
    """Returns the points that came out of issuance by unit, negative if back there."""
    points: Counter[str] = Counter()
    for source, destination, unit, amount in transaction.postings:
        if unit in program.counted_units:
            points[unit] += amount * ((source == ISSUANCE) - (destination == ISSUANCE))
    return {unit: amount for unit, amount in points.items() if amount}


def _moves(
    transaction: Transaction,
    points: Mapping[str, int],
    earn_time: int,
    member: Member,
    program: Program,
) -> tuple[Move, ...]:
    assert program.ladders is not None
    activity, money = transaction.activity, 0
    if activity is not None and program.rules is not None:
        money = program.rules.money(activity)
    return program.ladders.moves_of(
        earn_time,
        points,
        money,
        activity.type if activity else "",
        member_create_time=member.create_time,
    )


def _moves_back(
    decision: Decision,
    transaction: Transaction,
    state: State,
    member: Member,
    program: Program,
) -> tuple[Move, ...]:
    """Returns what a returned activity had moved besides its points.

    The money of each item with the item, and that it happened with the last.
    """
    if transaction.reverses is None or decision.reversal is None:
        return ()
    record = state.transaction(transaction.reverses)
    activity = (
        record and isinstance(record.result, Transaction) and record.result.activity
    )
    if not record or not activity or program.ladders is None or program.rules is None:
        return ()
    before = money_of(activity, state.reversal(record.place()).returned)
    after = money_of(activity, decision.reversal.returned)
    worth = [program.rules.money(activity._replace(money=m)) for m in (before, after)]
    found = program.ladders.moves_of(
        record.effective_time,
        {},
        worth[1] - worth[0],
        activity.type if transaction.returns_all else "",
        member_create_time=member.create_time,
    )
    return tuple(move._replace(by=-move.by) for move in found)


def _earn_time(decision: Decision, transaction: Transaction, state: State) -> int:
    """Returns when what is counted was earned."""
    if transaction.reverses is not None:
        record = state.transaction(transaction.reverses)
        return record.effective_time if record else decision.effective_time
    gone = [lot for lot in map(state.lot, _drawn(transaction)) if lot is not None]
    return gone[0].earn_time if gone else decision.effective_time


def _drawn(transaction: Transaction) -> list[Place]:
    return [draw.lot for draw in transaction.draws]
