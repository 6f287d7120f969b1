"""How large and dear an expression may be.

A node costs one step, and what is inside a loop costs that for every item. The
runtime of CEL has a limit of its own on nesting (32) and on rounds of loops.
"""

from __future__ import annotations

from typing import Final

from points.domain.bounds import ACTIVITY_ITEMS_MAX
from points.program.cel.syntax import Node


CHARACTERS_MAX: Final = 2_000
"""Longest expression: a screen of it; longer ones are several rules."""

ITEMS_MAX: Final = ACTIVITY_ITEMS_MAX
"""Most items of one activity: loops over them stay short."""

COST_MAX: Final = 10_000
"""Most steps of one evaluation: a loop over all items, but none within another."""


def cost_of(node: Node) -> int:
    """Returns the most steps that an evaluation can take."""
    if node.kind != "loop":
        return 1 + sum(cost_of(child) for child in node.children)
    around, start, condition, step, result = node.children
    inside = cost_of(condition) + cost_of(step)
    return cost_of(around) + cost_of(start) + ITEMS_MAX * inside + cost_of(result)
