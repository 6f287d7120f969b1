"""Closing the books: nothing is dated back before the instant from then on."""

from __future__ import annotations

from points.domain.commands import CloseBooks
from points.domain.identity import CORE_CHANNEL
from points.domain.instants import write_instant
from points.domain.program import Program
from points.domain.refusals import InvalidArgument, PeriodClosed
from points.domain.state import Decision, Stamp, State
from points.domain.values import BooksClose


def decide_close_books(
    command: CloseBooks, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the close of one part with its closing trial balance.

    Raises InvalidArgument (an instant ahead) and PeriodClosed (not behind the last
    close), in this order.
    """
    until_time = command.until_time
    if until_time > stamp.now:
        raise InvalidArgument({"until_time": "must not lie ahead"})
    if until_time <= stamp.closed_time:
        raise PeriodClosed(write_instant(until_time), write_instant(stamp.closed_time))
    close = BooksClose(
        until_time=until_time,
        operator=command.operator,
        reason=command.reason,
        lines=state.trial_balance(stamp.part, until_time),
    )
    return Decision(
        result=close,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        closed_time=until_time,
    )
