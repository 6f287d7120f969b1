"""A server that stops: says so, lets callers finish, then is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from points.client import PointsClient, PointsError
from points.server.serving import CannotListen
from tests.server import build
from tests.server.holding import held_up
from tests.server.running import Served


Serve = Callable[..., Served]

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@contextmanager
def stopping(server: Served) -> Iterator[None]:
    """Stops a server while the block runs, from when its health says so."""
    thread = Thread(target=server.stop)
    with grpc.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        health.Check(health_pb2.HealthCheckRequest())
        thread.start()
        while health.Check(health_pb2.HealthCheckRequest()).status != NOT_SERVING:
            time.sleep(0.001)
    yield
    thread.join()


def test_calls_are_answered_while_the_server_drains(serve: Serve) -> None:
    server = serve(drain_seconds=0.3)
    with PointsClient(server.address) as client:
        client.create_member("alice")
        with stopping(server):
            answer = client.earn("alice", 10, reason="purchase")

    assert answer.transaction.balance_after == 10


@pytest.mark.parametrize("service", ["", "points.v1.LedgerService"])
def test_no_service_is_healthy_while_the_server_drains(
    serve: Serve, service: str
) -> None:
    server = serve(drain_seconds=0.3)
    request = health_pb2.HealthCheckRequest(service=service)
    with stopping(server), grpc.insecure_channel(server.address) as channel:
        status = health_pb2_grpc.HealthStub(channel).Check(request).status

    assert status == NOT_SERVING


def test_a_call_under_way_is_answered_before_the_server_is_gone(serve: Serve) -> None:
    server = serve(drain_seconds=0.2)
    with PointsClient(server.address) as client:
        client.create_member("alice")
        with held_up(server.database_url):
            call = client.ledger.Earn.future(build.earn("alice", 10))
            client.get_member("alice")
            thread = Thread(target=server.stop)
            thread.start()
            with pytest.raises(grpc.FutureTimeoutError):
                call.result(timeout=0.3)
        answer = call.result()
        thread.join()

    assert answer.transaction.balance_after == 10


def test_what_waits_is_carried_out_though_the_grace_has_passed(serve: Serve) -> None:
    server = serve(grace_seconds=0.1)
    request = build.earn("alice", 10)
    with PointsClient(server.address) as client:
        client.create_member("alice")
        with held_up(server.database_url):
            call = client.ledger.Earn.future(request)
            client.get_member("alice")
            thread = Thread(target=server.stop)
            thread.start()
            call.exception()
        thread.join()

    with PointsClient(serve().address) as client:
        outcome = client.get_outcome("alice", request.request_id).outcome
    assert outcome.transaction.balance_after == 10


def test_a_server_that_has_stopped_is_gone(serve: Serve) -> None:
    server = serve()
    server.stop()

    with PointsClient(server.address) as client, pytest.raises(PointsError) as raised:
        client.get_member("alice")

    assert raised.value.code is grpc.StatusCode.UNAVAILABLE


def test_a_server_that_has_stopped_leaves_its_data(serve: Serve) -> None:
    first = serve()
    with PointsClient(first.address) as client:
        client.create_member("alice")
    first.stop()

    with PointsClient(serve().address) as client:
        assert client.get_member("alice").member.member_id == "alice"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("address", ["", "nonsense", "192.0.2.1:50051"])
def test_what_is_no_address_of_this_machine_is_said(serve: Serve, address: str) -> None:
    with pytest.raises(CannotListen, match=f"cannot listen on {address}"):
        serve(address=address)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_port_that_is_taken_is_not_shared(serve: Serve) -> None:
    taken = serve().address

    with pytest.raises(CannotListen, match=f"cannot listen on {taken}: is another"):
        serve(address=taken)
