"""Sends a bearer token along with every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grpc


class _Details(NamedTuple):
    method: str
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class BearerToken(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
):
    """Adds a token to what calls carry, encrypted or not.

    gRPC has call credentials for this, but leaves them out of plain channels.
    """

    def __init__(self, token: Callable[[], str]) -> None:
        """Asks `token` for each call: it may be another one by then."""
        self._token = token

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Goes on with the token."""
        return continuation(self._with_token(client_call_details), request)

    def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Goes on with the token."""
        return continuation(self._with_token(client_call_details), request)

    def _with_token(self, details: Any) -> _Details:
        metadata = (
            *(details.metadata or ()),
            ("authorization", f"Bearer {self._token()}"),
        )
        return _Details(
            details.method,
            details.timeout,
            metadata,
            details.credentials,
            getattr(details, "wait_for_ready", None),
            getattr(details, "compression", None),
        )
