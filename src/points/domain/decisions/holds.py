"""Holds: placed like a burn, then captured or given back, once per point."""

from __future__ import annotations

from points.domain import holds
from points.domain.bounds import TIME_MAX, UNSET
from points.domain.commands import CaptureHold, HoldCommand, PlaceHold, VoidHold
from points.domain.decisions.burn import draw, drawn
from points.domain.decisions.common import (
    check_active,
    effective_time,
    existing_member,
)
from points.domain.decisions.posted import posted
from points.domain.decisions.release import Terms, lots_of, released
from points.domain.identity import Place, held_account, member_account
from points.domain.program import Program
from points.domain.refusals import HoldNotFound, HoldNotOpen, InvalidArgument
from points.domain.state import Decision, Stamp, State
from points.domain.values import (
    Draw,
    Hold,
    HoldState,
    Posting,
    Transaction,
)


def decide_place_hold(
    command: PlaceHold, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the new hold with its draws, which leave their lots like a burn.

    Raises UnitUnknown, SinkUnknown, UnitNotSpendable, MemberNotFound,
    MemberFrozen, InvalidArgument (a time on the wrong side of now),
    InsufficientPoints and LimitExceeded, in this order.
    """
    program.unit(command.unit)
    program.check_sink(command.sink)
    program.spendable_unit(command.unit)
    check_active(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    lapse_time = _lapse_time(command, stamp)
    lots = state.open_lots(stamp.part, command.member_id, command.unit)
    hold = _hold(command, stamp, draw(lots, command), lapse_time=lapse_time)
    source, held = member_account(command.member_id), held_account(command.member_id)
    postings = (Posting(source, held, command.unit, command.points),)
    accounts = posted(state, stamp.part, command.member_id, postings)
    return Decision(
        result=Transaction(
            postings=postings,
            balance_after=accounts[0].balance,
            reason=command.reason,
            metadata=command.metadata,
            draws=hold.draws,
            hold=hold,
        ),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=drawn(lots, hold.draws, into_hold=True),
        holds=(hold,),
        made_hold_count=1,
    )


def decide_capture_hold(
    command: CaptureHold, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the burn of held points, from the first draw of the hold on.

    Raises SinkUnknown, MemberNotFound, MemberFrozen, InvalidArgument (an effective
    time ahead), HoldNotFound, HoldNotOpen, HoldExceeded and LimitExceeded, in this
    order.
    """
    if command.sink:
        program.check_sink(command.sink)
    check_active(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    hold = _open_hold(command, state, stamp)
    release = holds.capture(
        hold,
        lots_of(state, hold),
        command.points,
        void_rest=command.void_rest,
        at=stamp.now,
    )
    after = release.leaves(hold, ended=HoldState.CAPTURED, at=stamp.now)
    terms = _terms(command, hold, happened)
    return released(state, stamp, after, release, terms, sink=command.sink or hold.sink)


def decide_void_hold(
    command: VoidHold, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns all open points to the member, of a frozen one too.

    Raises MemberNotFound, InvalidArgument (an effective time ahead), HoldNotFound
    and HoldNotOpen, in this order.
    """
    existing_member(state, stamp, command.member_id)
    happened = effective_time(command, stamp)
    hold = _open_hold(command, state, stamp)
    release = holds.give_back(hold, hold.draws, lots_of(state, hold), at=stamp.now)
    after = release.leaves(hold, ended=HoldState.VOIDED, at=stamp.now)
    terms = _terms(command, hold, happened)
    return released(state, stamp, after, release, terms, sink=hold.sink)


def _lapse_time(command: PlaceHold, stamp: Stamp) -> int:
    """Returns when the hold lapses; raises InvalidArgument unless that lies ahead."""
    if command.timeout == UNSET:
        if command.lapse_time <= stamp.now:
            raise InvalidArgument({"lapse_time": "must lie ahead"})
        return command.lapse_time
    lapse_time = stamp.now + command.timeout
    if lapse_time > TIME_MAX:
        raise InvalidArgument({"timeout": "must end before the year 10000"})
    return lapse_time


def _hold(
    command: PlaceHold, stamp: Stamp, draws: tuple[Draw, ...], *, lapse_time: int
) -> Hold:
    return Hold(
        part=stamp.part,
        number=stamp.hold_number,
        member_id=command.member_id,
        unit=command.unit,
        points=command.points,
        draws=draws,
        captured_points=0,
        voided_points=0,
        state=HoldState.OPEN,
        place_time=stamp.now,
        lapse_time=lapse_time,
        update_time=stamp.now,
        on_timeout=command.on_timeout,
        freeze_expiry=command.freeze_expiry,
        sink=command.sink,
        reason=command.reason,
        record_number=stamp.number,
    )


def _open_hold(command: HoldCommand, state: State, stamp: Stamp) -> Hold:
    """Returns the hold; raises HoldNotFound, another member's too, and HoldNotOpen."""
    place = Place.of_hold(command.hold_id)
    hold = state.hold(place) if place and place.part == stamp.part else None
    if hold is None or hold.member_id != command.member_id:
        raise HoldNotFound(command.hold_id)
    if hold.has_lapsed(stamp.now):
        raise HoldNotOpen(command.hold_id, HoldState.LAPSED.value)
    if hold.state is not HoldState.OPEN:
        raise HoldNotOpen(command.hold_id, hold.state.value)
    return hold


def _terms(command: HoldCommand, hold: Hold, happened: int) -> Terms:
    return Terms(
        reason=command.reason or hold.reason,
        metadata=command.metadata,
        channel=command.channel,
        effective_time=happened,
    )
