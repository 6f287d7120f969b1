"""Sliding expiry: activity of a member lets the lots that were earned so live on."""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.calendar.expiry import slid
from points.domain.calendar.policies import Sliding
from points.domain.commands import Command
from points.domain.program import RESETS, Program
from points.domain.state import Decision, LotsMissing, Stamp, State
from points.domain.terms import read_terms
from points.domain.values import Kind, Lot, Retimed, Transaction


def with_lots_slid(
    command: Command, decision: Decision, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the decision with every lot retimed whose expiry the activity resets.

    Concerns the lots of the unit that can be drawn now and whose expiry a sliding
    policy decided; all of them are looked at. Raises LotsMissing if there are more
    than were read.
    """
    result = decision.result
    if not isinstance(result, Transaction) or _activity_of(command) not in RESETS:
        return decision
    for unit in dict.fromkeys(posting.unit for posting in result.postings):
        if unit in program.sliding_units:
            decision = _slid(unit, command, decision, state, program, stamp=stamp)
    return decision


def _slid(
    unit: str,
    command: Command,
    decision: Decision,
    state: State,
    program: Program,
    *,
    stamp: Stamp,
) -> Decision:
    result = decision.result
    assert isinstance(result, Transaction)
    found = state.open_lots(stamp.part, command.member_id, unit)
    if not found.complete:
        raise LotsMissing
    kept = len(decision.lots) - decision.made_lot_count
    changed = {lot.place(): lot for lot in decision.lots[:kept]}
    current = [changed.get(lot.place(), lot) for lot in found.lots]
    moved = list(_moved(current, command, decision.effective_time, program))
    if not moved:
        return decision
    changed |= {lot.place(): lot for lot in moved}
    retimed = [Retimed(o.place(), o.activate_time, o.expire_time) for o in moved]
    return decision._replace(
        result=result._replace(retimed=(*result.retimed, *retimed)),
        lots=(*changed.values(), *decision.lots[kept:]),
    )


def _moved(
    lots: list[Lot], command: Command, happened: int, program: Program
) -> Iterator[Lot]:
    kind = _activity_of(command)
    for lot in lots:
        policy = read_terms(lot.expiry).policy
        if not isinstance(policy, Sliding) or kind not in policy.resets:
            continue
        expire_time = slid(policy, lot.expire_time, happened, program.zone)
        if lot.remaining and expire_time != lot.expire_time:
            yield lot._replace(expire_time=expire_time, noticed_time=0)


def _activity_of(command: Command) -> Kind:
    """Returns what the member did: an activity is an earn, worked out by rules.

    So is the claim of what an activity left to be collected.
    """
    is_earn = command.kind in (Kind.ACTIVITY, Kind.CLAIM)
    return Kind.EARN if is_earn else command.kind
