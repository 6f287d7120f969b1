"""Burn: points leave the member's lots, the earliest expiry first, for a sink."""

from __future__ import annotations

from points.domain.commands import Burn, LedgerCommand
from points.domain.decisions.common import check_active, effective_time, moved
from points.domain.identity import burn_account, member_account
from points.domain.program import Program
from points.domain.refusals import InsufficientPoints
from points.domain.state import Decision, LotsMissing, OpenLots, Stamp, State
from points.domain.values import (
    Account,
    Draw,
    Lot,
    Posting,
    Transaction,
    drawn_whole,
    emptied,
)


def decide_burn(
    command: Burn, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the burn as a transaction that lists its draws.

    Raises UnitUnknown, SinkUnknown, UnitNotSpendable, MemberNotFound,
    MemberFrozen, InvalidArgument (an effective time ahead), InsufficientPoints
    and LimitExceeded, in this order.
    """
    program.unit(command.unit)
    program.check_sink(command.sink)
    program.spendable_unit(command.unit)
    check_active(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    lots = state.open_lots(stamp.part, command.member_id, command.unit)
    draws = draw(lots, command)
    member, sink = _accounts(command, state, stamp)
    return Decision(
        result=_transaction(command, draws, balance_after=member.balance),
        effective_time=happened,
        channel=command.channel,
        accounts=(member, sink),
        lots=drawn(lots, draws),
    )


def draw(lots: OpenLots, command: LedgerCommand) -> tuple[Draw, ...]:
    """Returns what to take from which lot, in the order of the lots.

    Raises InsufficientPoints, or LotsMissing if there are lots not yet read.
    """
    missing = command.points
    for count, lot in enumerate(lots.lots):
        left = lot.remaining
        if left >= missing:
            return (*drawn_whole(lots.lots[:count]), lot.draw(missing))
        missing -= left
    if not lots.complete:
        raise LotsMissing
    available = command.points - missing
    raise InsufficientPoints(command.member_id, command.unit, available, command.points)


def drawn(
    lots: OpenLots, draws: tuple[Draw, ...], *, into_hold: bool = False
) -> tuple[Lot, ...]:
    """Returns the lots as the draws leave them, all but the last of which are whole.

    What is drawn is held if it goes `into_hold`.
    """
    whole, taken = len(draws) - 1, draws[-1].points
    last = lots.lots[whole].moved(-taken, taken if into_hold else 0)
    return (*emptied(lots.lots[:whole], into_hold=into_hold), last)


def _accounts(command: Burn, state: State, stamp: Stamp) -> tuple[Account, Account]:
    name = member_account(command.member_id)
    member = state.account(stamp.part, name, command.unit)
    sink = state.account(stamp.part, burn_account(command.sink), command.unit)
    return (
        moved(member, -command.points, burned=command.points),
        moved(sink, command.points),
    )


def _transaction(
    command: Burn, draws: tuple[Draw, ...], *, balance_after: int
) -> Transaction:
    source, sink = member_account(command.member_id), burn_account(command.sink)
    return Transaction(
        postings=(Posting(source, sink, command.unit, command.points),),
        balance_after=balance_after,
        reason=command.reason,
        metadata=command.metadata,
        draws=draws,
    )
