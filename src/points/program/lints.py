"""What is allowed in a document and seldom wise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from points.domain.calendar.policies import Never
from points.program.document.earning import Award
from points.program.document.root import ProgramDocument
from points.program.loading.documents import problem_at
from points.program.loading.trees import Tree
from points.program.problems import Path, Problem


_FREE: Final = {"fixed", "per_quantity"}


def lints_of(document: ProgramDocument, tree: Tree) -> tuple[Problem, ...]:
    """Returns what is worth a second look, in the order of the document."""
    checks = (_credit, _uncapped, _endless, _unreachable, _unused)
    found = [problem_at(*lint, tree) for check in checks for lint in check(document)]
    return tuple(sorted(found, key=lambda lint: (lint.line, lint.column, lint.path)))


def _credit(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    """Yields rules that credit by themselves out of a budget that can run out."""
    for name, rule in document.rules.items():
        budget = document.budgets.get(rule.budget or "")
        if budget and not budget.unlimited and rule.claim is None:
            yield (
                ("rules", name, "budget"),
                (
                    "can run out, yet awards are credited by themselves: let members"
                    " collect them (claim), or make the budget unlimited"
                ),
            )


def _uncapped(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    """Yields rules that give points to spend for what costs nothing, without bound."""
    for name, rule in document.rules.items():
        if not rule.caps and any(_is_free(award, document) for award in rule.awards):
            yield (
                ("rules", name),
                (
                    "gives points without money for each activity: a cap would stop"
                    " those who repeat it for the points alone"
                ),
            )


def _is_free(award: Award, document: ProgramDocument) -> bool:
    spendable = document.units[award.unit].is_spendable
    return spendable and award.points.form in _FREE


def _endless(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    for name, unit in document.units.items():
        if unit.is_spendable and isinstance(unit.expiry, Never):
            yield (
                ("units", name),
                "never expires, so what is owed only grows: give it an expiry",
            )


def _unreachable(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    earned = {award.unit for rule in document.rules.values() for award in rule.awards}
    for name, ladder in document.ladders.items():
        unit = ladder.qualifying.unit
        if unit and document.rules and unit not in earned:
            path = ("ladders", name, "qualifying", "unit")
            yield path, f"is {unit}, which no rule earns: its tiers cannot be reached"


def _unused(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    rules = document.rules.values()
    awards = [award for rule in rules for award in rule.awards]
    used: Mapping[str, Iterable[str]] = {
        "caps": [name for rule in rules for name in rule.caps],
        "budgets": [rule.budget for rule in rules if rule.budget],
        "multipliers": [name for award in awards for name in award.multipliers],
    }
    for section, names in used.items():
        for name in getattr(document, section).keys() - set(names):
            yield (section, name), "is used by no rule: use it or leave it out"
