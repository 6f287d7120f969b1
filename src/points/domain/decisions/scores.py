"""Scores: recorded where they have changed, for rules to go by."""

from __future__ import annotations

from points.domain.commands import ScoreMember
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.refusals import NothingDue
from points.domain.scores import ScoreChange, score_moves, scores_of
from points.domain.state import Decision, Stamp, State


def decide_score_member(
    command: ScoreMember, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the scores of a member, whatever the member has become.

    They come from beside the writer, of a time that is over: what happens meanwhile
    does not change them. Raises NothingDue if they are recorded already, and under
    a program that scores nobody.
    """
    before = state.progress(stamp.part, command.member_id)
    moves = tuple(score_moves(scores_of(before), command.scores))
    is_unknown = state.member(stamp.part, command.member_id) is None
    if not moves or is_unknown or program.scoring is None:
        raise NothingDue(command.member_id)
    return Decision(
        result=ScoreChange(command.scores, command.until_time),
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        progress=before.after(moves, {}, stamp.now),
    )
