"""Small documents, and activities under them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.domain.activities import Activity
from points.program.document.root import ProgramDocument
from points.program.earning import Award, Earnings, awards_of
from points.program.facts import Facts
from points.program.loading.documents import load_document, load_tree
from points.program.loading.trees import Tree
from points.program.problems import DocumentWrong, Problem
from points.program.rulebook import Rulebook, compile_rules


UNITS: Final[dict[str, Any]] = {
    "points": {"kind": "currency", "value": {"points": 100, "money": 100}},
    "miles": {"kind": "growth"},
}
MONEY: Final = {"currency": "EUR", "rates": {"USD": "0.9", "JPY": "0.006"}}
NOON: Final = "2026-11-25T12:00"  # a Wednesday
ADA: Final = Facts("ada")


def table(**parts: Any) -> dict[str, Any]:
    """Returns the values of a small document with these parts."""
    return {"program": "test", "units": UNITS, "money": MONEY} | parts


def document(**parts: Any) -> ProgramDocument:
    """Returns a small document with these parts."""
    return load_tree(Tree(table(**parts), {}, {}))


def problems(**parts: Any) -> list[Problem]:
    """Returns what is wrong with a small document with these parts."""
    try:
        document(**parts)
    except DocumentWrong as wrong:
        return list(wrong.problems)
    return []


def problems_in(text: str) -> list[Problem]:
    """Returns what is wrong with a document in YAML."""
    try:
        load_document(text)
    except DocumentWrong as wrong:
        return list(wrong.problems)
    return []


def rule(points: Any, **parts: Any) -> dict[str, Any]:
    """Returns a rule for purchases with one award of points."""
    of_award = ("items", "multipliers", "first_time", "maximum", "rounding")
    award = {"unit": "points", "points": points}
    award |= {key: parts.pop(key) for key in (*of_award, "remainder") if key in parts}
    return {"activities": ["purchase"], "awards": [award]} | parts


def rulebook(
    points: Any, *, more: dict[str, Any] | None = None, **parts: Any
) -> Rulebook:
    """Returns the rulebook of one rule `r`, as `rule` makes it."""
    return compile_rules(document(rules={"r": rule(points, **parts)}, **(more or {})))


def at(local: str, zone: str = "UTC") -> int:
    """Returns the instant of a local time."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp()) * 1_000_000


def purchase(money: int = 0, local: str = NOON, **parts: Any) -> Activity:
    """Returns a purchase."""
    return Activity("purchase", at(local), money, **parts)


def earned(book: Rulebook, activity: Activity, facts: Facts = ADA) -> Earnings:
    """Returns what an activity earns."""
    return awards_of(book, activity, facts)


def only(book: Rulebook, activity: Activity, facts: Facts = ADA) -> Award:
    """Returns the one award that an activity earns."""
    (award,) = earned(book, activity, facts).awards
    return award
