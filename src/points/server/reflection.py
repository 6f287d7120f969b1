"""Server reflection, under both of its names.

grpcio ships `v1alpha` alone, newer tools ask for `v1` first. The two have the same
messages, so one servicer answers for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import grpc
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2


_V1: Final = "grpc.reflection.v1.ServerReflection"


def add_reflection(server: grpc.aio.Server, names: Iterable[str]) -> None:
    """Lets clients ask the server for these services, and for reflection itself."""
    _describe_v1()
    every = [*names, reflection.SERVICE_NAME, _V1]
    reflection.enable_server_reflection(every, server)
    handler = grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(every).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    methods = {"ServerReflectionInfo": handler}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(_V1, methods)]
    )


def _describe_v1() -> None:
    """Adds the description of v1, which differs from v1alpha in its name alone."""
    alpha = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    text = text_format.MessageToString(alpha).replace("v1alpha", "v1")
    v1 = text_format.Parse(text, FileDescriptorProto())
    descriptor_pool.Default().AddSerializedFile(v1.SerializeToString())
