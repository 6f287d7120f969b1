"""A service of a plugin is held against its descriptor before it is served."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from points.plugin import Method, Mode, Service
from points.plugin.loading.services import check_service
from points.plugin.statuses import Wrong
from tests.plugin.protos import service


def answer(_ctx: Any, _request: Any) -> None:
    """Is a handler."""


async def answer_later(_ctx: Any, _request: Any) -> None:
    """Is a handler that nobody would wait for."""


GREET = Method(name="Greet", mode=Mode.COMMAND, handler=answer)


def why(descriptor: Any, *methods: Any) -> str:
    """Returns why the service cannot be served."""
    with pytest.raises(Wrong) as wrong:
        check_service("hello", Service(descriptor=descriptor, methods=methods))
    return wrong.value.reason


def test_a_service_with_a_function_for_every_method_is_served() -> None:
    check_service("hello", Service(descriptor=service(), methods=(GREET,)))


@pytest.mark.parametrize("version", ["v1", "v2", "v1beta3"])
def test_a_package_may_have_any_version(version: str) -> None:
    descriptor = service(package=f"points.plugins.hello.{version}")

    check_service("hello", Service(descriptor=descriptor, methods=(GREET,)))


@pytest.mark.parametrize("package", ["points.v1", "points.plugins.wheel.v1", "hello"])
def test_a_service_stays_in_the_package_of_its_plugin(package: str) -> None:
    said = why(service(package=package), GREET)

    assert said.endswith("must be in the package points.plugins.hello.v1")


def test_every_method_needs_a_function() -> None:
    name = "points.plugins.hello.v1.GreetService"

    assert why(service()) == f"the service {name} has no function for Greet"
    assert why(service(), GREET, GREET) == (
        f"the service {name} has two functions for Greet"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Gret"}, "is not in the proto"),
        ({"mode": "COMMAND"[:3]}, "mode must be one of COMMAND, QUERY, WATCH"),
        ({"handler": None}, "None is no function"),
        (
            {"handler": answer_later},
            "its function is asynchronous, and has to be plain",
        ),
        ({"handler": lambda _ctx: None}, "its function has to take 2 arguments"),
        ({"reads": answer}, "its function has to take 1 arguments"),
        ({"mode": Mode.WATCH}, "a WATCH answers in a stream, and nothing else does"),
    ],
)
def test_a_method_is_checked(change: dict[str, Any], said: str) -> None:
    assert why(service(), replace(GREET, **change)).endswith(said)


def test_a_stream_is_answered_by_a_watch_alone() -> None:
    descriptor = service(answers_in_stream=True)

    assert why(descriptor, GREET).endswith(
        "a WATCH answers in a stream, and nothing else does"
    )
    watch = replace(GREET, mode=Mode.WATCH)
    check_service("hello", Service(descriptor=descriptor, methods=(watch,)))


def test_requests_in_a_stream_are_not_offered() -> None:
    said = why(service(asks_in_stream=True), GREET)

    assert said.endswith("requests in a stream are not offered to plugins")


def test_a_command_is_repeatable_and_has_a_home() -> None:
    assert why(service(fields=("member_id",)), GREET).endswith(
        "a command's request needs `string request_id`"
    )
    without_member = service(fields=("request_id", "wheel_id"))
    assert why(without_member, GREET).endswith(
        "a command's request needs `string member_id`, or home"
    )
    at_home = replace(GREET, home=lambda request: request.wheel_id)
    check_service("hello", Service(descriptor=without_member, methods=(at_home,)))


def test_a_query_needs_neither() -> None:
    query = replace(GREET, mode=Mode.QUERY)

    check_service("hello", Service(descriptor=service(fields=()), methods=(query,)))


@pytest.mark.parametrize("descriptor", [None, "points.plugins.hello.v1", object()])
def test_a_descriptor_has_to_be_one(descriptor: Any) -> None:
    assert why(descriptor, GREET).startswith("a service's descriptor is DESCRIPTOR.")


def test_a_service_is_no_list_of_methods() -> None:
    with pytest.raises(Wrong, match="a Service is expected"):
        check_service("hello", [GREET])
    assert why(service(), "Greet") == "a Method is expected, not 'Greet'"
