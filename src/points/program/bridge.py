"""The program of the domain that a document means."""

from __future__ import annotations

from points.domain.program import Program, program_of
from points.program.document.root import ProgramDocument


def to_program(document: ProgramDocument) -> Program:
    """Returns what commands of the ledger are decided under."""
    spendable = {name: unit.is_spendable for name, unit in document.units.items()}
    return program_of(
        currency_units=tuple(name for name, is_so in spendable.items() if is_so),
        growth_units=tuple(name for name, is_so in spendable.items() if not is_so),
        sinks=document.sinks,
    )
