"""Many conditions in one evaluation: a list of them costs little more than one.

If one of them has no value the list has none either, and they are asked one by one.
Those that only compare are asked in Python, and make a batch of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from cel_expr_python import cel

from points.program.cel.compiling import Activation, Expression, ExpressionFailed
from points.program.cel.environment import Scope, environment
from points.program.cel.plain import Switch, switch_of


_TOGETHER_MAX: Final = 50
"""Most conditions of a batch: one that fails has no more than these asked again."""

Answer: TypeAlias = bool | ExpressionFailed
"""Is what became of one condition."""


class Variables(Protocol):
    """Is what conditions are asked about."""

    @property
    def activation(self) -> Activation:
        """Returns all variables as CEL takes them: made when it is first needed."""

    def value(self, name: str) -> Any:
        """Returns the value of one variable."""


class Batch(NamedTuple):
    """Is conditions that are asked together; `compiled` is None if they cannot be.

    Those that only compare are asked by `plain`, which takes the values of `names`.
    """

    conditions: tuple[Expression, ...]
    compiled: cel.Expression | None
    plain: Switch | None = None
    names: tuple[str, ...] = ()


def batches_of(
    conditions: Iterable[Expression], scope: Scope, *, plainly: bool
) -> tuple[Batch, ...]:
    """Returns the conditions of one scope in batches, equal ones once.

    Without `plainly` none of them is asked in Python.
    """
    unique = {each.text: each for each in conditions}.values()
    plain = tuple(each for each in unique if each.plain and plainly)
    others = tuple(each for each in unique if not (each.plain and plainly))
    starts = range(0, len(others), _TOGETHER_MAX)
    groups = (others[start : start + _TOGETHER_MAX] for start in starts)
    batches = tuple(Batch(group, _compiled(group, scope)) for group in groups)
    return (_plain_batch(plain), *batches) if plain else batches


def answers_of(
    batches: Iterable[Batch], variables: Variables
) -> list[tuple[int, Answer]]:
    """Returns the answers that are not false, with the places of their conditions.

    These are counted through all the batches.
    """
    found: list[tuple[int, Answer]] = []
    first = 0
    for batch in batches:
        if batch.plain is not None:
            values = [variables.value(name) for name in batch.names]
            found += [(first + at, True) for at in batch.plain.met(values)]
        else:
            answers = enumerate(_asked(batch, variables.activation), first)
            found += [(at, answer) for at, answer in answers if answer]
        first += len(batch.conditions)
    return found


def _plain_batch(group: tuple[Expression, ...]) -> Batch:
    names = tuple(sorted({name for each in group for name in each.names}))
    conditions = [each.plain for each in group if each.plain]
    return Batch(group, None, switch_of(conditions, names), names)


def _compiled(group: tuple[Expression, ...], scope: Scope) -> cel.Expression | None:
    # The line break ends a comment that a condition may end with.
    texts = (f"({each.text}\n)" for each in group)
    try:
        return environment(scope).compile(f"[{', '.join(texts)}]")
    except RuntimeError:
        # Each is nested one deeper than by itself, and one of them too deeply.
        return None


def _asked(batch: Batch, activation: Activation) -> Iterable[Answer]:
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
