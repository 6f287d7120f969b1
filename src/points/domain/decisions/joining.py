"""Two members who are one from now on: what both have done so far counts together."""

from __future__ import annotations

from fractions import Fraction

from points.domain.decisions.standings import stand_after
from points.domain.program import Program
from points.domain.progress import Move, Progress
from points.domain.scores import is_score
from points.domain.state import Decision, Stamp, State
from points.domain.values import Member, Transaction


def with_progress_joined(
    decision: Decision,
    gone: Progress,
    state: State,
    program: Program,
    *,
    stamp: Stamp,
    member: Member,
) -> Decision:
    """Returns the side of a merge with what the other member has gathered.

    Fractions that both carry are added, and a whole point of them is lost. The
    standings follow: together they may have reached a higher tier. Scores do not
    add up; the next sweep that scores looks at both together.
    """
    result = decision.result
    assert isinstance(result, Transaction)
    if not gone.counters and not gone.remainders:
        return decision
    before = state.progress(stamp.part, member.member_id)
    moves = tuple(
        Move(name, used, end_time)
        for name, (used, end_time) in sorted(gone.counters.items())
        if not is_score(name)
    )
    rests = {
        name: (before.remainders.get(name, Fraction()) + rest) % 1
        for name, rest in sorted(gone.remainders.items())
    }
    standings = stand_after(program, state, stamp, member, moves)
    told = result._replace(
        moves=moves,
        remainders=tuple((name, str(rest)) for name, rest in rests.items()),
        standings=standings,
    )
    return decision._replace(
        result=told, progress=before.after(moves, rests, stamp.now), standings=standings
    )
