"""Services of plugins that tests describe by hand, in a pool of their own."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool


_TEXT = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
_ONE = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL


def service(
    plugin: str = "hello",
    *,
    package: str = "",
    fields: tuple[str, ...] = ("member_id", "request_id"),
    answers_in_stream: bool = False,
    asks_in_stream: bool = False,
) -> Any:
    """Returns the descriptor of a service with one method, Greet."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"points_{plugin}/v1/{plugin}_service.proto",
        package=package or f"points.plugins.{plugin}.v1",
        syntax="proto3",
    )
    request = file.message_type.add(name="GreetRequest")
    for number, name in enumerate(fields, start=1):
        request.field.add(name=name, number=number, type=_TEXT, label=_ONE)
    file.message_type.add(name="GreetResponse")
    described = file.service.add(name="GreetService")
    described.method.add(
        name="Greet",
        input_type=f".{file.package}.GreetRequest",
        output_type=f".{file.package}.GreetResponse",
        server_streaming=answers_in_stream,
        client_streaming=asks_in_stream,
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool.FindServiceByName(f"{file.package}.GreetService")
