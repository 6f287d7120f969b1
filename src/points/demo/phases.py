"""Turns purchases into calls: first the members, then what they earn.

Members come first because an earn of an unknown member is refused once and for
all. Calls are grouped into lanes, see `points.demo.window`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import groupby, islice
from typing import Any, Generic, TypeVar

import grpc

from points.client import (
    PointsClient,
    batch_command,
    create_member_request,
    earn_request,
    refused,
)
from points.demo.purchases import Purchase
from points.v1.ledger_service_pb2 import (
    BATCH_MODE_INDEPENDENT,
    BatchOutcome,
    BatchWriteRequest,
    BatchWriteResponse,
    EarnRequest,
    EarnResponse,
)
from points.v1.member_service_pb2 import CreateMemberRequest, CreateMemberResponse
from points.v1.transaction_pb2 import Transaction


Request = TypeVar("Request")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Is one command that the server has answered as done.

    Attributes:
        member_id: Member of the command.
        request_id: Request id of the command.
        points: Points earned; zero for a new member.
        replayed: Whether an earlier call had already done it.
    """

    member_id: str
    request_id: str
    points: int
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Generic[Request, Answer]):
    """Is a set of calls of one kind that all come before the next phase.

    Attributes:
        lanes: Requests; those of one lane are sent one after the other.
        method: Picks the call from a client.
        acknowledged: Tells what an answer acknowledges; raises `Refused` if there
            is a refusal in it.
    """

    lanes: Iterable[Iterable[Request]]
    method: Callable[[PointsClient], grpc.UnaryUnaryMultiCallable[Request, Answer]]
    acknowledged: Callable[[Request, Answer], Iterable[Acknowledged]]


def unary_phases(purchases: Sequence[Purchase]) -> list[Phase[Any, Any]]:
    """Returns the phases with a call for each command.

    The earns of a member are one lane, so that they arrive in the order of the
    purchases.
    """
    return [
        Phase(
            lanes=([creation] for creation in creations(purchases)),
            method=lambda client: client.members.CreateMember,
            acknowledged=_created,
        ),
        Phase(
            lanes=_lanes_of_members(earns(purchases)),
            method=lambda client: client.ledger.Earn,
            acknowledged=_earned,
        ),
    ]


def batch_phases(purchases: Sequence[Purchase], *, size: int) -> list[Phase[Any, Any]]:
    """Returns the phases with a call for each `size` commands, in any order."""
    return [
        Phase(
            lanes=([batch] for batch in _batches(commands, size)),
            method=lambda client: client.ledger.BatchWrite,
            acknowledged=_batch_decided,
        )
        for commands in (creations(purchases), earns(purchases))
    ]


def creations(purchases: Iterable[Purchase]) -> Iterator[CreateMemberRequest]:
    """Yields the creation of each member, in the order of their first purchases."""
    for member_id in dict.fromkeys(purchase.member_id for purchase in purchases):
        yield create_member_request(member_id, request_id="create")


def earns(purchases: Iterable[Purchase]) -> Iterator[EarnRequest]:
    """Yields the earn of each purchase that is worth a point, in their order."""
    for purchase in purchases:
        if purchase.points > 0:
            yield earn_request(
                purchase.member_id,
                purchase.points,
                reason="purchase",
                request_id=purchase.request_id,
                effective_time=datetime.combine(purchase.date, time.min, tzinfo=UTC),
            )


def _lanes_of_members(requests: Iterable[EarnRequest]) -> Iterator[list[EarnRequest]]:
    for _, lane in groupby(requests, key=lambda request: request.member_id):
        yield list(lane)


def _batches(
    requests: Iterable[EarnRequest] | Iterable[CreateMemberRequest],
    size: int,
) -> Iterator[BatchWriteRequest]:
    commands = (batch_command(request) for request in requests)
    while batch := list(islice(commands, size)):
        yield BatchWriteRequest(commands=batch, mode=BATCH_MODE_INDEPENDENT)


def _created(
    request: CreateMemberRequest,
    answer: CreateMemberResponse,
) -> list[Acknowledged]:
    acknowledged = Acknowledged(
        member_id=request.member_id,
        request_id=request.request_id,
        points=0,
        replayed=answer.replayed,
    )
    return [acknowledged]


def _earned(request: EarnRequest, answer: EarnResponse) -> list[Acknowledged]:
    acknowledged = Acknowledged(
        member_id=request.member_id,
        request_id=request.request_id,
        points=_points_moved(answer.transaction),
        replayed=answer.replayed,
    )
    return [acknowledged]


def _batch_decided(
    _: BatchWriteRequest,
    answer: BatchWriteResponse,
) -> Iterator[Acknowledged]:
    return map(_decided, answer.outcomes)


def _decided(decided: BatchOutcome) -> Acknowledged:
    outcome = decided.outcome
    if outcome.HasField("refusal"):
        raise refused(outcome.refusal, request_id=outcome.request_id)
    return Acknowledged(
        member_id=outcome.member_id,
        request_id=outcome.request_id,
        points=_points_moved(outcome.transaction),
        replayed=decided.replayed,
    )


def _points_moved(transaction: Transaction) -> int:
    """Returns the points of all postings; zero if there is no transaction."""
    return sum(posting.points for posting in transaction.postings)
