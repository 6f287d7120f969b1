"""When the lot of an earn becomes usable, and when it expires."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, Protocol

from points.domain.bounds import AT_ONCE, NEVER, UNSET
from points.domain.calendar.periods import Period
from points.domain.calendar.policies import Never, Policy, Sliding
from points.domain.calendar.zones import end_of_day, local_date, start_of_day
from points.domain.program import Program, Unit
from points.domain.refusals import InvalidArgument
from points.domain.state import Stamp
from points.domain.terms import Terms, write_terms
from points.domain.values import Member


class Asked(Protocol):
    """Is what is asked of the times of a lot: an earn, or what stands for one."""

    @property
    def unit(self) -> str:
        """Returns the unit, which decides what is left out."""

    @property
    def activate_time(self) -> int:
        """Returns from when on the lot is to be usable, UNSET if that is left out."""

    @property
    def expire_time(self) -> int:
        """Returns when it is to expire, NEVER if that is left out."""

    @property
    def waits_for(self) -> str:
        """Returns the event that it waits for, empty for none."""

    @property
    def cancel_time(self) -> int:
        """Returns until when it waits."""

    @property
    def expire_after(self) -> Period | None:
        """Returns how long it is to live from its activation on, or None."""


class Wish(NamedTuple):
    """Is what is asked of the times of a lot that no earn asks for: see `Asked`."""

    unit: str
    activate_time: int = UNSET
    waits_for: str = ""
    cancel_time: int = NEVER
    expire_time: int = NEVER
    expire_after: Period | None = None


class Times(NamedTuple):
    """Is what an earn says about its lot, worked out: columns of `Lot`."""

    activate_time: int
    expire_time: int
    waits_for: str = ""
    expiry: str = ""


def times_of(
    asked: Asked, program: Program, member: Member, stamp: Stamp, happened: int
) -> Times:
    """Returns the times of the new lot.

    What is left out is decided by its unit. Raises InvalidArgument
    if the lot could never be used.
    """
    if asked.expire_time <= stamp.now:
        raise InvalidArgument({"expire_time": "must lie ahead"})
    unit = program.unit(asked.unit)
    if _is_plain(asked, unit):
        is_pending = asked.activate_time > stamp.now
        activate_time = asked.activate_time if is_pending else AT_ONCE
        return Times(activate_time, asked.expire_time)
    terms = _terms(asked, unit)
    if asked.waits_for:
        return _waiting(asked, terms, stamp)
    start = _start(asked, program, happened)
    is_pending = start > stamp.now
    expire_time = terms.expire_time_from(start, program.zone, member.create_time)
    if expire_time <= max(start, stamp.now):
        raise InvalidArgument(_never_usable(asked))
    is_kept = is_pending or asked.expire_after or isinstance(terms.policy, Sliding)
    return Times(
        start if is_pending else AT_ONCE,
        expire_time,
        expiry=write_terms(terms) if terms.runs and is_kept else "",
    )


def _is_plain(asked: Asked, unit: Unit) -> bool:
    """Says whether nothing has to be worked out, as for most earns of most programs."""
    if asked.waits_for or asked.expire_after is not None:
        return False
    is_said = asked.expire_time != NEVER or isinstance(unit.expiry, Never)
    return is_said and (unit.activation is None or asked.activate_time != UNSET)


def _terms(asked: Asked, unit: Unit) -> Terms:
    return Terms(
        waits_for=asked.waits_for,
        cancel_time=asked.cancel_time,
        expire_time=asked.expire_time,
        expire_after=asked.expire_after,
        policy=_policy(asked, unit),
    )


def _policy(asked: Asked, unit: Unit) -> Policy | None:
    """Returns the unit's policy, if nothing goes before it and it ends lives."""
    is_said = asked.expire_after is not None or asked.expire_time != NEVER
    return None if is_said or isinstance(unit.expiry, Never) else unit.expiry


def _waiting(asked: Asked, terms: Terms, stamp: Stamp) -> Times:
    """Returns the times of a lot that waits, for no longer than it could live."""
    if asked.cancel_time <= stamp.now:
        raise InvalidArgument({"pending.cancel_time": "must lie ahead"})
    deadline = min(asked.cancel_time, asked.expire_time)
    return Times(NEVER, deadline, asked.waits_for, write_terms(terms))


def _start(asked: Asked, program: Program, happened: int) -> int:
    """Returns when the life of the lot begins, be it past or to come."""
    if asked.activate_time != UNSET:
        return asked.activate_time
    period = program.unit(asked.unit).activation
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


def _never_usable(asked: Asked) -> dict[str, str]:
    if asked.expire_time != NEVER:
        return {"expire_time": "must be after the unit's activation"}
    return {"effective_time": "lies so far back that the points would have expired"}
