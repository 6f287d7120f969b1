"""Requests to reverse and adjust, what they leave, and why they are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from points.client import Refused, adjust_request, new_request_id, reverse_request
from points.client.connection import Connection
from points.client.errors import points_error
from points.v1 import ledger_service_pb2 as pb
from points.v1 import reversal_pb2
from points.v1.balances_pb2 import Balances
from points.v1.transaction_pb2 import Transaction
from tests.server import build


NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)
CORRECTION = reversal_pb2.REASON_CODE_CORRECTION
CREDIT, DEBIT = pb.ADJUST_DIRECTION_CREDIT, pb.ADJUST_DIRECTION_DEBIT


def reverse(member: str, of: Transaction, **changes: Any) -> pb.ReverseRequest:
    """Returns a correction of all of a transaction."""
    request = reverse_request(
        member,
        of.transaction_id,
        reason_code=CORRECTION,
        reason="a mistake",
        request_id=new_request_id(),
    )
    return build.changed(request, **changes)


def adjust(member: str, points: int = 10, **changes: Any) -> pb.AdjustRequest:
    """Returns points that an operator adds."""
    request = adjust_request(
        member,
        points,
        direction=CREDIT,
        operator="grace",
        reason="goodwill",
        request_id=new_request_id(),
    )
    return build.changed(request, **changes)


def balances(stubs: Connection, member: str) -> Balances:
    """Returns what a member has in points."""
    request = pb.GetBalancesRequest(member_id=member, unit="points")
    return stubs.ledger.GetBalances(request).balances[0]


def refused(call: Any, request: Any) -> tuple[str, dict[str, str]]:
    """Returns reason and metadata of a call that is refused."""
    with pytest.raises(grpc.RpcError) as raised:
        call(request)
    error = points_error(raised.value, request)
    assert isinstance(error, Refused)
    return error.reason, dict(error.metadata)
