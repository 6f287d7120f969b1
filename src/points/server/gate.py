"""Who may call what: bearer tokens with scopes. Where there are no keys, all may.

A token needs `read` for what changes nothing, `write` for what does, and `operate` for
what names an operator. What a plugin serves needs `plugin.<name>` in place of the first
two; `plugin.*` stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from grpc.aio import ServicerContext

from points.domain.refusals import PermissionDenied, Unauthenticated


READ: Final = "read"
WRITE: Final = "write"
OPERATE: Final = "operate"
ANY_PLUGIN: Final = "plugin.*"

BATCH: Final = "points.v1.BatchWriteRequest"

HEADER: Final = "authorization"
_SCHEME: Final = "bearer "

CALLER: Final[ContextVar[str]] = ContextVar("caller", default="")
"""Is the name of who calls, in the task that answers."""


class CallerLike(Protocol):
    """Is who calls, and what it may do."""

    @property
    def name(self) -> str:
        """Returns the name that the issuer of the token knows."""

    @property
    def scopes(self) -> frozenset[str]:
        """Returns what the token allows."""


class TokensLike(Protocol):
    """Tells callers by their tokens."""

    def caller(self, token: str) -> CallerLike:
        """Returns who sends a token; raises Unauthenticated."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets the calls of one method through, or refuses them."""

    tokens: TokensLike
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, tokens: TokensLike, method: MethodDescriptor, plugin: str) -> Gate:
        """Returns the gate of a method, of a plugin or of the core."""
        return cls(tokens, tuple(_scopes(method, plugin)))

    def enter(self, context: ServicerContext[Any, Any]) -> CallerLike:
        """Returns who calls; raises Unauthenticated and PermissionDenied."""
        caller = self.tokens.caller(_token(context))
        CALLER.set(caller.name)
        for scope in self.scopes:
            _check(caller, scope)
        return caller

    def check(self, caller: CallerLike, request: Message) -> None:
        """Checks what a request holds, now that it is read; raises PermissionDenied.

        Commands of a batch need what they would need alone. Where an operator is to be
        named and none is, it is the caller.
        """
        for message in _asked(request):
            if "operator" in message.DESCRIPTOR.fields_by_name:
                if message is not request:
                    _check(caller, OPERATE)
                if not message.operator:  # type: ignore[attr-defined] # it has one
                    message.operator = caller.name  # type: ignore[attr-defined]


def _scopes(method: MethodDescriptor, plugin: str) -> Iterator[str]:
    """Yields what a token has to allow for a method."""
    has_operator = "operator" in method.input_type.fields_by_name
    is_reading = method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS
    if plugin:
        yield f"plugin.{plugin}"
    if has_operator:
        yield OPERATE
    elif not plugin:
        yield READ if is_reading else WRITE


def _check(caller: CallerLike, scope: str) -> None:
    is_any = scope.startswith("plugin.") and ANY_PLUGIN in caller.scopes
    if scope not in caller.scopes and not is_any:
        raise PermissionDenied(caller.name, scope)


def _token(context: ServicerContext[Any, Any]) -> str:
    """Returns the token that came with a call; raises Unauthenticated without one."""
    for name, text in context.invocation_metadata() or ():
        if name == HEADER and isinstance(text, str):
            if text[: len(_SCHEME)].lower() != _SCHEME:
                raise Unauthenticated("the authorization is no bearer token")
            return text[len(_SCHEME) :].strip()
    raise Unauthenticated("a bearer token is required")


def _asked(request: Message) -> Iterator[Message]:
    """Yields a request and, of a batch, its commands."""
    yield request
    if request.DESCRIPTOR.full_name == BATCH:
        for command in request.commands:  # type: ignore[attr-defined] # it has them
            for _, value in command.ListFields():
                if isinstance(value, Message):
                    yield value
