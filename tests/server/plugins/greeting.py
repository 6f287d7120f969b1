"""Calls of the greeter."""

from __future__ import annotations

from typing import Any

from points.testing.served import Served
from tests.plugin import greeter
from tests.plugin.greeter import Greetings, GreetRequest


def call(running: Served, method: str, request: Any) -> Any:
    """Calls a method of the greeter."""
    multi = running.channel.unary_unary(
        f"/{greeter.SERVICE}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=Greetings.FromString,
    )
    return multi(request, timeout=10)


def greet(running: Served, member_id: str, request_id: str, how: str = "") -> Any:
    """Greets a member."""
    request = GreetRequest(member_id=member_id, request_id=request_id, how=how)
    return call(running, "Greet", request)
