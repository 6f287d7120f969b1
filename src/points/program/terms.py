"""Under which terms an award is granted: what its points wait for, and who pays."""

from __future__ import annotations

from typing import Final, NamedTuple

from points.domain.activities import Waiting
from points.domain.calendar.periods import Period
from points.program.document.root import ProgramDocument
from points.program.document.units import Pending


_AT_ONCE: Final = Waiting()


class Terms(NamedTuple):
    """Is what holds for an award of a rule in a unit.

    Without anything to wait for its points are usable at once. With `claim_within`
    there is no lot before the award was collected; `budget` is empty if nothing
    bounds what pays for it.
    """

    waiting: Waiting
    claim_within: Period | None
    budget: str


def terms_of(document: ProgramDocument, rule_id: str, unit: str) -> Terms:
    """Returns the terms of a rule, or else those of the unit that it gives."""
    rule, of_unit = document.rules[rule_id], document.units[unit]
    budget = document.budgets.get(rule.budget or "")
    pays = budget is not None and budget.unit == unit
    return Terms(
        _waiting(rule.pending or of_unit.pending),
        rule.claim.within if rule.claim else None,
        rule.budget or "" if pays else "",
    )


def _waiting(pending: Pending | None) -> Waiting:
    if pending is None:
        return _AT_ONCE
    return Waiting(pending.after, pending.until_event or "", pending.cancel_after)
