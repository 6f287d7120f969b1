"""Reverse, and Adjust beside it: what is answered, refused, and told by reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from points.client import PointsClient, new_request_id, to_timestamp
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as pb
from points.v1 import member_service_pb2, reversal_pb2, transaction_pb2
from points.v1.lot_pb2 import LotDraw
from points.v1.transaction_pb2 import Posting, Transaction
from tests.server import build
from tests.server.undoing import CREDIT, NEXT_YEAR, adjust, balances, refused, reverse


CLAWBACK = reversal_pb2.REASON_CODE_CLAWBACK
REFUND = reversal_pb2.REASON_CODE_REFUND
OWE = reversal_pb2.SHORTFALL_POLICY_SHORTFALL


def get(stubs: Connection, transaction: Transaction) -> Transaction:
    """Returns a transaction as it is read now."""
    request = pb.GetTransactionRequest(transaction_id=transaction.transaction_id)
    return stubs.ledger.GetTransaction(request).transaction


def test_reverse_answers_with_the_whole_transaction(
    stubs: Connection, member: str
) -> None:
    expiring = build.earn(member, 30, expire_time=to_timestamp(NEXT_YEAR))
    first = stubs.ledger.Earn(expiring).transaction.lots[0]
    burned = stubs.ledger.Burn(build.burn(member, 25, sink="donation")).transaction
    request = reverse(
        member,
        burned,
        points=10,
        reason_code=REFUND,
        operator="grace",
        metadata={"case": "9"},
    )

    answer = stubs.ledger.Reverse(request)

    given = answer.transaction
    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_REVERSE,
        member_id=member,
        postings=[
            Posting(
                source="burn:donation",
                destination=f"member:{member}",
                unit="points",
                points=10,
            )
        ],
        balance_after=15,
        reason="a mistake",
        channel="core",
        metadata={"case": "9"},
        effective_time=given.record_time,
        record_time=given.record_time,
        reverses=burned.transaction_id,
        returns=[
            LotDraw(lot_id=first.lot_id, points=10, expire_time=to_timestamp(NEXT_YEAR))
        ],
        request_id=request.request_id,
        reason_code=REFUND,
        operator="grace",
    )
    assert not answer.replayed


def test_a_transaction_tells_what_has_been_reversed_of_it(
    stubs: Connection, saver: str
) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction
    parts = [
        stubs.ledger.Reverse(reverse(saver, burned, points=points)).transaction
        for points in (20, 5)
    ]

    found = get(stubs, burned)

    assert found.reversed_points == 25
    assert list(found.reversed_by) == [part.transaction_id for part in parts]
    assert get(stubs, parts[0]).reverses == burned.transaction_id
    listed = stubs.ledger.ListTransactions(
        pb.ListTransactionsRequest(member_id=saver)
    ).transactions
    told = {one.transaction_id: one for one in listed}
    assert told[burned.transaction_id] == found
    assert [one.reversed_points for one in listed] == [0, 0, 25, 0]


def test_a_shortfall_is_shown_until_it_is_repaid(
    stubs: Connection, member: str
) -> None:
    earned = stubs.ledger.Earn(build.earn(member, 30)).transaction
    stubs.ledger.Burn(build.burn(member, 30))
    stubs.ledger.Reverse(
        reverse(member, earned, reason_code=CLAWBACK, shortfall_policy=OWE)
    )
    owing = balances(stubs, member)

    swallowed = stubs.ledger.Earn(build.earn(member, 10)).transaction
    stubs.ledger.Earn(build.earn(member, 25))

    assert (owing.shortfall, owing.available, owing.lifetime_earned) == (30, 0, 0)
    assert list(swallowed.lots) == []
    has = balances(stubs, member)
    assert (has.shortfall, has.available, has.lifetime_earned) == (0, 5, 35)


def test_the_trial_balance_adds_up_what_all_members_owe(
    stubs: Connection, member: str
) -> None:
    earned = stubs.ledger.Earn(build.earn(member, 30)).transaction
    stubs.ledger.Burn(build.burn(member, 30))
    stubs.ledger.Reverse(reverse(member, earned, shortfall_policy=OWE))

    answer = stubs.ledger.GetTrialBalance(pb.GetTrialBalanceRequest(unit="points"))

    sums = {line.account: line.points for line in answer.lines}
    assert sums["shortfall"] <= -30
    assert answer.balanced
    assert not [name for name in sums if name.startswith("shortfall:")]


def test_a_reverse_that_is_repeated_is_a_replay(stubs: Connection, saver: str) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction
    request = reverse(saver, burned)
    first = stubs.ledger.Reverse(request)

    again = stubs.ledger.Reverse(request)

    assert again.replayed
    assert again.transaction == first.transaction


def test_a_reverse_that_is_only_validated_changes_nothing(
    stubs: Connection, saver: str
) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction

    answer = stubs.ledger.Reverse(reverse(saver, burned, validate_only=True))

    assert answer.transaction.transaction_id == ""
    assert answer.transaction.postings[0].points == 50
    assert get(stubs, burned).reversed_points == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"member_id": ""}, "member_id"),
        ({"transaction_id": ""}, "transaction_id"),
        ({"points": -1}, "points"),
        ({"reason": ""}, "reason"),
        ({"reason_code": 0}, "reason_code"),
        ({"reason_code": 9}, "reason_code"),
        ({"shortfall_policy": 9}, "shortfall_policy"),
        ({"expired_policy": 9}, "expired_policy"),
        ({"grace": Duration(seconds=5)}, "grace"),
        ({"expired_policy": 2}, "grace"),
        ({"expired_policy": 2, "grace": Duration()}, "grace"),
        ({"expired_policy": 2, "grace": Duration(nanos=999)}, "grace"),
        ({"expired_policy": 2, "grace": Duration(seconds=-5)}, "grace"),
        ({"expired_policy": 2, "grace": Duration(seconds=2**62)}, "grace"),
        ({"operator": "o" * 129}, "operator"),
        ({"effective_time": to_timestamp(NEXT_YEAR)}, "effective_time"),
    ],
)
def test_a_malformed_reverse_is_refused(
    stubs: Connection, saver: str, changes: dict[str, Any], field: str
) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction

    reason, metadata = refused(stubs.ledger.Reverse, reverse(saver, burned, **changes))

    assert (reason, list(metadata)) == ("INVALID_ARGUMENT", [field])


def test_each_refusal_of_a_reverse_says_why(stubs: Connection, member: str) -> None:
    earned = stubs.ledger.Earn(build.earn(member, 30)).transaction
    burned = stubs.ledger.Burn(build.burn(member, 20)).transaction
    call = stubs.ledger.Reverse

    assert refused(call, reverse(member, earned)) == (
        "INSUFFICIENT_POINTS",
        {"member_id": member, "unit": "points", "available": "10", "points": "30"},
    )
    assert refused(call, reverse(member, burned, points=21)) == (
        "ALREADY_REVERSED",
        {
            "transaction_id": burned.transaction_id,
            "reversible_points": "20",
            "points": "21",
        },
    )
    assert refused(call, reverse(member, burned, reason_code=CLAWBACK)) == (
        "NOT_REVERSIBLE",
        {
            "transaction_id": burned.transaction_id,
            "kind": "BURN",
            "reason_code": "CLAWBACK",
        },
    )
    nowhere = reverse(member, burned, transaction_id="t1-999999999")
    assert refused(call, nowhere) == (
        "TRANSACTION_NOT_FOUND",
        {"transaction_id": "t1-999999999"},
    )
    again = refused(call, nowhere)
    assert again[0] == "TRANSACTION_NOT_FOUND"


def test_another_members_transaction_is_not_found(
    stubs: Connection, saver: str, client: PointsClient
) -> None:
    other = f"other-{new_request_id()}"
    client.create_member(other)
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction

    reason, _ = refused(stubs.ledger.Reverse, reverse(other, burned))

    assert reason == "TRANSACTION_NOT_FOUND"


def test_frozen_members_are_reversed_and_adjusted(
    stubs: Connection, saver: str
) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction
    stubs.members.FreezeMember(
        member_service_pb2.FreezeMemberRequest(
            member_id=saver, request_id=new_request_id()
        )
    )

    stubs.ledger.Reverse(reverse(saver, burned))
    stubs.ledger.Adjust(adjust(saver, 5))

    assert balances(stubs, saver).available == 105


def test_a_batch_reverses_and_adjusts(stubs: Connection, saver: str) -> None:
    burned = stubs.ledger.Burn(build.burn(saver, 50)).transaction
    request = pb.BatchWriteRequest(
        commands=[
            pb.BatchCommand(reverse=reverse(saver, burned)),
            pb.BatchCommand(adjust=adjust(saver, 7)),
            pb.BatchCommand(reverse=reverse(saver, burned)),
        ]
    )

    outcomes = stubs.ledger.BatchWrite(request).outcomes

    assert [one.outcome.WhichOneof("result") for one in outcomes] == [
        "transaction",
        "transaction",
        "refusal",
    ]
    assert balances(stubs, saver).available == 107


def test_the_client_reverses_and_adjusts(client: PointsClient, saver: str) -> None:
    burned = client.burn(saver, 50, reason="reward").transaction

    undone = client.reverse(
        saver,
        burned.transaction_id,
        reason_code=REFUND,
        reason="never came",
        points=20,
        expired_policy=reversal_pb2.EXPIRED_POLICY_REISSUE,
        grace=timedelta(days=30),
    )
    added = client.adjust(
        saver,
        5,
        direction=CREDIT,
        operator="grace",
        reason="goodwill",
        expire_time=NEXT_YEAR,
    )

    assert undone.transaction.balance_after == 70
    assert added.transaction.balance_after == 75
