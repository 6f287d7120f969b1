"""The program of the domain that a document means."""

from __future__ import annotations

from dataclasses import replace

from points.domain.calendar.documents import format_policy
from points.domain.program import Program, program_of
from points.program.climbing import ladders_of
from points.program.document.root import ProgramDocument


def to_program(document: ProgramDocument) -> Program:
    """Returns what commands of the ledger are decided under.

    Points of a unit that wait for an event, and not for a time, get that from the
    rule or the earn.
    """
    units = document.units
    pending = {name: unit.pending for name, unit in units.items() if unit.pending}
    program = program_of(
        currency_units=[name for name, unit in units.items() if unit.is_spendable],
        growth_units=[name for name, unit in units.items() if not unit.is_spendable],
        sinks=document.sinks,
        zone=document.zone.key,
        expiry={name: format_policy(unit.expiry) for name, unit in units.items()},
        activation={
            name: str(each.after) for name, each in pending.items() if each.after
        },
    )
    return replace(program, ladders=ladders_of(document))
