"""The document of what a server was started with: settings, or the built-in one."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from points.domain.calendar.documents import format_policy
from points.domain.program import Program, Unit
from points.program.bridge import to_program
from points.program.document.root import ProgramDocument
from points.program.shipped import shipped_document


def started_document(program: Program) -> ProgramDocument | None:
    """Returns the document that means the same, None if no document may be so.

    The built-in one where it does; settings allow names that documents do not.
    """
    built_in = shipped_document()
    if _meaning(to_program(built_in)) == _meaning(program):
        return built_in
    try:
        return ProgramDocument.model_validate(_table(program, built_in.program))
    except ValidationError:
        return None


def _meaning(program: Program) -> tuple[Any, ...]:
    return dict(program.units), program.sinks, program.zone.key


def _table(program: Program, name: str) -> dict[str, Any]:
    return {
        "program": name,
        "zone": program.zone.key,
        "units": {code: _unit_table(unit) for code, unit in program.units.items()},
        "sinks": sorted(program.sinks),
    }


def _unit_table(unit: Unit) -> dict[str, Any]:
    table: dict[str, Any] = {"kind": "currency" if unit.spendable else "growth"}
    table["expiry"] = format_policy(unit.expiry)
    if unit.activation is not None:
        table["pending"] = {"after": str(unit.activation)}
    return table
