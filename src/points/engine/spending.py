"""What budgets per member have paid: looked up beside the writer, before it decides.

Nobody else could do it, for each member has a counter of its own, and all parts are
locked while a program is applied. Whoever is paid meanwhile keeps it.
"""

from __future__ import annotations

from dataclasses import replace

from points.domain.budgets import BudgetForm, BudgetTerms
from points.domain.commands import ApplyProgram
from points.domain.program import Program
from points.domain.progress import budget_counter
from points.store.databases.backend import Backend
from points.store.reads.deeds import FIRST, progress_behind
from points.store.reads.fetcher import ROWS_AT_A_TIME


def with_spending(
    command: ApplyProgram, backend: Backend, program: Program, now: int
) -> ApplyProgram:
    """Returns the command with what its budgets per member have paid who got most.

    Members are looked at only where a budget becomes less than that of the program
    in force. Raises StoreLost.
    """
    less = [each for each in command.budgets if _is_less(each, program)]
    if not less:
        return command
    names = {
        each.name: budget_counter(each.counter_name, command.start_of(each, now))
        for each in less
    }
    most = dict.fromkeys(names, 0)
    after = FIRST
    while page := progress_behind(backend, after, ROWS_AT_A_TIME):
        for name, counter in names.items():
            most[name] = max(most[name], *(each.used(counter) for each in page))
        after = (page[-1].part, page[-1].member_id)
    return replace(command, paid_most=tuple(sorted(most.items())))


def _is_less(budget: BudgetTerms, program: Program) -> bool:
    """Says whether a budget per member is below what it is now, or another one."""
    before = program.budgets.get(budget.name)
    if budget.form is not BudgetForm.PER_MEMBER or before is None:
        return False
    return before._replace(points=budget.points) != budget or (
        budget.points < before.points
    )
