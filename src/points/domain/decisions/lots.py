"""Single lots: activated, cancelled, extended; and what has come to its end swept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from points.domain.bounds import NEVER
from points.domain.commands.lots import (
    ActivateLot,
    CancelLot,
    ExpireLots,
    ExtendLot,
    LotCommand,
)
from points.domain.decisions.common import (
    check_active,
    effective_time,
    existing_member,
)
from points.domain.decisions.posted import posted
from points.domain.identity import BREAKAGE, ISSUANCE, Place, member_account
from points.domain.lots import OVER, LotState, lot_state, shown_expire_time
from points.domain.program import Program
from points.domain.refusals import (
    ExpiryNotLater,
    InvalidArgument,
    LotExpired,
    LotNotFound,
    LotNotPending,
    NothingDue,
)
from points.domain.state import Decision, Stamp, State
from points.domain.terms import read_terms
from points.domain.values import Account, Draw, Lot, Posting, Retimed, Transaction


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decide_activate_lot(
    command: ActivateLot, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the activation: the lot is usable from now on, its expiry runs.

    Raises MemberNotFound, MemberFrozen, LotNotFound, LotNotPending and
    InvalidArgument (an effective time ahead, or so far back that the points would
    have expired), in this order.
    """
    check_active(state, stamp, command.member_id)
    lot = _pending(command, state, stamp)
    happened = effective_time(command, stamp)
    member = existing_member(state, stamp, command.member_id)
    expire_time = lot.expire_time
    if lot.expiry:
        terms = read_terms(lot.expiry)
        expire_time = terms.expire_time_from(happened, program.zone, member.create_time)
    if expire_time <= stamp.now:
        raise InvalidArgument({"effective_time": EXPIRED_BY_NOW})
    changed = lot._replace(
        activate_time=stamp.now, expire_time=expire_time, waits_for=""
    )
    return _decision(command, state, changed, happened)


