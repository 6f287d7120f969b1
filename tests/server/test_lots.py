"""Lots that wait, run and end, as callers see them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from points.client import PointsClient, Refused, batch_command, to_timestamp
from points.client.connection import Connection
from points.domain.commands import ExpireLots
from points.domain.identity import Place
from points.domain.refusals import NothingDue
from points.engine.sweeper import sweep
from points.v1 import ledger_service_pb2 as pb
from points.v1 import transaction_pb2
from points.v1.balances_pb2 import Activation
from points.v1.lot_pb2 import Lot, Pending
from points.v1.period_pb2 import Period
from points.v1.transaction_pb2 import Posting
from tests.server import build
from tests.server.failures import failure_of
from tests.server.running import Served


NEXT_YEAR = datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)
LATER = NEXT_YEAR + timedelta(days=30)
SOON = timedelta(milliseconds=300)


@pytest.fixture
def waiting(client: PointsClient, member: str) -> Lot:
    """Returns a lot of 25 points that waits for a delivery, and lives a year then."""
    answer = client.earn(
        member,
        25,
        reason="order",
        on_event="delivery",
        cancel_time=NEXT_YEAR,
        expire_after=Period(years=1),
    )
    (lot,) = answer.transaction.lots
    return lot


def refused(reason: str, call: Callable[[], object]) -> Refused:
    """Returns the refusal of a call, which has this reason."""
    with pytest.raises(Refused) as raised:
        call()
    assert raised.value.reason == reason
    return raised.value


def test_a_lot_that_waits_tells_for_what_and_how_long(waiting: Lot) -> None:
    assert waiting.state == Lot.STATE_PENDING
    assert waiting.pending == Pending(
        on_event="delivery", cancel_time=to_timestamp(NEXT_YEAR)
    )
    assert waiting.expire_after == Period(years=1)
    assert not waiting.HasField("activate_time")
    assert not waiting.HasField("expire_time")


def test_activate_lot_answers_with_the_lot_as_it_is_now(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    answer = client.activate_lot(member, waiting.lot_id, reason="delivered")

    given = answer.transaction
    (lot,) = given.lots
    assert given.kind == transaction_pb2.TRANSACTION_KIND_ACTIVATE
    assert (given.balance_after, list(given.postings)) == (25, [])
    assert (lot.state, lot.activate_time) == (Lot.STATE_AVAILABLE, given.record_time)
    assert lot.HasField("expire_time")
    assert lot.pending == waiting.pending
    assert list(client.list_lots(member)) == [lot]
    assert client.get_transaction(given.transaction_id).transaction == given


def test_cancel_lot_answers_with_the_lot_as_it_is_now(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    given = client.cancel_lot(member, waiting.lot_id, reason="returned").transaction

    (lot,) = given.lots
    assert list(given.postings) == [
        Posting(
            source=f"member:{member}",
            destination="issuance",
            unit="points",
            points=25,
        )
    ]
    assert (lot.state, lot.remaining_points) == (Lot.STATE_CANCELLED, 0)
    assert list(client.list_lots(member)) == []
    assert list(client.list_lots(member, show_closed=True)) == [lot]


def test_extend_lot_answers_with_the_lot_as_it_is_now(
    client: PointsClient, member: str
) -> None:
    (lot,) = client.earn(member, 5, reason="a", expire_time=NEXT_YEAR).transaction.lots

    given = client.extend_lot(
        member, lot.lot_id, LATER, reason="goodwill", operator="grace"
    ).transaction

    assert (given.operator, given.reason) == ("grace", "goodwill")
    assert given.lots[0].expire_time == to_timestamp(LATER)
    assert list(client.list_lots(member)) == list(given.lots)


def test_pending_points_are_counted_until_they_are_usable(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    client.earn(member, 7, reason="a", activate_time=NEXT_YEAR)

    (before,) = client.get_balances(member).balances
    client.activate_lot(member, waiting.lot_id)
    (after,) = client.get_balances(member).balances

    assert (before.pending, before.available) == (32, 0)
    assert (after.pending, after.available) == (7, 25)
    assert list(before.next_activations) == [
        Activation(activate_time=to_timestamp(NEXT_YEAR), points=7)
    ]


def test_a_lot_is_activated_or_cancelled_once(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    first = client.activate_lot(member, waiting.lot_id, request_id="a1")
    again = client.activate_lot(member, waiting.lot_id, request_id="a1")

    assert (again.replayed, again.transaction) == (True, first.transaction)
    refusal = refused(
        "LOT_NOT_PENDING", lambda: client.cancel_lot(member, waiting.lot_id, reason="r")
    )
    assert refusal.metadata == {"lot_id": waiting.lot_id, "state": "AVAILABLE"}


def test_a_validated_activation_changes_nothing(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    answer = client.activate_lot(member, waiting.lot_id, validate_only=True)

    assert answer.transaction.lots[0].lot_id == waiting.lot_id
    assert answer.transaction.transaction_id == ""
    assert list(client.list_lots(member)) == [waiting]


def test_a_lot_is_listed_by_its_state(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    usable = client.earn(member, 1, reason="a").transaction.lots[0]
    client.earn(member, 2, reason="b")
    client.burn(member, 1, reason="c")

    def numbers(*states: Lot.State.ValueType) -> list[str]:
        return [lot.lot_id for lot in client.list_lots(member, states=states)]

    assert numbers(Lot.STATE_PENDING) == [waiting.lot_id]
    assert numbers(Lot.STATE_DRAWN) == [usable.lot_id]
    assert set(numbers(Lot.STATE_DRAWN, Lot.STATE_PENDING)) == {
        usable.lot_id,
        waiting.lot_id,
    }
    assert numbers(Lot.STATE_EXPIRED, Lot.STATE_CANCELLED) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"states": [Lot.STATE_PENDING], "show_closed": True},
        {"states": [Lot.STATE_UNSPECIFIED]},
        {"states": [77]},
    ],
    ids=["with show_closed", "unspecified", "unknown"],
)
def test_states_that_are_none_are_refused(
    stubs: Connection, member: str, fields: dict[str, Any]
) -> None:
    request = pb.ListLotsRequest(member_id=member, **fields)

    assert failure_of(stubs.ledger.ListLots, request).fields == ("states",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pending": Pending()}, "pending.on_event"),
        (
            {"pending": Pending(on_event="d"), "activate_time": {"seconds": 9**10}},
            "pending",
        ),
        (
            {"pending": Pending(on_event="d", cancel_time=Timestamp(seconds=1))},
            "pending.cancel_time",
        ),
        (
            {"pending": Pending(on_event="d", cancel_time=Timestamp(seconds=-1))},
            "pending.cancel_time",
        ),
        ({"expire_after": Period()}, "expire_after"),
        ({"expire_after": Period(years=101)}, "expire_after.years"),
        (
            {"expire_after": Period(days=1), "expire_time": {"seconds": 9**10}},
            "expire_after",
        ),
    ],
)
def test_a_malformed_earn_names_the_field(
    stubs: Connection, member: str, changes: dict[str, Any], field: str
) -> None:
    request = build.earn(member, **changes)

    assert failure_of(stubs.ledger.Earn, request).fields == (field,)


def test_lots_are_changed_in_batches_too(
    client: PointsClient, member: str, waiting: Lot
) -> None:
    extended = client.earn(member, 1, reason="a", expire_time=NEXT_YEAR)
    commands: list[Any] = [
        pb.ActivateLotRequest(member_id=member, lot_id=waiting.lot_id, request_id="b1"),
        pb.CancelLotRequest(
            member_id=member, lot_id=waiting.lot_id, request_id="b2", reason="r"
        ),
        pb.ExtendLotRequest(
            member_id=member,
            lot_id=extended.transaction.lots[0].lot_id,
            request_id="b3",
            reason="r",
            operator="o",
            expire_time=to_timestamp(LATER),
        ),
    ]

    answer = client.batch_write([batch_command(command) for command in commands])

    found = [one.outcome for one in answer.outcomes]
    assert [one.WhichOneof("result") for one in found] == [
        "transaction",
        "refusal",
        "transaction",
    ]
    assert found[1].refusal.reason == "LOT_NOT_PENDING"


def test_a_swept_lot_looks_as_it_did_before_the_sweep(
    server: Served, client: PointsClient, member: str
) -> None:
    soon = datetime.now(UTC) + SOON
    client.earn(member, 5, reason="a", expire_time=soon)
    client.earn(member, 6, reason="b", on_event="delivery", cancel_time=soon)
    time.sleep(2 * SOON.total_seconds())

    def seen() -> tuple[list[Lot], object]:
        lots = list(client.list_lots(member, show_closed=True))
        return lots, client.get_balances(member).balances

    before = seen()
    sweep(server.engine)

    assert seen() == before
    states = {lot.points: lot.state for lot in before[0]}
    assert states == {5: Lot.STATE_EXPIRED, 6: Lot.STATE_CANCELLED}
    swept = next(client.list_transactions(member))
    assert swept.kind == transaction_pb2.TRANSACTION_KIND_EXPIRE
    assert swept.request_id == ""


def test_a_sweep_that_comes_late_finds_nothing_due(
    server: Served, member: str, client: PointsClient
) -> None:
    lot = client.earn(member, 5, reason="a").transaction.lots[0]
    place = Place.of_lot(lot.lot_id)
    assert place is not None
    command = ExpireLots(
        member_id=member, request_id="system/late", unit="points", lots=(place,)
    )

    # Its answer comes by way of the server's loop, as that of the sweeper does.
    with pytest.raises(NothingDue):
        server.engine.execute(command)


def test_a_server_sweeps_by_itself(serve: Callable[..., Served]) -> None:
    running = serve(sweep_interval_seconds=0.05)
    with PointsClient(running.address) as client:
        client.create_member("ada")
        client.earn("ada", 5, reason="a", expire_time=datetime.now(UTC) + SOON)

        deadline = time.monotonic() + 20
        kinds: list[int] = []
        while len(kinds) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            kinds = [found.kind for found in client.list_transactions("ada")]

    assert kinds[0] == transaction_pb2.TRANSACTION_KIND_EXPIRE
