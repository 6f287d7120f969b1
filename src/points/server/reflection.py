"""Server reflection, under both of its names.

grpcio ships `v1alpha` alone, newer tools ask for `v1` first. The two have the same
messages, so one servicer answers for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2


_V1: Final = "grpc.reflection.v1.ServerReflection"


class MethodsToo:
    """Is a pool of descriptors that finds the file of a method, too.

    Load generators ask for the method they are to call, and Python's own pool knows
    services and messages alone.
    """

    def __init__(self, pool: descriptor_pool.DescriptorPool) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802 - the pool's
        """Returns the file of a symbol; raises KeyError if there is none."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._pool.FindMethodByName(symbol).containing_service.file


def add_reflection(server: grpc.aio.Server, names: Iterable[str]) -> None:
    """Lets clients ask the server for these services, and for reflection itself."""
    _describe_v1()
    every = [*names, reflection.SERVICE_NAME, _V1]
    pool = MethodsToo(descriptor_pool.Default())
    reflection.enable_server_reflection(every, server, pool)
    handler = grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(every, pool).ServerReflectionInfo,
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
