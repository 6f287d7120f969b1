"""Standings: moved by what members do, set by operators, swept as time goes by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from points.domain.bounds import NEVER
from points.domain.commands import GiveDemotionNotice, SetStanding, SweepStandings
from points.domain.decisions.common import existing_member
from points.domain.identity import CORE_CHANNEL
from points.domain.ladders import Climber, Floor, Ladders
from points.domain.program import Program
from points.domain.progress import Move
from points.domain.refusals import (
    InvalidArgument,
    LadderUnknown,
    NothingDue,
    TierUnknown,
)
from points.domain.standings import Standing, StandingChange
from points.domain.state import Decision, Stamp, State
from points.domain.values import Member


def stand_after(
    program: Program,
    state: State,
    stamp: Stamp,
    member: Member,
    moves: Sequence[Move],
    *,
    settled: Sequence[Standing] = (),
) -> tuple[Standing, ...]:
    """Returns the standings that change with moves of the member's progress.

    `state` has the standings and the progress as they were before. Standings that
    time had changed by then are among them, and so is the first one on a ladder on
    which anything moves. `settled` is what `settled_standings` has returned, if it
    was asked before.
    """
    if program.ladders is None:
        return ()
    climber = _climber(state, stamp, member)
    ladders, now = program.ladders, stamp.now
    settled = settled or settled_standings(program, state, stamp, member)
    after = [ladders.moved(each, climber, moves, now) for each in settled]
    moved = {
        each.ladder
        for before, each in zip(settled, after, strict=True)
        if before is not each
    }
    return tuple(_changed(climber, after, moved))


def settled_standings(
    program: Program, state: State, stamp: Stamp, member: Member
) -> tuple[Standing, ...]:
    """Returns where a member stands now on each ladder of the program."""
    if program.ladders is None:
        return ()
    climber, ladders = _climber(state, stamp, member), program.ladders
    return tuple(ladders.standing(name, climber, stamp.now) for name in ladders.names)


def decide_set_standing(
    command: SetStanding, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the standing with its floor.

    Raises LadderUnknown, TierUnknown, MemberNotFound, MemberErased, MemberMerged
    and InvalidArgument, in this order.
    """
    ladders = _ladders_with(program, command)
    member = existing_member(state, stamp, command.member_id)
    if command.until_time != NEVER and command.until_time <= stamp.now:
        raise InvalidArgument({"until_time": "must lie ahead"})
    climber = _climber(state, stamp, member)
    floor = Floor(command.tier, command.until_time, stamp.now)
    settled = ladders.standing(command.ladder, climber, stamp.now)
    after = ladders.floored(settled, climber, floor)
    return _decision(StandingChange((after,), command.operator, command.reason), stamp)


def decide_sweep_standings(
    command: SweepStandings, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the standings that time alone, or the program, has changed.

    Of members who were merged or erased, too: time goes by. Raises NothingDue.
    """
    member, ladders = state.member(stamp.part, command.member_id), program.ladders
    if member is None:
        raise NothingDue(command.member_id)
    climber = _climber(state, stamp, member)
    names = ladders.names if ladders else ()
    known = {each.ladder for each in climber.standings}
    found = [
        ladders.standing(name, climber, stamp.now)
        for name in names
        if ladders and name in known
    ]
    changed = tuple(_changed(climber, found, set()))
    if not changed:
        raise NothingDue(command.member_id)
    return _decision(StandingChange(changed), stamp)


def decide_give_demotion_notice(
    command: GiveDemotionNotice, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the notice that a member will lose a tier, once for each end of one.

    Raises NothingDue if that is no longer so, or was announced already, and for
    standings that time has changed meanwhile: they are swept first.
    """
    member, ladders = state.member(stamp.part, command.member_id), program.ladders
    if member is None or ladders is None or command.ladder not in ladders.names:
        raise NothingDue(command.member_id)
    climber = _climber(state, stamp, member)
    stored = climber.stored(command.ladder)
    found = ladders.standing(command.ladder, climber, stamp.now)
    notice = ladders.demotion(found, climber, stamp.now) if found == stored else None
    if notice is None:
        raise NothingDue(command.member_id)
    return Decision(
        result=notice,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        standings=(found._replace(noticed_time=notice.lose_time),),
    )


def _ladders_with(program: Program, command: SetStanding) -> Ladders:
    ladders = program.ladders
    if ladders is None or command.ladder not in ladders.names:
        raise LadderUnknown(command.ladder)
    if command.tier and ladders.tier(command.ladder, command.tier) is None:
        raise TierUnknown(command.ladder, command.tier)
    return ladders


def _climber(state: State, stamp: Stamp, member: Member) -> Climber:
    part, member_id = stamp.part, member.member_id
    progress = state.progress(part, member_id)
    return Climber(member, state.standings(part, member_id), progress)


def _changed(
    climber: Climber, standings: Iterable[Standing], moved: set[str]
) -> Iterable[Standing]:
    """Yields the standings that are not stored like this."""
    for each in standings:
        stored = climber.stored(each.ladder)
        if stored != each and (stored is not None or each.ladder in moved):
            yield each


def _decision(change: StandingChange, stamp: Stamp) -> Decision:
    return Decision(
        result=change,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        standings=change.standings,
    )
