"""Lots begin and end by the clock, whether anything sweeps them or not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from points.client import PointsClient, to_timestamp
from points.client.connection import Connection
from points.v1.balances_pb2 import Balances, Expiration
from points.v1.ledger_service_pb2 import GetBalancesRequest
from points.v1.lot_pb2 import Lot
from tests.server import build
from tests.server.failures import failure_of


SOON = timedelta(milliseconds=300)
NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)


def wait_until(instant: datetime) -> None:
    """Waits until an instant has come."""
    time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()) + 0.005)


@pytest.fixture
def end(client: PointsClient, member: str) -> datetime:
    """Returns when 10 of the member's 15 points expire: very soon."""
    instant = datetime.now(UTC) + SOON
    client.earn(member, 5, reason="lasting")
    client.earn(member, 10, reason="expiring", expire_time=instant)
    return instant


def balances(client: PointsClient, member: str) -> Balances:
    """Returns the member's balances in points."""
    (found,) = client.get_balances(member, unit="points").balances
    return found


def test_an_expired_lot_is_not_available(
    client: PointsClient, member: str, end: datetime
) -> None:
    before = balances(client, member)
    wait_until(end)

    after = balances(client, member)

    expiration = Expiration(expire_time=to_timestamp(end), points=10)
    assert before == Balances(
        unit="points", available=15, lifetime_earned=15, next_expirations=[expiration]
    )
    assert after == Balances(
        unit="points", available=5, lifetime_earned=15, lifetime_expired=10
    )


def test_an_expired_lot_is_not_burned(
    client: PointsClient, stubs: Connection, member: str, end: datetime
) -> None:
    wait_until(end)

    failure = failure_of(stubs.ledger.Burn, build.burn(member, 6))

    assert failure.metadata["available"] == "5"
    assert client.burn(member, 5, reason="reward").transaction


def test_an_expired_lot_is_listed_as_expired_when_it_is_asked_for(
    client: PointsClient, member: str, end: datetime
) -> None:
    wait_until(end)

    open_lots = list(client.list_lots(member))
    states = {
        lot.points: lot.state for lot in client.list_lots(member, show_closed=True)
    }

    assert [lot.points for lot in open_lots] == [5]
    assert states == {5: Lot.STATE_AVAILABLE, 10: Lot.STATE_EXPIRED}


def test_a_pending_lot_becomes_available_by_itself(
    client: PointsClient, member: str
) -> None:
    start = datetime.now(UTC) + SOON
    client.earn(member, 10, reason="purchase", activate_time=start)
    before = balances(client, member)
    wait_until(start)

    after = balances(client, member)

    assert (before.available, before.pending) == (0, 10)
    assert (after.available, after.pending) == (10, 0)


def test_a_pending_lot_is_not_burned_before_it_begins(
    client: PointsClient, stubs: Connection, member: str
) -> None:
    client.earn(member, 10, reason="purchase", activate_time=NEXT_YEAR)

    failure = failure_of(stubs.ledger.Burn, build.burn(member, 1))

    assert failure.reason == "INSUFFICIENT_POINTS"


def test_a_pending_lot_is_burned_once_it_has_begun(
    client: PointsClient, member: str
) -> None:
    start = datetime.now(UTC) + SOON
    client.earn(member, 10, reason="purchase", activate_time=start)
    wait_until(start)

    assert client.burn(member, 10, reason="reward").transaction


def test_a_pending_lot_is_listed_as_pending(client: PointsClient, member: str) -> None:
    client.earn(member, 10, reason="purchase", activate_time=NEXT_YEAR)

    (lot,) = client.list_lots(member)

    assert lot.state == Lot.STATE_PENDING
    assert lot.activate_time == to_timestamp(NEXT_YEAR)


def test_a_pending_lot_expires_after_it_has_begun_only(
    client: PointsClient, member: str
) -> None:
    later = NEXT_YEAR + timedelta(microseconds=1)
    client.earn(member, 10, reason="a", activate_time=NEXT_YEAR, expire_time=later)

    found = balances(client, member)

    assert (found.pending, list(found.next_expirations)) == (10, [])


def test_times_are_exact_to_the_microsecond(stubs: Connection, member: str) -> None:
    request = build.earn(member, expire_time={"seconds": 4_000_000_000, "nanos": 1_999})

    (lot,) = stubs.ledger.Earn(request).transaction.lots

    assert lot.expire_time.nanos == 1_000


def test_the_last_instant_of_the_calendar_is_a_time(
    stubs: Connection, member: str
) -> None:
    last = {"seconds": 253_402_300_799, "nanos": 999_999_000}
    stubs.ledger.Earn(build.earn(member, expire_time=last))

    (found,) = stubs.ledger.GetBalances(GetBalancesRequest(member_id=member)).balances

    assert found.next_expirations[0].expire_time.seconds == 253_402_300_799
