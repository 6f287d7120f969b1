"""Refusals: their names, their sentences, and how stored ones come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain import refusals
from points.domain.refusals import (
    Frozen,
    InsufficientPoints,
    InvalidArgument,
    MemberExists,
    MemberNotFound,
    PageTokenInvalid,
    Passing,
    PluginDeclined,
    PluginRefused,
    Refusal,
    StoreUnavailable,
    frozen_reasons,
)
from tests.domain.strategies import texts


def leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """Yields every class below that has none below it."""
    below = kind.__subclasses__()
    if not below:
        yield kind
    for one in below:
        yield from leaves(one)


FROZEN: Final = sorted(leaves(Frozen), key=lambda kind: kind.__name__)
PASSING: Final = sorted(leaves(Passing), key=lambda kind: kind.__name__)
KINDS: Final = FROZEN + PASSING
CORE: Final = [k for k in KINDS if k not in (PluginRefused, PluginDeclined)]
"""Those whose sentence and metadata are ours, and not those of a plugin."""

_SAMPLES: Final[dict[Any, Any]] = {int: 4711, str: "§", dict[str, str]: {"§": "¶"}}
_ANY: Final[dict[Any, st.SearchStrategy[Any]]] = {
    int: st.integers(),
    str: texts,
    dict[str, str]: st.dictionaries(texts, texts, max_size=3),
}


def sample(kind: type[Refusal]) -> Refusal:
    """Returns a refusal whose fields are unmistakable."""
    hints = get_type_hints(kind)
    return kind(**{field.name: _SAMPLES[hints[field.name]] for field in fields(kind)})


def any_of(kind: type[Frozen]) -> st.SearchStrategy[Frozen]:
    """Returns the refusals of a class, with any data."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: _ANY[hints[f.name]] for f in fields(kind)})


frozen_refusals: Final[st.SearchStrategy[Frozen]] = st.one_of(
    *(any_of(kind) for kind in frozen_reasons().values())
)


@given(frozen_refusals)
def test_a_frozen_refusal_thaws_as_it_was(refusal: Frozen) -> None:
    assert type(refusal).thaw(refusal.freeze()) == refusal


@given(frozen_refusals)
def test_a_thawed_refusal_says_the_same_sentence(refusal: Frozen) -> None:
    assert str(type(refusal).thaw(refusal.freeze())) == str(refusal)


def test_every_stored_refusal_is_found_by_its_reason() -> None:
    assert sorted(frozen_reasons().values(), key=lambda kind: kind.__name__) == FROZEN


@pytest.mark.parametrize("kind", KINDS)
def test_the_docstring_of_the_module_draws_every_class(kind: type[Refusal]) -> None:
    assert re.search(rf"\b{kind.__name__}\b", refusals.__doc__ or "")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (MemberNotFound, "MEMBER_NOT_FOUND"),
        (InsufficientPoints, "INSUFFICIENT_POINTS"),
        (refusals.LimitExceeded, "LIMIT_EXCEEDED"),
        (refusals.RequestIdReused, "REQUEST_ID_REUSED"),
        (refusals.Internal, "INTERNAL"),
    ],
)
def test_a_reason_is_the_name_of_the_class(kind: type[Refusal], reason: str) -> None:
    assert kind.reason() == reason


def test_no_two_classes_have_the_same_reason() -> None:
    assert len({kind.reason() for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_says_a_sentence(kind: type[Refusal]) -> None:
    assert str(sample(kind))


@pytest.mark.parametrize("kind", CORE)
def test_the_sentence_has_all_that_the_metadata_has(kind: type[Refusal]) -> None:
    refusal = sample(kind)
    missing = [what for what in refusal.metadata().values() if what not in str(refusal)]

    assert missing == []


@pytest.mark.parametrize("kind", [k for k in CORE if k is not InvalidArgument])
def test_the_metadata_has_every_field(kind: type[Refusal]) -> None:
    assert sample(kind).metadata().keys() == {field.name for field in fields(kind)}


def test_the_metadata_of_an_invalid_argument_has_every_wrong_field() -> None:
    assert sample(InvalidArgument).metadata() == {"§": "¶"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_equals_another_with_the_same_data(kind: type[Refusal]) -> None:
    assert sample(kind) == sample(kind)


def test_a_refusal_differs_from_one_with_other_data() -> None:
    assert MemberNotFound("ada") != MemberNotFound("bob")


def test_a_refusal_differs_from_one_of_another_class() -> None:
    assert MemberNotFound("ada") != MemberExists("ada")


def test_a_refusal_differs_from_anything_else() -> None:
    assert MemberNotFound("ada") != "member 'ada' does not exist"


def test_refusals_can_be_put_into_sets() -> None:
    assert len({StoreUnavailable(), StoreUnavailable()}) == 2


def test_the_sentence_quotes_what_callers_sent() -> None:
    assert str(MemberNotFound("{0} 'x'")) == "member \"{0} 'x'\" does not exist"


def test_a_sentence_of_several_fields_names_each() -> None:
    refusal = InvalidArgument({"unit": "is required", "points": "must be above zero"})

    assert str(refusal) == "unit is required; points must be above zero"


def test_a_page_token_is_in_the_field_of_that_name_unless_said_otherwise() -> None:
    assert PageTokenInvalid().metadata() == {"field": "page_token"}
