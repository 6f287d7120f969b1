"""Bounds are asked where they may make a difference, and only there."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.bounds import NEVER
from points.domain.counters import Counter
from points.domain.progress import Progress
from points.domain.refusals import InvalidArgument, Refusal
from points.program.bounding import bound, bound_one_by_one
from points.program.earning import awards_of
from points.program.rulebook import Rulebook, compile_rules
from tests.program.build import ADA, document, purchase, rule


PER_PIECE: Final = {"per_quantity": {"points": 2}}
RULES: Final[dict[str, Any]] = {
    "plain": rule({"fixed": 5}),
    "wine": rule(
        PER_PIECE, items='item.category == "wine"', caps=["mine", "all"], budget="b"
    ),
    "bread": rule(PER_PIECE, items='item.category == "bread"', caps=["mine"]),
}
CAPS: Final[dict[str, Any]] = {
    "mine": {"unit": "points", "bound": {"points": 7}, "window": {"each": "DAY"}},
    "all": {
        "per": [],
        "bound": {"count": 1},
        "window": {"each": "LIFETIME"},
        "overflow": "REJECT",
    },
    "keyed": {
        "key": "activity.attributes.device",
        "bound": {"count": 1},
        "window": {"each": "DAY"},
    },
}
BUDGETS: Final[dict[str, Any]] = {
    "b": {"unit": "points", "fixed": {"points": 9}, "overflow": "REFUSE"}
}
baskets: Final = st.lists(
    st.builds(
        Item,
        st.uuids().map(str),
        quantity=st.integers(1, 6),
        category=st.sampled_from(["wine", "bread", "milk"]),
    ),
    max_size=3,
)


def came_to(how: Any, book: Any, activity: Any, used: int = 0) -> object:
    """Returns what bounds leave of what an activity earns, or the refusal."""
    awards = awards_of(book, activity, ADA).awards
    try:
        return how(
            book,
            activity,
            ADA,
            awards,
            progress=Progress(1, "ada"),
            shared=lambda name, start: Counter(1, name, start, NEVER, used=used),
        )
    except Refusal as refusal:
        return type(refusal), str(refusal)


@cache
def book_of_all() -> Rulebook:
    """Returns the rules with all their bounds, made ready once."""
    return compile_rules(document(rules=RULES, caps=CAPS, budgets=BUDGETS))


@given(baskets, st.integers(0, 2))
def test_what_no_bound_concerns_is_the_same_without_asking(
    items: list[Item], used: int
) -> None:
    book = book_of_all()
    activity = purchase(items=tuple(items), quantity=max(1, len(items)))

    found = [came_to(how, book, activity, used) for how in (bound, bound_one_by_one)]

    assert found[0] == found[1]


@pytest.mark.parametrize("how", [bound, bound_one_by_one])
def test_a_cap_without_a_key_is_refused_though_nothing_was_earned(how: Any) -> None:
    rules = {"r": rule(PER_PIECE, items='item.category == "wine"', caps=["keyed"])}
    book = compile_rules(document(rules=rules, caps=CAPS))

    found: Any = came_to(how, book, purchase(items=(Item("a"),)))

    assert found[0] is InvalidArgument
