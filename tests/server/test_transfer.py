"""Transfer: what the giver is told, and what the receiver sees."""

from __future__ import annotations

from typing import Any

import pytest

from points.client import PointsClient, Refused, batch_command, transfer_request
from points.v1 import ledger_service_pb2 as pb
from points.v1.transaction_pb2 import (
    TRANSACTION_KIND_TRANSFER,
    TRANSACTION_KIND_TRANSFER_IN,
    Posting,
)


@pytest.fixture
def friend(client: PointsClient, stranger: str) -> str:
    """Returns the id of another new member."""
    client.create_member(stranger)
    return stranger


def available(client: PointsClient, member_id: str) -> int:
    """Returns what a member can use."""
    return client.get_balances(member_id, unit="points").balances[0].available


def test_transfer_answers_with_what_the_giver_paid(
    client: PointsClient, saver: str, friend: str
) -> None:
    answer = client.transfer(
        saver,
        friend,
        30,
        reason="gift",
        request_id="g1",
        fee_points=5,
        metadata={"card": "a rose"},
    )

    told = answer.transaction
    assert told.kind == TRANSACTION_KIND_TRANSFER
    assert told.counterparty_member_id == friend
    assert told.counterparty_transaction_id == ""
    assert list(told.postings) == [
        Posting(
            source=f"member:{saver}", destination="transit", unit="points", points=30
        ),
        Posting(
            source=f"member:{saver}",
            destination="fee:transfer",
            unit="points",
            points=5,
        ),
    ]
    assert [draw.points for draw in told.draws] == [35]
    assert told.balance_after == 65
    assert not answer.replayed
    assert (available(client, saver), available(client, friend)) == (65, 30)


def test_the_receiver_sees_where_points_came_from(
    client: PointsClient, saver: str, friend: str
) -> None:
    sent = client.transfer(saver, friend, 30, reason="gift").transaction

    (received,) = client.list_transactions(friend)

    assert received.kind == TRANSACTION_KIND_TRANSFER_IN
    assert received.request_id == ""
    assert received.reason == "gift"
    assert received.counterparty_member_id == saver
    assert received.counterparty_transaction_id == sent.transaction_id
    assert received.lots[0].origin_lot_id == sent.draws[0].lot_id


def test_a_transfer_in_a_batch_is_an_outcome(
    client: PointsClient, saver: str, friend: str
) -> None:
    request = transfer_request(saver, friend, 30, reason="gift", request_id="g1")

    answer = client.batch_write([batch_command(request)])

    assert answer.outcomes[0].outcome.transaction.counterparty_member_id == friend
    assert available(client, friend) == 30


def test_a_transfer_that_is_only_validated_has_no_id(
    client: PointsClient, saver: str, friend: str
) -> None:
    answer = client.transfer(saver, friend, 30, reason="gift", validate_only=True)

    assert answer.transaction.transaction_id == ""
    assert list(client.list_lots(friend)) == []


def test_a_repeated_transfer_gets_the_first_answer(
    client: PointsClient, saver: str, friend: str
) -> None:
    first, second = (
        client.transfer(saver, friend, 30, reason="gift", request_id="g1")
        for _ in range(2)
    )

    assert second.replayed
    assert second.transaction == first.transaction


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"points": 101}, "INSUFFICIENT_POINTS"),
        ({"unit": "stars"}, "UNIT_UNKNOWN"),
        ({"unit": "qualifying_points"}, "UNIT_NOT_SPENDABLE"),
        ({"points": 0}, "INVALID_ARGUMENT"),
        ({"fee_account": "club"}, "INVALID_ARGUMENT"),
    ],
)
def test_a_transfer_is_refused_with_a_reason(
    client: PointsClient,
    saver: str,
    friend: str,
    changes: dict[str, Any],
    reason: str,
) -> None:
    fields: dict[str, Any] = {"points": 10, "reason": "gift", **changes}

    with pytest.raises(Refused) as refused:
        client.transfer(saver, friend, **fields)

    assert refused.value.reason == reason


def test_nobody_gives_to_themselves(client: PointsClient, saver: str) -> None:
    with pytest.raises(Refused) as refused:
        client.transfer(saver, saver, 10, reason="gift")

    assert refused.value.reason == "SAME_MEMBER"
    assert refused.value.metadata == {"member_id": saver}


def test_a_receiver_must_exist(client: PointsClient, saver: str, stranger: str) -> None:
    with pytest.raises(Refused) as refused:
        client.transfer(saver, stranger, 10, reason="gift")

    assert refused.value.reason == "MEMBER_NOT_FOUND"
    assert refused.value.metadata == {"member_id": stranger}


def test_points_in_transit_are_none_in_the_trial_balance(
    client: PointsClient, saver: str, friend: str
) -> None:
    client.transfer(saver, friend, 30, reason="gift")

    answer: pb.GetTrialBalanceResponse = client.get_trial_balance(unit="points")

    lines = {line.account: line.points for line in answer.lines}
    assert answer.balanced
    assert lines["transit"] == 0
