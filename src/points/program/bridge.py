"""The program of the domain that a document means."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from points.domain.calendar.documents import format_policy
from points.domain.pools import PoolTerms
from points.domain.program import Program, program_of
from points.program.climbing import ladders_of
from points.program.document.root import ProgramDocument
from points.program.document.units import Unit
from points.program.funding import budget_terms
from points.program.loading.documents import load_document
from points.program.rulebook import compile_rules
from points.program.rules import DocumentRules
from points.program.scoring import scoring_of


def program_of_text(text: str) -> Program:
    """Returns the program of a document's canonical text; raises DocumentWrong."""
    return to_program(load_document(text))


def to_program(document: ProgramDocument) -> Program:
    """Returns what commands are decided under, its rules compiled.

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
        notice={name: str(unit.notice) for name, unit in units.items() if unit.notice},
    )
    worth = {name: _worth(unit) for name, unit in units.items()}
    return replace(
        program,
        units={n: replace(u, worth=worth[n]) for n, u in program.units.items()},
        currency=document.money.currency if document.money else "",
        rules=DocumentRules(compile_rules(document)),
        budgets=budget_terms(document),
        ladders=ladders_of(document),
        scoring=scoring_of(document),
        plugins=document.plugins,
        pools={
            name: PoolTerms(name, frozenset(pool.units), pool.share)
            for name, pool in document.pools.items()
        },
    )


def _worth(unit: Unit) -> Fraction | None:
    return Fraction(unit.value.money, unit.value.points) if unit.value else None
