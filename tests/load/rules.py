"""Measures what rules cost: microseconds an expression and an activity.

uv run poe rules

Each figure is the best of several rounds, in one thread, in time of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from points.program.cel.compiling import Result, compile_expression
from points.program.cel.environment import Scope, environment
from points.program.earning import awards_of
from points.program.rulebook import Rulebook, compile_rules
from tests.program.build import ADA, document, purchase, rule


ROUNDS: Final = 7
RULES: Final = 100
PER_EURO: Final[dict[str, Any]] = {"per_money": {"each": 100, "points": 1}}
MET: Final = 'activity.money > 100 && activity.channel == "web"'
UNMET: Final = 'activity.money > 100 && activity.channel == "shop"'
ACTIVITY: Final = purchase(4_590, channel="web")


def microseconds(call: Callable[[], object], repeats: int) -> float:
    """Returns what one call takes, in the best round."""
    return min(_round(call, repeats) for _ in range(ROUNDS))


def _round(call: Callable[[], object], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats * 1e6


def book_of(met: int, of_type: int = RULES) -> Rulebook:
    """Returns a hundred rules: so many are for purchases, and so many are met."""
    rules = {
        f"r{number}": rule(PER_EURO, when=MET if number < met else UNMET)
        | {"activities": ["purchase" if number < of_type else "other"]}
        for number in range(RULES)
    }
    return compile_rules(document(rules=rules))


def expression() -> Callable[[], object]:
    """Returns a call that evaluates one condition."""
    condition = compile_expression(MET, Scope.ACTIVITY, Result.BOOL)
    data = {"activity.money": 4_590, "activity.channel": "web"}
    activation = environment(Scope.ACTIVITY).Activation(data)
    return lambda: condition.value(activation)


def activity(book: Rulebook) -> Callable[[], object]:
    """Returns a call that asks all rules about one activity."""
    return lambda: awards_of(book, ACTIVITY, ADA)


@click.command()
def rules() -> None:
    """Prints a table of what is measured."""
    table = Table("what", "microseconds")
    measured = {
        "one condition": microseconds(expression(), 20_000),
        "an activity, 100 rules, 1 of its type": microseconds(
            activity(book_of(1, 1)), 2_000
        ),
        "an activity, 100 rules of its type, none met": microseconds(
            activity(book_of(0)), 200
        ),
        "an activity, 100 rules of its type, 3 met": microseconds(
            activity(book_of(3)), 200
        ),
        "an activity, 100 rules of its type, all met": microseconds(
            activity(book_of(RULES)), 100
        ),
    }
    for what, took in measured.items():
        table.add_row(what, f"{took:,.1f}")
    Console().print(table)


if __name__ == "__main__":
    rules()
