"""Advance notice of expiry: a record for whoever tells the member."""

from __future__ import annotations

from points.domain.commands.lots import GiveNotice
from points.domain.program import Program
from points.domain.refusals import NothingDue
from points.domain.state import Decision, Stamp, State
from points.domain.values import Draw, Lot, Notice


def decide_give_notice(
    command: GiveNotice, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the notice of those lots that nobody has given notice of yet.

    Each is marked with the expiry that was announced, so that it is announced once,
    and once more if it expires later after all. Like an expiry, it is recorded
    whatever the member has become. Raises NothingDue.
    """
    until = program.notice_until(command.unit, stamp.now)
    found = (state.lot(place) for place in command.lots)
    due = [lot for lot in found if lot and _is_due(lot, command, stamp, until)]
    if not due:
        raise NothingDue(command.member_id)
    told = (Draw(lot.place(), lot.remaining, lot.expire_time) for lot in due)
    return Decision(
        result=Notice(command.unit, tuple(told)),
        effective_time=stamp.now,
        channel=command.channel,
        lots=tuple(lot._replace(noticed_time=lot.expire_time) for lot in due),
    )


def _is_due(lot: Lot, command: GiveNotice, stamp: Stamp, until: int) -> bool:
    owner = (stamp.part, command.member_id, command.unit)
    is_meant = (lot.part, lot.member_id, lot.unit) == owner
    is_live = lot.activate_time <= stamp.now < lot.expire_time <= until
    is_new = lot.noticed_time != lot.expire_time
    return is_meant and not lot.is_drawn and is_live and is_new
