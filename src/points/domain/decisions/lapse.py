"""Lapse: a hold whose time has come does what its `on_timeout` says."""

from __future__ import annotations

from points.domain import holds
from points.domain.commands import LapseHold
from points.domain.decisions.release import Terms, lots_of, released
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.refusals import NothingDue
from points.domain.state import Decision, Stamp, State
from points.domain.values import HoldState


def decide_lapse_hold(
    command: LapseHold, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the lapse as of the hold's `lapse_time`, however late it is recorded.

    Its effective time is that instant, or the first one that is not closed. Raises
    NothingDue if the hold is not open any more or its time has not come, and
    LimitExceeded.
    """
    hold = state.hold(command.hold)
    is_own = hold is not None and hold.member_id == command.member_id
    if hold is None or not (is_own and hold.has_lapsed(stamp.now)):
        raise NothingDue(command.member_id)
    release = holds.lapse(hold, lots_of(state, hold))
    after = release.leaves(hold, ended=HoldState.LAPSED, at=hold.lapse_time)
    terms = Terms(
        reason=hold.reason,
        metadata={},
        channel=CORE_CHANNEL,
        effective_time=max(hold.lapse_time, stamp.closed_time),
    )
    return released(state, stamp, after, release, terms, sink=hold.sink)
