"""Under which terms an award is granted: how long it waits, and how it expires."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.calendar.policies import Policy
from points.program.document.bounds import Claim
from points.program.document.root import ProgramDocument
from points.program.document.units import Pending
from points.program.earning import Award


class Terms(NamedTuple):
    """Is what holds for the lot of an award.

    `pending` None is usable at once; an award with a `claim` is no lot before it
    was collected; `budget` is empty if nothing bounds what pays for it.
    """

    expiry: Policy
    pending: Pending | None
    claim: Claim | None
    budget: str


def terms_of(document: ProgramDocument, award: Award) -> Terms:
    """Returns the terms of the award's rule, or else those of its unit."""
    rule, unit = document.rules[award.rule_id], document.units[award.unit]
    budget = document.budgets.get(rule.budget or "")
    pays = budget is not None and budget.unit == award.unit
    return Terms(
        unit.expiry,
        rule.pending or unit.pending,
        rule.claim,
        rule.budget or "" if pays else "",
    )
