"""More work than the writer can take: refused at once, and nothing half done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from points.client import PointsClient
from points.domain.identity import part_of
from points.engine.writer import WriterLimits
from points.v1.ledger_service_pb2 import GetOutcomeRequest
from tests.server import build
from tests.server.failures import (
    ErrorInfo,
    QuotaFailure,
    RetryInfo,
    details_of,
    failure_of,
    kinds_of,
    status_of,
)
from tests.server.holding import held_up
from tests.server.running import Served


Serve = Callable[..., Served]


def member_in(part: int) -> str:
    """Returns a member id that belongs to a part of the 64."""
    numbers = (f"member-{number}" for number in range(10_000))
    return next(name for name in numbers if part_of(name, 64) == part)


@pytest.fixture
def narrow(serve: Serve) -> Served:
    """Returns a server on each database in whose queue two commands may wait."""
    return serve(writer_limits=WriterLimits(queue_limit=2))


def crowd(client: PointsClient, requests: list[Any]) -> list[Any]:
    """Sends requests while the writer is held, until all but two have an answer."""
    calls = [client.ledger.Earn.future(request, timeout=20) for request in requests]
    while sum(call.done() for call in calls) < len(calls) - 2:
        time.sleep(0.001)
    return calls


@pytest.fixture
def crowded(narrow: Served) -> tuple[Served, list[Any], list[Any]]:
    """Returns the server after a crowd of ten, the requests, and their errors."""
    options = [("grpc.enable_retries", 0)]
    with PointsClient(narrow.address, options=options) as client:
        client.create_member("alice")
        requests = [build.earn("alice") for _ in range(10)]
        with held_up(narrow.database_url):
            calls = crowd(client, requests)
        return narrow, requests, [call.exception() for call in calls]


def test_what_does_not_fit_into_the_queue_is_refused_at_once(
    crowded: tuple[Served, list[Any], list[Any]],
) -> None:
    _, _, errors = crowded

    codes = [error.code() for error in errors if error]

    assert codes == [StatusCode.RESOURCE_EXHAUSTED] * 8


def test_a_full_queue_says_when_to_come_again(
    crowded: tuple[Served, list[Any], list[Any]],
) -> None:
    _, _, errors = crowded

    status = status_of(next(error for error in errors if error))

    (info,) = details_of(status, ErrorInfo())
    (quota,) = details_of(status, QuotaFailure())
    (retry,) = details_of(status, RetryInfo())
    assert kinds_of(status) == ["ErrorInfo", "QuotaFailure", "RetryInfo"]
    assert (info.reason, dict(info.metadata)) == ("QUEUE_FULL", {"queue_limit": "2"})
    assert quota.violations[0].subject == "write queue"
    assert retry.retry_delay.ToMilliseconds() == 50


def test_what_was_refused_by_a_full_queue_can_be_done_later(
    crowded: tuple[Served, list[Any], list[Any]],
) -> None:
    server, requests, errors = crowded
    with PointsClient(server.address) as client:
        answers = [client.ledger.Earn(request) for request in requests]

    refused = [error is not None for error in errors]
    assert [not answer.replayed for answer in answers] == refused


def test_reads_go_on_while_the_queue_is_full(narrow: Served) -> None:
    with PointsClient(narrow.address) as client:
        client.create_member("alice")
        with held_up(narrow.database_url):
            crowd(client, [build.earn("alice") for _ in range(3)])

            answer = client.get_member("alice")

    assert answer.member.member_id == "alice"


def test_a_batch_larger_than_the_queue_is_taken_when_nothing_waits(
    narrow: Served,
) -> None:
    batch = build.batch(*(build.create_member(f"m{number}") for number in range(50)))

    with PointsClient(narrow.address) as client:
        answer = client.batch_write(batch.commands)

    assert len(answer.outcomes) == 50


def test_nothing_of_a_batch_that_does_not_fit_is_done(serve: Serve) -> None:
    server = serve(writer_limits=WriterLimits(queue_limit=1_200))
    batch = build.batch(*(build.create_member(f"m{number}") for number in range(2_500)))

    with PointsClient(server.address) as client:
        with held_up(server.database_url):
            refused = failure_of(client.ledger.BatchWrite, batch)
        # What was queued before this is done before this.
        client.create_member("last")
        first = batch.commands[0].create_member
        outcome = failure_of(
            client.ledger.GetOutcome,
            GetOutcomeRequest(member_id="m0", request_id=first.request_id),
        )

    assert refused.reason == "QUEUE_FULL"
    assert outcome.reason == "OUTCOME_NOT_FOUND"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_commands_of_a_large_batch_keep_their_order_when_a_part_is_busy(
    serve: Serve,
) -> None:
    server = serve(writer_limits=WriterLimits(batch_limit=5_000))
    first, busy, free = (member_in(part) for part in (1, 2, 3))
    commands: list[Any] = [build.create_member(free), build.create_member(busy)]
    commands += [build.earn(free) for _ in range(1_000)]

    with PointsClient(server.address, timeout_seconds=20) as client:
        with held_up(server.database_url, part=2):
            with held_up(server.database_url, part=1):
                # The writer waits for this one while the batch is queued behind it.
                client.members.CreateMember.future(build.create_member(first))
                list(client.list_members())
                call = client.ledger.BatchWrite.future(build.batch(*commands))
                with pytest.raises(grpc.FutureTimeoutError):
                    call.result(timeout=0.3)
            with pytest.raises(grpc.FutureTimeoutError):
                call.result(timeout=0.3)
        outcomes = call.result(timeout=20).outcomes

    refused = {item.outcome.refusal.reason for item in outcomes}
    assert refused == {""}
