"""When the lot of an earn becomes usable, and when it expires."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from points.domain.bounds import AT_ONCE, NEVER, UNSET
from points.domain.calendar.periods import Period
from points.domain.calendar.policies import Never, Policy, Sliding
from points.domain.calendar.zones import end_of_day, local_date, start_of_day
from points.domain.commands import Earn
from points.domain.program import NO_EXPIRY, Program, Unit
from points.domain.refusals import InvalidArgument
from points.domain.state import Stamp
from points.domain.terms import Terms, write_terms
from points.domain.values import Member


class Times(NamedTuple):
    """Is what an earn says about its lot, worked out: columns of `Lot`."""

    activate_time: int
    expire_time: int
    waits_for: str = ""
    expiry: str = ""


def times_of(
    command: Earn, program: Program, member: Member, stamp: Stamp, happened: int
) -> Times:
    """Returns the times of the new lot.

    What the command leaves out is decided by its unit. Raises InvalidArgument
    if the lot could never be used.
    """
    if command.expire_time <= stamp.now:
        raise InvalidArgument({"expire_time": "must lie ahead"})
    unit = program.unit(command.unit)
    if _is_plain(command, unit):
        is_pending = command.activate_time > stamp.now
        activate_time = command.activate_time if is_pending else AT_ONCE
        return Times(activate_time, command.expire_time)
    terms = _terms(command, unit)
    if command.waits_for:
        return _waiting(command, terms, stamp)
    start = _start(command, program, happened)
    is_pending = start > stamp.now
    expire_time = terms.expire_time_from(start, program.zone, member.create_time)
    if expire_time <= max(start, stamp.now):
        raise InvalidArgument(_never_usable(command))
    is_kept = is_pending or command.expire_after or isinstance(terms.policy, Sliding)
    return Times(
        start if is_pending else AT_ONCE,
        expire_time,
        expiry=write_terms(terms) if terms.runs and is_kept else "",
    )


def _is_plain(command: Earn, unit: Unit) -> bool:
    """Says whether nothing has to be worked out, as for most earns of most programs."""
    if command.waits_for or command.expire_after is not None:
        return False
    is_said = command.expire_time != NEVER or unit.expiry is NO_EXPIRY
    return is_said and (unit.activation is None or command.activate_time != UNSET)


def _terms(command: Earn, unit: Unit) -> Terms:
    return Terms(
        waits_for=command.waits_for,
        cancel_time=command.cancel_time,
        expire_time=command.expire_time,
        expire_after=command.expire_after,
        policy=_policy(command, unit),
    )


def _policy(command: Earn, unit: Unit) -> Policy | None:
    """Returns the unit's policy, if nothing goes before it and it ends lives."""
    is_said = command.expire_after is not None or command.expire_time != NEVER
    return None if is_said or isinstance(unit.expiry, Never) else unit.expiry


def _waiting(command: Earn, terms: Terms, stamp: Stamp) -> Times:
    """Returns the times of a lot that waits, for no longer than it could live."""
    if command.cancel_time <= stamp.now:
        raise InvalidArgument({"pending.cancel_time": "must lie ahead"})
    deadline = min(command.cancel_time, command.expire_time)
    return Times(NEVER, deadline, command.waits_for, write_terms(terms))


def _start(command: Earn, program: Program, happened: int) -> int:
    """Returns when the life of the lot begins, be it past or to come."""
    if command.activate_time != UNSET:
        return command.activate_time
    period = program.unit(command.unit).activation
    return happened if period is None else day_after(period, happened, program)


def day_after(period: Period, instant: int, program: Program) -> int:
    """Returns the start of the day that is so long after an instant's day."""
    return start_of_day(_reached(period, instant, program), program.zone)


def end_after(period: Period, instant: int, program: Program) -> int:
    """Returns the end of the day that is so long after an instant's day."""
    return end_of_day(_reached(period, instant, program), program.zone)


def _reached(period: Period, instant: int, program: Program) -> date:
    try:
        return period.after(local_date(instant, program.zone))
    except OverflowError:
        return date.max


def _never_usable(command: Earn) -> dict[str, str]:
    if command.expire_time != NEVER:
        return {"expire_time": "must be after the unit's activation"}
    return {"effective_time": "lies so far back that the points would have expired"}
