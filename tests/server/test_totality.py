"""Refusals, status codes, reasons, methods and tests: none without the others."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor

from points.domain.refusals import (
    Frozen,
    InvalidArgument,
    PluginDeclined,
    PluginRefused,
    Refusal,
)
from points.server.calls import snake_case
from points.server.errors import CODES
from points.v1.error_reason_pb2 import ErrorReason
from tests.services import METHODS


METHOD_NAMES = [method.name for method in METHODS]

PROTO = Path(__file__).parents[2] / "protos/points/v1/error_reason.proto"


def leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """Yields every class that is raised itself."""
    below = kind.__subclasses__()
    if not below:
        yield kind
    for child in below:
        yield from leaves(child)


OF_PLUGINS = {PluginRefused, PluginDeclined}
"""Say no with reasons and status codes of the plugins' own."""

REFUSALS = sorted({*leaves(Refusal)} - OF_PLUGINS, key=lambda kind: kind.__name__)


def documented_reasons() -> dict[str, str]:
    """Returns the comment of each reason in the proto, on one line."""
    found = re.findall(
        r"((?:^  //.*\n)+)^  ERROR_REASON_(\w+) =", PROTO.read_text(), re.MULTILINE
    )
    return {
        name: " ".join(line.strip(" /") for line in comment.splitlines())
        for comment, name in found
    }


def test_every_refusal_has_a_status_code_and_every_status_code_a_refusal() -> None:
    assert set(CODES) == set(REFUSALS)


def test_every_refusal_has_a_reason_and_every_reason_a_refusal() -> None:
    names = [name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()]  # noqa: SIM118 - no mapping

    assert {kind.reason() for kind in REFUSALS} == set(names) - {"UNSPECIFIED"}


def test_no_refusal_is_answered_as_a_success() -> None:
    assert grpc.StatusCode.OK not in CODES.values()


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.reason())
def test_the_proto_says_which_status_code_a_reason_has(kind: type[Refusal]) -> None:
    sentence, _, _ = documented_reasons()[kind.reason()].partition(" Example:")

    names = [
        code.name
        for code in grpc.StatusCode
        if re.search(rf"\b{code.name}\b", sentence)
    ]
    assert names == [CODES[kind].name]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.reason())
def test_the_proto_says_which_reasons_are_frozen(kind: type[Refusal]) -> None:
    comment = documented_reasons()[kind.reason()]

    assert (", frozen" in comment) is issubclass(kind, Frozen)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in REFUSALS if kind is not InvalidArgument],
    ids=lambda kind: kind.reason(),
)
def test_the_example_of_a_reason_has_its_metadata(kind: Any) -> None:
    _, _, example = documented_reasons()[kind.reason()].partition("metadata ")

    fields = [field.name for field in dataclasses.fields(kind)]
    assert list(json.loads(example.rstrip("."))) == fields


def first_code(answers: Any) -> grpc.StatusCode:
    """Returns OK once a message has come, else the code that came instead."""
    try:
        next(answers)
    except grpc.RpcError as error:
        return error.code()
    answers.cancel()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("method", METHODS, ids=METHOD_NAMES)
def test_every_method_of_the_protos_is_served(
    channel: grpc.Channel, method: MethodDescriptor
) -> None:
    path = f"/{method.containing_service.full_name}/{method.name}"
    call: Any = channel.unary_stream(path)

    answers = call(b"", timeout=20)

    assert first_code(answers) is not grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_every_method_of_the_protos_has_a_test_of_its_answer(name: str) -> None:
    sources = "".join(
        path.read_text() for path in sorted(Path(__file__).parent.rglob("test_*.py"))
    )

    assert re.search(rf"^def test_{snake_case(name)}_", sources, re.MULTILINE)
