"""Fingerprints: the same for the same content, different for any other, for ever."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, UNSET
from points.domain.calendar.periods import Period
from points.domain.commands import Command
from tests.clock import NOON
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    unfreeze_member,
    update_member,
)


GOLDEN: Final[list[tuple[Command, str]]] = [
    (earn(), "8a1d24c525cf70f52c7886724507bd71"),
    (
        earn(
            effective_time=NOON,
            activate_time=NOON + 1,
            expire_time=NOON + 2,
            metadata={"b": "é", "a": '"'},
            channel="purchase",
        ),
        "ccbc7f4e52a3b7941d7795b49442bbf8",
    ),
    (burn(), "0e5012c454dee271132ca05eea7fe6b1"),
    (burn(sink="donation", metadata={"a": "1"}), "8b0bf4aa4ef7b04987bb280757039a37"),
    (create_member(), "620ba6d91d5ded7733f0f7975674e6cc"),
    (create_member(attributes={"name": "Ada"}), "080e3c0c7097645846b49a7a7a35b3cb"),
    (update_member(), "1b2a17ba53ce2925277b646214dac1b5"),
    (
        update_member(attributes={"a": "1"}, keys=("a", "b"), etag="3"),
        "3c8e4884bdcc75bdbe093c50be64fd12",
    ),
    (freeze_member(), "efa7e3fec053212cb7d81d8bda616a9d"),
    (freeze_member(reason="fraud"), "f6cc635a2b7ef66d0d2cbe7eec89291d"),
    (unfreeze_member(), "3fbc0f416616a1478ce28fc8efb222f6"),
]

OTHER_VALUES: Final[dict[str, Any]] = {
    "member_id": "bob",
    "unit": "miles",
    "points": 101,
    "reason": "another",
    "effective_time": NOON,
    "metadata": {"key": "value"},
    "channel": "purchase",
    "expire_time": NOON,
    "activate_time": NOON,
    "waits_for": "delivery",
    "cancel_time": NOON,
    "expire_after": Period(years=1),
    "sink": "donation",
    "attributes": {"key": "value"},
    "keys": (),
    "etag": "3",
}

COMMANDS: Final[list[Command]] = [
    earn(),
    burn(),
    create_member(),
    update_member(),
    freeze_member(),
    unfreeze_member(),
]

CONTENT_FIELDS: Final = [
    (command, field.name)
    for command in COMMANDS
    for field in fields(command)
    if field.name != "request_id"
]


@pytest.mark.parametrize(("command", "golden"), GOLDEN)
def test_a_fingerprint_never_changes(command: Command, golden: str) -> None:
    assert command.fingerprint() == golden


@pytest.mark.parametrize(
    ("command", "name"), CONTENT_FIELDS, ids=lambda v: getattr(v, "kind", v)
)
def test_any_other_content_has_another_fingerprint(command: Command, name: str) -> None:
    changes: dict[str, Any] = {name: OTHER_VALUES[name]}

    assert replace(command, **changes).fingerprint() != command.fingerprint()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.kind)
def test_the_request_id_is_not_content(command: Command) -> None:
    assert replace(command, request_id="r2").fingerprint() == command.fingerprint()


def test_commands_of_different_kinds_differ_though_their_fields_agree() -> None:
    assert freeze_member().fingerprint() != unfreeze_member().fingerprint()


def test_the_order_of_metadata_is_not_content() -> None:
    one = earn(metadata={"a": "1", "b": "2"})
    other = earn(metadata={"b": "2", "a": "1"})

    assert one.fingerprint() == other.fingerprint()


def test_the_kind_of_mapping_is_not_content() -> None:
    pairs = {"a": "1"}

    one = create_member(attributes=pairs)
    other = create_member(attributes=MappingProxyType(pairs))

    assert one.fingerprint() == other.fingerprint()


def test_a_default_that_is_given_is_no_other_content() -> None:
    given_defaults = earn(
        effective_time=UNSET,
        activate_time=UNSET,
        expire_time=NEVER,
        metadata={},
        channel="core",
    )

    assert given_defaults.fingerprint() == earn().fingerprint()


def test_replacing_all_attributes_differs_from_changing_none() -> None:
    replacing, changing = update_member(keys=None), update_member(keys=())

    assert replacing.fingerprint() != changing.fingerprint()


def test_content_does_not_move_from_field_to_field() -> None:
    one = update_member(keys=("a", "b"))
    other = update_member(keys=("ab",))

    assert one.fingerprint() != other.fingerprint()


TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(TEXTS, TEXTS))
def test_every_fingerprint_has_32_hexadecimal_digits(pairs: dict[str, str]) -> None:
    assert re.fullmatch("[0-9a-f]{32}", create_member(attributes=pairs).fingerprint())


@given(TEXTS, st.integers(), st.dictionaries(TEXTS, TEXTS))
def test_a_fingerprint_is_the_digest_of_the_content_as_json(
    reason: str, points: int, pairs: dict[str, str]
) -> None:
    command = earn(reason=reason, points=points, metadata=pairs)
    content: list[list[object]] = [
        ["member_id", "ada"],
        ["unit", "points"],
        ["points", points],
        ["reason", reason],
    ]
    if pairs:
        content.append(["metadata", sorted(pairs.items())])
    text = json.dumps(["EARN", content], ensure_ascii=False)

    digest = blake2b(text.encode(), digest_size=16)
    assert command.fingerprint() == digest.hexdigest()
