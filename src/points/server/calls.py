"""One wrapper around every method: parse, answer, log, translate errors.

It stands in place of interceptors, each of which would cost a fifth of the
throughput. A method takes a request and returns a response, or takes a request and
the stream on which it answers; whatever it raises is turned into a status here and
nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, Final, NoReturn, TypeAlias
from uuid import uuid4

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from grpc import StatusCode
from grpc.aio import AbortError, ServicerContext

from points.domain.refusals import (
    DeadlineTooNear,
    Internal,
    InvalidArgument,
    Refusal,
    StoreUnavailable,
)
from points.engine.tallies import SECONDS_BOUNDS, Histogram
from points.server.errors import DETAILS_KEY, Guilty, status_of
from points.server.gate import CALLER, Gate, TokensLike
from points.store.errors import StoreLost


Method: TypeAlias = Callable[..., Awaitable[Any]]

DEADLINE_MS_MIN: Final = 2
"""Least time that a call must leave: a commit takes about as long."""

_CODES: Final = {code.value[0]: code for code in StatusCode}

_log = structlog.get_logger("points.rpc")


class CallTally:
    """Is how often a method was called, by code, and how long it took.

    Counted by the event loop, and read from any thread.
    """

    __slots__ = ("codes", "is_stream", "seconds")

    def __init__(self, *, is_stream: bool) -> None:
        self.is_stream = is_stream
        self.codes: dict[str, int] = {}
        self.seconds = Histogram(SECONDS_BOUNDS)

    def add(self, code: str, nanoseconds: int) -> None:
        """Counts an answered call."""
        self.codes[code] = self.codes.get(code, 0) + 1
        self.seconds.add(nanoseconds / 1_000_000_000)


@dataclass(frozen=True, slots=True)
class Service:
    """Is a service of a proto with the objects that have its methods.

    RPC `GetMember` is the method `get_member` of one of them. `plugin` names whose
    service it is, for the log: empty for the core's own. `tallies` are by method.
    Only callers whose `tokens` allow it are answered; where there are none, all are.
    """

    descriptor: ServiceDescriptor
    parts: tuple[object, ...]
    plugin: str = ""
    tallies: dict[str, CallTally] = field(default_factory=dict)
    tokens: TokensLike | None = None

    def handler(self) -> grpc.GenericRpcHandler:
        """Returns what the server dispatches the service's calls to."""
        handlers = {
            method.name: self._wrap(method)
            for method in self.descriptor.methods
            if self._find(method) is not None
        }
        return grpc.method_handlers_generic_handler(self.descriptor.full_name, handlers)

    def _wrap(self, method: MethodDescriptor) -> grpc.RpcMethodHandler[Any, Any]:
        call = self._find(method)
        assert call is not None
        request_class = GetMessageClass(method.input_type)
        tally = CallTally(is_stream=method.server_streaming)
        self.tallies[method.name] = tally
        gate = Gate.of(self.tokens, method, self.plugin) if self.tokens else None
        wrapped = _Wrapped(method.name, request_class, call, self.plugin, tally, gate)
        # Without serializers the wrapper gets bytes: a malformed message is then
        # refused with the same care as a malformed field.
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(wrapped.answer_in_stream)
        return grpc.unary_unary_rpc_method_handler(wrapped.answer)

    def _find(self, method: MethodDescriptor) -> Method | None:
        name = snake_case(method.name)
        found = (getattr(part, name, None) for part in self.parts)
        return next((call for call in found if call is not None), None)


class Stream:
    """Is the way back to the caller of one streaming call, made in its task."""

    def __init__(self, context: ServicerContext[Any, Any]) -> None:
        self._context = context
        self._task = asyncio.current_task()
        self._refusal: Refusal | None = None
        self.message_count = 0

    async def write(self, message: bytes) -> None:
        """Sends a message once the caller has room for it."""
        self.message_count += 1
        await self._context.write(message)

    def cut(self, refusal: Refusal) -> None:
        """Ends the call with a refusal, even while a message waits for its reader."""
        assert self._task is not None
        if self._refusal is None:
            self._refusal = refusal
            self._task.cancel()

    async def follow(self, work: Awaitable[None]) -> None:
        """Waits for the work of the call; raises the refusal that has cut it."""
        try:
            await work
        except asyncio.CancelledError:
            if self._refusal is None or self._task is None:
                raise
            self._task.uncancel()
            raise self._refusal from None


