"""Health, of the whole server and of each service."""

from __future__ import annotations

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc


SERVING = health_pb2.HealthCheckResponse.SERVING
NAMES = (
    "MemberService",
    "LedgerService",
    "ActivityService",
    "ProgramService",
    "BudgetService",
)
SERVICES = ["", *(f"points.v1.{name}" for name in NAMES)]


def state(channel: grpc.Channel, service: str) -> int:
    """Returns the health of a service."""
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    found: int = stub.Check(request, timeout=5).status
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_served_is_healthy(channel: grpc.Channel, service: str) -> None:
    assert state(channel, service) == SERVING


def test_the_health_of_what_is_not_served_is_not_known(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        state(channel, "points.v1.MintService")

    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
