"""A real server inside the test's process, with the plugins behind gRPC."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from points.client import PointsClient
from points.engine.engine import Engine
from points.plugin.host import Host
from points.program.bridge import to_program
from points.program.document.root import ProgramDocument
from points.program.shipped import shipped_document
from points.server.serving import ServingOptions, running_server
from points.store.opening import open_store
from points.testing.bench import KEYRING, PARTS, apply_program, with_request_id
from points.testing.clock import Clock


Result = TypeVar("Result")
Stub = TypeVar("Stub")


@dataclass(frozen=True, slots=True)
class Served:
    """Is a running server: its address, a channel to it, and its clock."""

    address: str
    channel: grpc.Channel
    client: PointsClient
    engine: Engine
    clock: Clock

    def stub(self, kind: Callable[[grpc.Channel], Stub]) -> Stub:
        """Returns a client of a plugin's service: `served.stub(WheelServiceStub)`."""
        return kind(self.channel)

    def configure(self, plugin: str, settings: Mapping[str, Any]) -> int:
        """Applies the shipped program with this one section; returns its version."""
        table = shipped_document().as_table() | {"plugins": {plugin: settings}}
        return apply_program(self.engine, ProgramDocument.model_validate(table))

    @contextmanager
    def refused(self, reason: str, domain: str = "points") -> Iterator[None]:
        """Expects that the call in the block is refused for a reason."""
        try:
            yield
        except grpc.RpcError as error:
            found = error_info(error)
            if (found.reason, found.domain) != (reason, domain):
                raise AssertionError(f"{found.domain}: {found.reason}") from error
        else:
            raise AssertionError(f"was not refused, and {reason} was expected")


def refusal_of(call: Callable[[Any], object], request: Any) -> tuple[str, str]:
    """Makes a call that is refused; returns its status and its reason.

    A command gets a request id of its own if it has none.
    """
    try:
        answer = call(with_request_id(request))
    except grpc.RpcError as error:
        return error.code().name, error_info(error).reason
    raise AssertionError(f"was not refused: {answer}")


def error_info(error: grpc.RpcError) -> ErrorInfo:
    """Returns the reason, domain and metadata that an error came with."""
    info = ErrorInfo()
    status = rpc_status.from_call(error)  # type: ignore[arg-type] # it is a call, too
    for detail in status.details if status else ():
        if detail.Unpack(info):
            return info
    raise AssertionError(f"the error has no reason: {error}") from error


@contextmanager
def running_served(
    url: str, host: Host, options: ServingOptions | None = None
) -> Iterator[Served]:
    """Runs a server with these plugins for the length of the block, on a free port."""
    clock = Clock()
    with ExitStack() as stack:
        store = stack.enter_context(open_store(url, migrating=True, part_count=PARTS))
        loop = stack.enter_context(_running_loop())
        running = running_server(
            store,
            to_program(shipped_document()),
            replace(
                options or ServingOptions(),
                address="127.0.0.1:0",
                host=host,
                keyring=KEYRING,
            ),
            clock=clock,
        )
        engine, port = loop(running.__aenter__())
        stack.callback(lambda: loop(running.__aexit__(None, None, None)))
        address = f"127.0.0.1:{port}"
        channel = stack.enter_context(grpc.insecure_channel(address))
        client = stack.enter_context(PointsClient(address))
        yield Served(address, channel, client, engine, clock)


@contextmanager
def _running_loop() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Yields what runs a coroutine on an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="points-served")
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
