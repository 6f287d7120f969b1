"""A real gRPC server that fails as told, then answers, and remembers what it saw."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from points.v1 import (
    ledger_service_pb2,
    member_service_pb2,
    program_service_pb2,
)


@dataclass(kw_only=True)
class Script:
    """Holds what the server shall do and what it has seen.

    `failures` are used up first, then `answers`, one a call; after that answers
    are empty. `requests`, `seconds_left` to the deadline and `arrival_seconds` on a
    monotonic clock get one item for each attempt that arrives.
    """

    address: str = ""
    failures: list[Any] = field(default_factory=list)
    answers: list[Message] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    seconds_left: list[float] = field(default_factory=list)
    arrival_seconds: list[float] = field(default_factory=list)

    def play(
        self,
        request: Message,
        context: grpc.ServicerContext,
        empty: Message,
    ) -> Message:
        """Returns the next answer, or fails if the script says so."""
        self.requests.append(request)
        self.seconds_left.append(context.time_remaining())
        self.arrival_seconds.append(time.monotonic())
        if self.failures:
            context.abort_with_status(self.failures.pop(0))
        return self.answers.pop(0) if self.answers else empty


def failure(
    code: grpc.StatusCode,
    *details: Message,
    message: str = "as scripted",
) -> Any:
    """Returns the `grpc.Status` of a call that fails with `code` and `details`."""
    status = Status(code=code.value[0], message=message)
    for detail in details:
        packed = PackedMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return rpc_status.to_status(status)


@contextmanager
def scripted_server() -> Iterator[Script]:
    """Runs a server on a free port of this machine until the block ends."""
    script = Script()
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    for module in (ledger_service_pb2, member_service_pb2, program_service_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            server.add_generic_rpc_handlers([_service_handler(service, script)])
    script.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield script
    finally:
        server.stop(grace=None).wait()


def _service_handler(
    service: ServiceDescriptor,
    script: Script,
) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(
        service.full_name,
        {method.name: _method_handler(method, script) for method in service.methods},
    )


def _method_handler(
    method: MethodDescriptor,
    script: Script,
) -> grpc.RpcMethodHandler[Message, Message]:
    request_class = GetMessageClass(method.input_type)
    answer_class = GetMessageClass(method.output_type)
    return grpc.unary_unary_rpc_method_handler(
        lambda request, context: script.play(request, context, answer_class()),
        request_deserializer=request_class.FromString,
        response_serializer=answer_class.SerializeToString,
    )