def decide_cancel_lot(
    command: CancelLot, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the cancellation: what is left of the lot goes back to issuance.

    Caps, budgets and the times of rules get nothing back, as they get nothing when
    a lot's own deadline ends it: a lot may be a part of what an activity has earned,
    or what a pool got or a merge brought of it, while they count the activity. That
    stands, and could be done once more if it were not counted. Whoever undoes the
    activity itself, or the claim, reverses it: then they get all of it back, cancelled
    or not.

    Raises MemberNotFound, LotNotFound, LotNotPending and InvalidArgument (an
    effective time ahead), in this order.
    """
    existing_member(state, stamp, command.member_id)
    lot = _pending(command, state, stamp)
    happened = effective_time(command, stamp)
    # Without an activation it is told from a lot that was drawn.
    changed = lot._replace(
        remaining=0, ended=lot.ended + lot.remaining, activate_time=NEVER, waits_for=""
    )
    came = lot.remaining if lot.has_come else 0
    return _decision(command, state, changed, happened, _drawn(lot), came=came)


def decide_extend_lot(
    command: ExtendLot, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the extension: the same lot with a later expiry.

    Raises MemberNotFound, LotNotFound, LotExpired and ExpiryNotLater, in this order.
    """
    existing_member(state, stamp, command.member_id)
    lot = _own(command, state, stamp)
    found = lot_state(lot, stamp.now)
    if found in OVER:
        raise LotExpired(command.lot_id, found)
    current = shown_expire_time(lot, stamp.now)
    is_fixed = NEVER not in (lot.activate_time, current)
    if not is_fixed or command.expire_time <= current:
        asked, present = _text(command.expire_time), _text(current)
        raise ExpiryNotLater(command.lot_id, asked, present)
    changed = lot._replace(expire_time=command.expire_time, noticed_time=0)
    return _decision(command, state, changed, stamp.now)


def decide_expire_lots(
    command: ExpireLots, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the sweep of the lots that are due: to breakage, or back to issuance.

    Points in holds stay there. What is erased or merged expires like everything
    else: the books go on. Raises NothingDue.
    """
    found = (state.lot(place) for place in command.lots)
    due = [lot for lot in found if lot and _is_due(lot, command, stamp)]
    if not due:
        raise NothingDue(command.member_id)
    postings = tuple(
        Posting(member_account(command.member_id), account, command.unit, points)
        for account in (BREAKAGE, ISSUANCE)
        if (points := sum(lot.remaining for lot in due if _end_of(lot) == account))
    )
    came = sum(
        lot.remaining for lot in due if lot.has_come and _end_of(lot) == ISSUANCE
    )
    accounts = _posted(state, stamp.part, command.member_id, postings, came=came)
    return Decision(
        result=Transaction(
            postings=postings,
            balance_after=accounts[0].balance,
            reason=command.reason,
            metadata={},
            draws=tuple(map(_drawn, due)),
        ),
        effective_time=stamp.now,
        channel=command.channel,
        accounts=accounts,
        lots=tuple(
            lot._replace(remaining=0, ended=lot.ended + lot.remaining) for lot in due
        ),
    )


EXPIRED_BY_NOW = "lies so far back that the points would have expired"
"""What is wrong with an effective time from which an expiry runs."""


def _pending(command: LotCommand, state: State, stamp: Stamp) -> Lot:
    """Returns the lot if it is pending; raises LotNotFound and LotNotPending."""
    lot = _own(command, state, stamp)
    found = lot_state(lot, stamp.now)
    if found is not LotState.PENDING:
        raise LotNotPending(command.lot_id, found)
    return lot


def _own(command: LotCommand, state: State, stamp: Stamp) -> Lot:
    place = Place.of_lot(command.lot_id)
    lot = state.lot(place) if place and place.part == stamp.part else None
    if lot is None or lot.member_id != command.member_id:
        raise LotNotFound(command.lot_id)
    return lot


def _posted(
    state: State, part: int, member_id: str, postings: Sequence[Posting], *, came: int
) -> tuple[Account, ...]:
    """Returns the accounts after lots have given back what was never usable.

    What `came` of it from another member, by a pool or a merge, was never earned by
    this one: it is taken off nobody's lifetime count. What has come back to its
    earner is taken off that one's (`Lot.has_come`).
    """
    accounts = posted(state, part, member_id, postings)
    if not came:
        return accounts
    mine, *others = accounts
    return (mine._replace(lifetime_earned=mine.lifetime_earned + came), *others)


def _decision(
    command: LotCommand,
    state: State,
    lot: Lot,
    happened: int,
    *draws: Draw,
    came: int = 0,
) -> Decision:
    """Returns what changes one lot, and gives back what is drawn of it."""
    name = member_account(command.member_id)
    postings = tuple(Posting(name, ISSUANCE, lot.unit, d.points) for d in draws)
    accounts = _posted(state, lot.part, command.member_id, postings, came=came)
    mine = accounts[0] if accounts else state.account(lot.part, name, lot.unit)
    return Decision(
        result=Transaction(
            postings=postings,
            balance_after=mine.balance,
            reason=command.reason,
            metadata=command.metadata,
            draws=draws,
            lots=(lot,),
            retimed=(Retimed(lot.place(), lot.activate_time, lot.expire_time),),
            operator=command.operator,
        ),
        effective_time=happened,
        channel=command.channel,
        accounts=accounts,
        lots=(lot,),
    )


def _drawn(lot: Lot) -> Draw:
    return Draw(lot.place(), lot.remaining, lot.expire_time)


def _is_due(lot: Lot, command: ExpireLots, stamp: Stamp) -> bool:
    is_meant = (lot.part, lot.member_id, lot.unit) == (
        stamp.part,
        command.member_id,
        command.unit,
    )
    return is_meant and not lot.is_drawn and lot.expire_time <= stamp.now


def _end_of(lot: Lot) -> str:
    """Returns where the points of a lot go that is over."""
    return ISSUANCE if lot.activate_time == NEVER else BREAKAGE


def _text(instant: int) -> str:
    if instant == NEVER:
        return ""
    shown = (_EPOCH + timedelta(microseconds=instant)).isoformat()
    return shown.replace("+00:00", "Z")
