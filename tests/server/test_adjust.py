"""Adjust: what is answered, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from points.client import to_timestamp
from points.client.connection import Connection
from points.v1 import transaction_pb2
from points.v1.lot_pb2 import Lot
from points.v1.transaction_pb2 import Posting, Transaction
from tests.server.undoing import DEBIT, NEXT_YEAR, adjust, refused


def test_adjust_answers_with_the_lot_that_was_made(
    stubs: Connection, member: str
) -> None:
    request = adjust(member, 30, expire_time=to_timestamp(NEXT_YEAR))

    given = stubs.ledger.Adjust(request).transaction

    assert given == Transaction(
        transaction_id=given.transaction_id,
        kind=transaction_pb2.TRANSACTION_KIND_ADJUST,
        member_id=member,
        postings=[
            Posting(
                source="adjustment",
                destination=f"member:{member}",
                unit="points",
                points=30,
            )
        ],
        balance_after=30,
        reason="goodwill",
        channel="core",
        effective_time=given.record_time,
        record_time=given.record_time,
        lots=[
            Lot(
                lot_id=given.lots[0].lot_id,
                member_id=member,
                unit="points",
                points=30,
                remaining_points=30,
                state=Lot.STATE_AVAILABLE,
                earn_time=given.record_time,
                expire_time=to_timestamp(NEXT_YEAR),
                transaction_id=given.transaction_id,
            )
        ],
        request_id=request.request_id,
        operator="grace",
    )


def test_adjust_answers_with_the_lots_that_were_drawn(
    stubs: Connection, saver: str
) -> None:
    given = stubs.ledger.Adjust(adjust(saver, 40, direction=DEBIT)).transaction

    assert [draw.points for draw in given.draws] == [40]
    assert (given.postings[0].destination, given.balance_after) == ("adjustment", 60)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": 0}, "points"),
        ({"direction": 0}, "direction"),
        ({"direction": 9}, "direction"),
        ({"operator": ""}, "operator"),
        ({"reason": ""}, "reason"),
        ({"expire_time": to_timestamp(datetime.now(UTC))}, "expire_time"),
        ({"expire_time": to_timestamp(NEXT_YEAR), "direction": DEBIT}, "expire_time"),
    ],
)
def test_a_malformed_adjust_is_refused(
    stubs: Connection, member: str, changes: dict[str, Any], field: str
) -> None:
    reason, metadata = refused(stubs.ledger.Adjust, adjust(member, **changes))

    assert (reason, list(metadata)) == ("INVALID_ARGUMENT", [field])
