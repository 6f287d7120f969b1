"""The order of plugins: requirements first, then priority, then name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.plugin import Manifest
from points.plugin.loading.ordering import ordered


def plugin(name: str, *requires: str, priority: int = 100) -> Manifest:
    """Returns a manifest of a plugin that requires others."""
    return Manifest(
        name=name, version="1", summary="", requires=requires, priority=priority
    )


def test_what_is_required_comes_first() -> None:
    order, _ = ordered([plugin("a", "c"), plugin("b"), plugin("c", "b")])

    assert order == ["b", "c", "a"]


def test_a_lower_priority_comes_first_and_names_decide_between_equals() -> None:
    order, _ = ordered([plugin("c"), plugin("b"), plugin("z", priority=1)])

    assert order == ["z", "b", "c"]


def test_what_requires_something_missing_is_left_out_with_all_behind_it() -> None:
    order, left_out = ordered([plugin("a", "gone"), plugin("b", "a"), plugin("c")])

    assert order == ["c"]
    assert left_out == {
        "a": "it requires the plugin gone, which does not take part",
        "b": "it requires the plugin a, which does not take part",
    }


def test_a_circle_is_named() -> None:
    order, left_out = ordered([plugin("a", "b"), plugin("b", "a"), plugin("c")])

    assert order == ["c"]
    assert left_out["a"] == "plugins require each other in a circle: a -> b -> a"


def test_a_plugin_that_requires_itself_is_a_circle() -> None:
    assert ordered([plugin("a", "a")]) == (
        [],
        {"a": "plugins require each other in a circle: a -> a"},
    )


@pytest.mark.parametrize("found", list(permutations("abc")))
def test_the_order_is_the_same_however_plugins_are_found(
    found: tuple[str, ...],
) -> None:
    order, _ = ordered([plugin(name) for name in found])

    assert order == ["a", "b", "c"]


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.frozensets(st.sampled_from("abcdefg"))
    )
)
def test_every_plugin_has_a_place_or_a_reason(
    required: Mapping[str, frozenset[str]],
) -> None:
    order, left_out = ordered([plugin(n, *sorted(r)) for n, r in required.items()])

    assert sorted([*order, *left_out]) == sorted(required)
    for at, name in enumerate(order):
        assert required[name] <= set(order[:at])
