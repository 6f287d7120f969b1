"""Applying a program: all that comes after is decided under it from its start on.

A unit whose points somebody has, or may have by then, must stay as it is: balances
of a unit that nobody knows could be neither spent nor explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from points.domain.bounds import UNSET
from points.domain.commands import ApplyProgram
from points.domain.decisions.spent import overspent
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.refusals import InvalidArgument, ProgramChanged, UnitInUse
from points.domain.state import Decision, Stamp, State
from points.domain.versions import (
    PROGRAM_PART,
    STARTED_WITH,
    AppliedProgram,
    ProgramVersion,
    schedule_of,
    units_lost,
    version_at,
)


def decide_apply_program(
    command: ApplyProgram, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the next version, or the one that has the same content already.

    Raises InvalidArgument (an instant that has passed), ProgramChanged,
    InvalidArgument (a budget below what it has paid already) and UnitInUse, in this
    order.
    """
    start_time = _start_time(command, stamp)
    last = stamp.program_version
    if command.expected_version not in (UNSET, last):
        raise ProgramChanged(command.expected_version, last)
    versions = state.program_versions()
    same = version_at(versions, start_time)
    if same is not None and same.digest == command.digest:
        return _decision(stamp, same._replace(unchanged=True))
    made = ProgramVersion(
        version=last + 1,
        digest=command.digest,
        effective_time=start_time,
        operator=command.operator,
        reason=command.reason,
        units=command.units,
    )
    before = _started_with(program)
    violations = dict(overspent(command, state, program, stamp.now))
    if violations:
        raise InvalidArgument(violations)
    lost = next(_lost(command, state, stamp, [before, *versions, made]), None)
    if lost is not None:
        raise UnitInUse(lost)
    return _applied(command, stamp, made)


def _start_time(command: ApplyProgram, stamp: Stamp) -> int:
    if command.effective_time == UNSET:
        return stamp.now
    if command.effective_time < stamp.now:
        what = "must not have passed: leave it out to begin now"
        raise InvalidArgument({"effective_time": what})
    return command.effective_time


def _lost(
    command: ApplyProgram,
    state: State,
    stamp: Stamp,
    versions: Sequence[ProgramVersion],
) -> Iterator[str]:
    """Yields the units that the new version takes away, or lets another take away."""
    used = {
        account.unit
        for name in command.reads().names
        for account in state.accounts_of(stamp.part, name)
    }
    made = versions[-1]
    yield from sorted(used - dict(made.units).keys())
    for before, after in pairwise(schedule_of(versions)):
        if made in (before, after):
            is_now = after.effective_time <= stamp.now
            for unit in units_lost(before.units, after.units):
                if unit in used or not is_now:
                    yield unit


def _started_with(program: Program) -> ProgramVersion:
    """Returns the version before all others; asked only where there is no other."""
    units = tuple((unit.code, unit.spendable) for unit in program.units.values())
    return ProgramVersion(STARTED_WITH, "", -1, "", "", units)


def _applied(command: ApplyProgram, stamp: Stamp, made: ProgramVersion) -> Decision:
    decision = _decision(stamp, made)._replace(program_version=made.version)
    if stamp.part != PROGRAM_PART:
        return decision
    return decision._replace(
        program=AppliedProgram(
            part=PROGRAM_PART,
            version=made.version,
            digest=made.digest,
            effective_time=made.effective_time,
            apply_time=stamp.now,
            operator=made.operator,
            reason=made.reason,
            units=made.units,
            document=command.document,
        )
    )


def _decision(stamp: Stamp, result: ProgramVersion) -> Decision:
    return Decision(result=result, effective_time=stamp.now, channel=CORE_CHANNEL)
