"""What points do to tiers: members climb with what they earn, in the same transaction.

Whatever brings points out of issuance counts, be it an earn or an activity, and
whatever takes them back there counts against it, on the day of the earning. A
reverse takes back what had counted under the program that was in force then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from points.domain.commands import Command
from points.domain.decisions.burn_credit import moves_of_burns
from points.domain.decisions.common import program_then
from points.domain.decisions.standings import stand_after
from points.domain.identity import ISSUANCE
from points.domain.program import Program
from points.domain.progress import Move, Progress
from points.domain.returns import money_of
from points.domain.state import Decision, MembersMissing, Stamp, State
from points.domain.values import Lot, Member, Transaction


def with_standings(
    command: Command, decision: Decision, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the decision with what it moves towards tiers, and the standings."""
    result = decision.result
    if not isinstance(result, Transaction):
        return decision
    counting = _counting(result, state, program)
    gathered = _gathered(decision, result, state, counting, stamp.now)
    member = state.member(stamp.part, command.member_id)
    if member is None or counting.ladders is None:
        return decision
    burned = tuple(moves_of_burns(decision, result, state, member, counting))
    if not (gathered or burned or result.activity or result.is_return):
        return decision
    before = decision.progress or state.progress(stamp.part, command.member_id)
    moves = (
        *_within_counted(_moves(decision, gathered, member, counting), result, before),
        *_moves_back(decision, result, state, member, counting),
        *burned,
    )
    standings = stand_after(
        program, state, stamp, member, moves, settled=decision.settled
    )
    if not moves and not standings:
        return decision
    told = result._replace(moves=(*result.moves, *moves), standings=standings)
    progress = before.after(moves, {}, stamp.now) if moves else decision.progress
    return decision._replace(result=told, progress=progress, standings=standings)


def _counting(result: Transaction, state: State, program: Program) -> Program:
    """Returns the program that says what counts: of a reverse the one of then."""
    if result.reverses is None:
        return program
    record = state.transaction(result.reverses)
    return program if record is None else program_then(state, program, record)


def _gathered(
    decision: Decision,
    transaction: Transaction,
    state: State,
    program: Program,
    now: int,
) -> Mapping[int, Mapping[str, int]]:
    """Returns the points that count by the instant of their earning, and by unit.

    What goes back to issuance is negative.
    """
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for source, _, unit, points in transaction.postings:
        if source == ISSUANCE:
            found[decision.effective_time][unit] += points
    counted = program.ladders.units if program.ladders else frozenset()
    for earn_time, unit, points in _given_back(transaction, state, now, counted):
        found[earn_time][unit] -= points
    kept = {
        instant: {u: points for u, points in units.items() if u in counted and points}
        for instant, units in found.items()
    }
    return {instant: units for instant, units in kept.items() if units}


def _given_back(
    transaction: Transaction, state: State, now: int, counted: Container[str]
) -> Iterator[tuple[int, str, int]]:
    """Yields what goes back to issuance: when it was earned, in what, how much.

    A reverse takes back of one transaction; all else is lots that were never usable,
    of units that are `counted`, as far as they counted for who has them now.
    """
    back = [p for p in transaction.postings if p.destination == ISSUANCE]
    if not back:
        return
    if transaction.reverses is not None:
        record = state.transaction(transaction.reverses)
        assert record is not None
        yield from ((record.effective_time, p.unit, p.points) for p in back)
        return
    ended = [
        (lot, draw.points)
        for draw in transaction.draws
        if (lot := state.lot(draw.lot)) is not None
        and lot.unit in counted
        and lot.activate_time > now
    ]
    counting = _counting_for_owners([lot for lot, _ in ended], state)
    for (lot, points), counts in zip(ended, counting, strict=True):
        if counts:
            yield lot.earn_time, lot.unit, points


def _counting_for_owners(lots: Iterable[Lot], state: State) -> list[bool]:
    """Says of each lot whether what it counted for is in the progress of its owner.

    Raises MembersMissing with all who have to be read: a pool may have got lots of
    hundreds.
    """
    found: list[bool] = []
    missing: set[tuple[int, str]] = set()
    for lot in lots:
        try:
            found.append(_counts_for_owner(lot, state))
        except MembersMissing as unread:
            missing |= unread.keys
    if missing:
        raise MembersMissing(missing)
    return found


def _counts_for_owner(lot: Lot, state: State) -> bool:
    """Says whether what a lot brought towards tiers is in the progress of its owner.

    What a pool got counts for its earner, or for whom that one was merged into. All
    else has come with the progress that it counted in. Raises MembersMissing.
    """
    name = lot.earner or lot.member_id
    while name and name != lot.member_id:
        name = state.merged_into(name)
    return bool(name)


def _within_counted(
    moves: Iterable[Move], transaction: Transaction, before: Progress
) -> Iterator[Move]:
    """Yields moves that never take back what was not counted for this member.

    Of what a pool got before its lots said who has earned them, nobody can tell any
    more for whom it counted. A reverse knows whose earning it takes back.
    """
    if transaction.reverses is not None:
        yield from moves
        return
    taken: Counter[str] = Counter()
    for move in moves:
        by = max(move.by, taken[move.name] - max(before.used(move.name), 0))
        if move.by >= 0:
            yield move
        elif by < 0:
            taken[move.name] -= by
            yield move._replace(by=by)


def _moves(
    decision: Decision,
    gathered: Mapping[int, Mapping[str, int]],
    member: Member,
    program: Program,
) -> Iterator[Move]:
    """Yields what counts of the points, and of the activity that they are for."""
    result = decision.result
    assert isinstance(result, Transaction)
    assert program.ladders is not None
    activity, happened = result.activity, decision.effective_time
    if activity is not None:
        gathered = {happened: {}, **gathered}
    for instant, points in gathered.items():
        is_now = activity is not None and instant == happened
        yield from program.ladders.moves_of(
            instant,
            points,
            program.rules.money(activity)
            if is_now and activity and program.rules
            else 0,
            activity.type if is_now and activity else "",
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
