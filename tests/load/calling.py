"""Sends the requests of a profile one by one, where ghz is too much or not there."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.load.profiles import Profile


TIMEOUT_SECONDS: Final = 30

BUSINESS: Final = frozenset(
    {
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.ABORTED,
    }
)
"""Codes of calls that were refused for what they ask; any other one is an error."""


def requests_of(profile: Profile) -> Callable[[dict[str, Any]], Message]:
    """Returns a function that makes a message of the data of a request."""
    service, _, name = profile.call.partition("/")
    _import_plugin(service)
    method = Default().FindServiceByName(service).methods_by_name[name]
    request_class = GetMessageClass(method.input_type)
    return lambda data: json_format.ParseDict(data, request_class())


def sender(channel: grpc.Channel, profile: Profile) -> Callable[[dict[str, Any]], bool]:
    """Returns a function that sends a request and says whether it was accepted.

    It raises grpc.RpcError for what is no refusal.
    """
    call: Callable[..., bytes] = channel.unary_unary(f"/{profile.call}")
    message_of = requests_of(profile)

    def send(data: dict[str, Any]) -> bool:
        try:
            call(message_of(data).SerializeToString(), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            if error.code() not in BUSINESS:
                raise
            return False
        return True

    return send


def _import_plugin(service: str) -> None:
    """Imports the messages of a plugin, which has its service under its own name."""
    if service.startswith("points.plugins."):
        name = service.split(".")[2]
        import_module(f"points_{name}.v1.{name}_service_pb2")