def snake_case(name: str) -> str:
    """Returns `get_member` for `GetMember`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


@dataclass(frozen=True, slots=True)
class _Wrapped:
    name: str
    request_class: type[Message]
    method: Method
    plugin: str
    tally: CallTally
    gate: Gate | None

    async def answer(self, raw: bytes, context: ServicerContext[Any, Any]) -> bytes:
        """Answers one call and writes its log line."""
        started = perf_counter_ns()
        request: Message | None = None
        try:
            _check_deadline(context)
            request = self._admitted(raw, context)
            response = await self.method(request)
        except asyncio.CancelledError:
            self._write_line(request, "CANCELLED", started)
            raise
        except Exception as error:  # noqa: BLE001 - the one place that answers for all
            status = self._status(error)
            self._write_line(request, _CODES[status.code].name, started)
            await _abort(context, status)
        self._write_line(request, "OK", started)
        answer: bytes = response.SerializeToString()
        return answer

    async def answer_in_stream(
        self, raw: bytes, context: ServicerContext[Any, Any]
    ) -> None:
        """Answers one call with any number of messages and writes its log line."""
        started = perf_counter_ns()
        request: Message | None = None
        stream = Stream(context)
        try:
            _check_deadline(context)
            request = self._admitted(raw, context)
            await stream.follow(self.method(request, stream))
        except asyncio.CancelledError:
            self._write_line(request, "CANCELLED", started, stream)
            raise
        except Exception as error:  # noqa: BLE001 - as above
            status = self._status(error)
            self._write_line(request, _CODES[status.code].name, started, stream)
            await _abort(context, status)
        self._write_line(request, "OK", started, stream)

    def _admitted(self, raw: bytes, context: ServicerContext[Any, Any]) -> Message:
        """Returns the request of somebody who may make it."""
        if self.gate is None:
            return self._parse(raw)
        caller = self.gate.enter(context)
        request = self._parse(raw)
        self.gate.check(caller, request)
        return request

    def _parse(self, raw: bytes) -> Message:
        try:
            return self.request_class.FromString(raw)
        except DecodeError:
            what = f"is no {self.request_class.DESCRIPTOR.full_name}, or not UTF-8"
            raise InvalidArgument({"request": what}) from None

    def _status(self, error: Exception) -> status_pb2.Status:
        if isinstance(error, Refusal):
            return status_of(error)
        if isinstance(error, Guilty):
            return status_of(error.refusal, guilty_index=str(error.index))
        if isinstance(error, StoreLost):
            _log.warning("read_failed", method=self.name, error=str(error))
            return status_of(StoreUnavailable())
        failure = Internal(uuid4().hex[:12])
        _log.error(
            "call_failed",
            method=self.name,
            error_id=failure.error_id,
            exc_info=error,
        )
        return status_of(failure)

    def _write_line(
        self,
        request: Message | None,
        code: str,
        started: int,
        stream: Stream | None = None,
    ) -> None:
        nanoseconds = perf_counter_ns() - started
        self.tally.add(code, nanoseconds)
        more: dict[str, object] = {} if not self.plugin else {"plugin": self.plugin}
        if self.gate is not None:
            more["caller"] = CALLER.get()
        if stream is not None:
            more["messages"] = stream.message_count
        _log.info(
            "rpc",
            method=self.name,
            code=code,
            duration_ms=nanoseconds // 10_000 / 100,
            request_id=getattr(request, "request_id", ""),
            member_id=getattr(request, "member_id", ""),
            **more,
        )


def _check_deadline(context: ServicerContext[Any, Any]) -> None:
    """Raises DeadlineTooNear before anything is queued for a caller who has gone."""
    seconds = context.time_remaining()
    if seconds is not None and seconds * 1_000 < DEADLINE_MS_MIN:
        raise DeadlineTooNear(max(0, int(seconds * 1_000)))


async def _abort(
    context: ServicerContext[Any, Any], status: status_pb2.Status
) -> NoReturn:
    """Ends a call with a status; as a cancelled one if the caller is gone by now."""
    details = ((DETAILS_KEY, status.SerializeToString()),)
    try:
        await context.abort(_CODES[status.code], status.message, details)
    except AbortError:
        raise
    except Exception:  # noqa: BLE001 - an internal one of gRPC, which would log it
        raise asyncio.CancelledError from None
    raise AssertionError  # pragma: no cover - abort raises
