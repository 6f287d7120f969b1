"""Many conditions in one evaluation: a list of them costs little more than one.

If one of them has no value the list has none either, and they are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeAlias

from cel_expr_python import cel

from points.program.cel.compiling import Activation, Expression, ExpressionFailed
from points.program.cel.environment import Scope, environment


_TOGETHER_MAX: Final = 50
"""Most conditions of a batch: one that fails has no more than these asked again."""

Answer: TypeAlias = bool | ExpressionFailed
"""Is what became of one condition."""


class Batch(NamedTuple):
    """Is conditions that are asked together; `compiled` is None if they cannot be."""

    conditions: tuple[Expression, ...]
    compiled: cel.Expression | None


def batches_of(conditions: Iterable[Expression], scope: Scope) -> tuple[Batch, ...]:
    """Returns the conditions of one scope in batches, equal ones once."""
    unique = tuple({each.text: each for each in conditions}.values())
    starts = range(0, len(unique), _TOGETHER_MAX)
    groups = (unique[start : start + _TOGETHER_MAX] for start in starts)
    return tuple(Batch(group, _compiled(group, scope)) for group in groups)


def answers_of(batches: Iterable[Batch], activation: Activation) -> list[Answer]:
    """Returns the answer to each condition of the batches, in their order."""
    return [answer for batch in batches for answer in _asked(batch, activation)]


def _compiled(group: tuple[Expression, ...], scope: Scope) -> cel.Expression | None:
    # The line break ends a comment that a condition may end with.
    texts = (f"({each.text}\n)" for each in group)
    try:
        return environment(scope).compile(f"[{', '.join(texts)}]")
    except RuntimeError:
        # Each is nested one deeper than by itself, and one of them too deeply.
        return None


def _asked(batch: Batch, activation: Activation) -> list[Answer]:
    if batch.compiled is not None:
        answers: Any = batch.compiled.eval(activation).plain_value()
        if isinstance(answers, list):
            return answers
    return [_answer(each, activation) for each in batch.conditions]


def _answer(condition: Expression, activation: Activation) -> Answer:
    try:
        return bool(condition.value(activation))
    except ExpressionFailed as failed:
        return failed
