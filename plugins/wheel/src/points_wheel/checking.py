"""What makes a wheel impossible: odds that do not add up, or cannot be shown."""

from __future__ import annotations

from itertools import chain

from points_wheel.prizes import GRID_CELLS, NOTHING, TOTAL_MAX, Presentation, SoldOut
from points_wheel.terms import Terms


def check_terms(pool: Terms) -> None:
    """Raises ValueError for the first thing that is wrong with a wheel."""
    _check_names(pool)
    _check_weights(pool)
    _check_fallback(pool)
    _check_reels(pool)
    _check_display(pool)
    if pool.start_time >= pool.end_time:
        raise ValueError("end_time must lie behind start_time")


def _check_names(pool: Terms) -> None:
    ids = [prize.id for prize in pool.prizes]
    if len(set(ids)) != len(ids):
        raise ValueError("two prizes have the same id")
    units = [cost.unit for cost in pool.costs]
    if len(set(units)) != len(units):
        raise ValueError("two costs are in the same unit")


def _check_weights(pool: Terms) -> None:
    if pool.reels:
        if pool.total is not None or any(prize.weight for prize in pool.prizes):
            raise ValueError("the reels say the weights: give no weight and no total")
        return
    missing = [prize.id for prize in pool.prizes if prize.weight is None]
    if missing:
        raise ValueError(f"prize {missing[0]} has no weight")
    added = sum(prize.weight or 0 for prize in pool.prizes)
    if added > min(pool.total_weight, TOTAL_MAX):
        raise ValueError(f"the weights add up to {added}: more than the total")
    if added < pool.total_weight and NOTHING in pool.by_id:
        raise ValueError("the prize `nothing` is declared: the weights must add up")


def _check_fallback(pool: Terms) -> None:
    if (pool.sold_out is SoldOut.FALLBACK) != bool(pool.fallback):
        raise ValueError("a fallback goes with sold_out FALLBACK, and the other way")
    if not pool.fallback or pool.fallback == NOTHING:
        return
    prize = pool.by_id.get(pool.fallback)
    if prize is None:
        raise ValueError(f"there is no prize {pool.fallback} to fall back to")
    is_budgeted = pool.budget is not None and prize.points is not None
    if prize.is_bounded or is_budgeted:
        raise ValueError(f"the fallback {prize.id} could run out itself")


def _check_reels(pool: Terms) -> None:
    if not pool.reels:
        return
    if pool.presentation is not Presentation.SLOT:
        raise ValueError("only a SLOT has reels")
    if pool.groups:
        raise ValueError("a slot that is drawn reel by reel has no pity")
    if pool.sold_out is SoldOut.RENORMALISE and _may_run_out(pool):
        raise ValueError("reels cannot be renormalised: declare a fallback")
    _check_lines(pool)
    if pool.total_weight > TOTAL_MAX:
        raise ValueError("the reels have too many combinations")


def _check_lines(pool: Terms) -> None:
    lines = [line for prize in pool.prizes for line in prize.lines]
    if len(set(lines)) != len(lines):
        raise ValueError("two prizes have the same line")
    for prize in pool.prizes:
        if any(len(line) != len(pool.reels) for line in prize.lines):
            raise ValueError(f"prize {prize.id}: a line has a symbol for each reel")
        if not pool.base.get(prize.id):
            raise ValueError(f"prize {prize.id}: its lines never come up")


def _may_run_out(pool: Terms) -> bool:
    budgeted = pool.budget is not None and any(p.points for p in pool.prizes)
    return budgeted or any(prize.is_bounded for prize in pool.prizes)


def _check_display(pool: Terms) -> None:
    shown = {prize.id: prize.positions for prize in pool.prizes}
    if NOTHING in pool.outcomes:
        shown.setdefault(NOTHING, pool.nothing.positions)
    used = list(chain.from_iterable(shown.values()))
    if len(set(used)) != len(used):
        raise ValueError("two outcomes have the same position")
    if used and not all(shown.values()):
        raise ValueError("give every outcome a position, or none of them")
    if pool.presentation is Presentation.NINE_GRID:
        cells = set(used) if used else set(range(len(pool.outcomes)))
        if cells != set(range(GRID_CELLS)):
            raise ValueError("a nine-grid shows exactly the positions 0 to 7")
    if pool.presentation is Presentation.SLOT and not pool.reels:
        _check_outcome_lines(pool)


def _check_outcome_lines(pool: Terms) -> None:
    lines = {prize.id: prize.lines for prize in pool.prizes}
    if NOTHING in pool.outcomes:
        lines.setdefault(NOTHING, pool.nothing.lines)
    bare = [name for name, some in lines.items() if not some]
    if bare:
        raise ValueError(f"a slot has to show {bare[0]}: give it lines")
    every = list(chain.from_iterable(lines.values()))
    if len(set(every)) != len(every):
        raise ValueError("two outcomes have the same line")
