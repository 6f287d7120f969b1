"""Purchases become the right calls, and answers the right acknowledgements."""

from __future__ import annotations

from datetime import UTC, date, datetime

import grpc
import pytest

from points.client import Refused, to_timestamp
from points.demo.phases import (
    Acknowledged,
    batch_phases,
    creations,
    earns,
    unary_phases,
)
from points.demo.purchases import Purchase
from points.v1.ledger_service_pb2 import (
    BatchOutcome,
    BatchWriteRequest,
    BatchWriteResponse,
    EarnRequest,
)
from points.v1.member_service_pb2 import CreateMemberRequest
from points.v1.outcome_pb2 import Outcome, Refusal
from points.v1.transaction_pb2 import Posting, Transaction


def bought(member_id: str, request_id: str = "p-1", points: int = 11) -> Purchase:
    """Returns a purchase of new year 1997."""
    return Purchase(
        member_id=member_id,
        request_id=request_id,
        date=date(1997, 1, 1),
        dollars_cents=points * 100,
        points=points,
    )


def test_each_member_is_created_once_even_without_points() -> None:
    purchases = [bought("bob"), bought("bob"), bought("alice", points=0)]

    assert list(creations(purchases)) == [
        CreateMemberRequest(member_id="bob", request_id="create"),
        CreateMemberRequest(member_id="alice", request_id="create"),
    ]


def test_an_earn_happens_on_the_day_of_the_purchase() -> None:
    assert list(earns([bought("bob", "p-1", 11)])) == [
        EarnRequest(
            member_id="bob",
            unit="points",
            points=11,
            request_id="p-1",
            reason="purchase",
            effective_time=to_timestamp(datetime(1997, 1, 1, tzinfo=UTC)),
        )
    ]


def test_a_purchase_without_a_point_earns_nothing() -> None:
    assert list(earns([bought("bob", points=0)])) == []


def test_the_earns_of_a_member_are_one_lane_in_their_order() -> None:
    purchases = [bought("bob", "1"), bought("bob", "2"), bought("alice", "1")]

    _, phase = unary_phases(purchases)

    assert [[request.request_id for request in lane] for lane in phase.lanes] == [
        ["1", "2"],
        ["1"],
    ]


def test_batches_are_as_large_as_told_and_never_mix_phases() -> None:
    purchases = [bought("bob", "1"), bought("bob", "2"), bought("alice", "1")]

    phases = batch_phases(purchases, size=2)

    sizes = [
        [len(batch.commands) for lane in phase.lanes for batch in lane]
        for phase in phases
    ]
    assert sizes == [[2], [2, 1]]


def test_a_batch_acknowledges_each_of_its_commands() -> None:
    transaction = Transaction(postings=[Posting(points=11)])
    answer = BatchWriteResponse(
        outcomes=[
            BatchOutcome(outcome=Outcome(member_id="bob", request_id="create")),
            BatchOutcome(
                outcome=Outcome(
                    member_id="bob", request_id="p-1", transaction=transaction
                ),
                replayed=True,
            ),
        ]
    )
    phase, _ = batch_phases([], size=2)

    assert list(phase.acknowledged(BatchWriteRequest(), answer)) == [
        Acknowledged(member_id="bob", request_id="create", points=0, replayed=False),
        Acknowledged(member_id="bob", request_id="p-1", points=11, replayed=True),
    ]


def test_a_refusal_inside_a_batch_ends_the_replay() -> None:
    refusal = Refusal(code=5, reason="MEMBER_NOT_FOUND", message="no bob")
    outcome = Outcome(member_id="bob", request_id="p-1", refusal=refusal)
    answer = BatchWriteResponse(outcomes=[BatchOutcome(outcome=outcome)])
    phase, _ = batch_phases([], size=2)

    with pytest.raises(Refused, match="no bob") as caught:
        list(phase.acknowledged(BatchWriteRequest(), answer))

    assert caught.value.code is grpc.StatusCode.NOT_FOUND
    assert caught.value.request_id == "p-1"
