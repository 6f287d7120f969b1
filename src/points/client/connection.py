"""Holds a channel and makes calls on it: deadlines, errors and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Self, TypeVar

import grpc

from points.client.errors import points_error
from points.v1.activity_service_pb2_grpc import ActivityServiceStub
from points.v1.budget_service_pb2_grpc import BudgetServiceStub
from points.v1.ledger_service_pb2_grpc import LedgerServiceStub
from points.v1.member_service_pb2_grpc import MemberServiceStub
from points.v1.plugin_service_pb2_grpc import PluginServiceStub
from points.v1.program_service_pb2_grpc import ProgramServiceStub
from points.v1.segment_service_pb2_grpc import SegmentServiceStub
from points.v1.tier_service_pb2_grpc import TierServiceStub


class _HasPageToken(Protocol):
    page_token: str


class _HasNextPageToken(Protocol):
    next_page_token: str


_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")
_PageRequest = TypeVar("_PageRequest", bound=_HasPageToken)
_Page = TypeVar("_Page", bound=_HasNextPageToken)


class Connection:
    """Owns a channel and is a context manager that closes it.

    Attributes:
        members: Stub of the member service, for `.future(...)` and the like.
        ledger: Stub of the ledger service.
        activities: Stub of the activity service.
        programs: Stub of the program service.
        budgets: Stub of the budget service.
        plugins: Stub of the plugin service.
        tiers: Stub of the tier service.
        segments: Stub of the segment service.
    """

    def __init__(self, channel: grpc.Channel, *, timeout_seconds: float) -> None:
        """Takes over the channel; a call may take `timeout_seconds`."""
        self._channel = channel
        self._timeout_seconds = timeout_seconds
        self.members = MemberServiceStub(channel)
        self.ledger = LedgerServiceStub(channel)
        self.activities = ActivityServiceStub(channel)
        self.programs = ProgramServiceStub(channel)
        self.budgets = BudgetServiceStub(channel)
        self.plugins = PluginServiceStub(channel)
        self.tiers = TierServiceStub(channel)
        self.segments = SegmentServiceStub(channel)

    def __enter__(self) -> Self:
        """Returns the connection itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connection."""
        self.close()

    def close(self) -> None:
        """Closes the channel; calls under way are cancelled."""
        self._channel.close()

    def _pages(
        self,
        method: grpc.UnaryUnaryMultiCallable[_PageRequest, _Page],
        request: _PageRequest,
    ) -> Iterator[_Page]:
        while True:
            page = self._call(method, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _call(
        self,
        method: grpc.UnaryUnaryMultiCallable[_Request, _Answer],
        request: _Request,
    ) -> _Answer:
        try:
            return method(request, timeout=self._timeout_seconds)
        except grpc.RpcError as error:
            raise points_error(error, request) from error
