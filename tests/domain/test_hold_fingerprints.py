"""Fingerprints of commands about holds: the same for the same content, for ever."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

import pytest

from points.domain.commands import Command
from points.domain.identity import Place
from points.domain.values import TimeoutAction
from tests.clock import HOUR, NOON
from tests.domain.build_holds import capture_hold, lapse_hold, place_hold, void_hold


GOLDEN: Final[list[tuple[Command, str]]] = [
    (place_hold(), "f3e85fd232ff9423e7b7cf160e899a48"),
    (
        place_hold(
            sink="donation",
            timeout=HOUR,
            on_timeout=TimeoutAction.CAPTURE,
            freeze_expiry=True,
        ),
        "31fafdf117378ca5a7728d4467fe4f7c",
    ),
    (capture_hold(), "da5d9133b51437519b2ac6f0b371c8cc"),
    (
        capture_hold(points=5, sink="donation", void_rest=True),
        "80bbf5115120933cf1925d56544190b3",
    ),
    (void_hold(), "4ec3e058f8353f3460bfad035bde4aa6"),
    (
        void_hold(reason="outbid", metadata={"a": "1"}),
        "8ea96c8a04f34244154b38329ac07397",
    ),
    (lapse_hold(), "bc776b12c39d8bab7d259f0a036ed63e"),
]

OTHER_VALUES: Final[dict[str, Any]] = {
    "member_id": "bob",
    "unit": "miles",
    "points": 101,
    "reason": "another",
    "effective_time": NOON,
    "metadata": {"key": "value"},
    "channel": "auction",
    "sink": "donation",
    "timeout": HOUR,
    "lapse_time": NOON,
    "on_timeout": TimeoutAction.CAPTURE,
    "freeze_expiry": True,
    "hold_id": "h7-2",
    "void_rest": True,
    "hold": Place(7, 2),
}


@pytest.mark.parametrize(("command", "digits"), GOLDEN)
def test_a_fingerprint_never_changes(command: Command, digits: str) -> None:
    assert command.fingerprint() == digits


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (command, field.name)
        for command in (place_hold(), capture_hold(), void_hold(), lapse_hold())
        for field in fields(command)
        if field.name != "request_id"
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_field_counts(command: Any, field: str) -> None:
    changed = replace(command, **{field: OTHER_VALUES[field]})

    assert changed.fingerprint() != command.fingerprint()


def test_kinds_tell_apart_what_has_the_same_fields() -> None:
    assert capture_hold().fingerprint() != void_hold().fingerprint()


def test_the_request_id_is_no_content() -> None:
    assert void_hold(request_id="r2").fingerprint() == void_hold().fingerprint()
