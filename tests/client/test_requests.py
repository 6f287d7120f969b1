"""Requests are built exactly, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from points import client as client_package
from points.client import (
    NaiveTimeError,
    batch_command,
    burn_request,
    create_member_request,
    earn_request,
    new_request_id,
    to_timestamp,
)
from points.v1.ledger_service_pb2 import BatchCommand, BurnRequest, EarnRequest
from points.v1.member_service_pb2 import CreateMemberRequest


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose


def test_an_earn_needs_no_more_than_member_points_reason_and_request_id() -> None:
    request = earn_request("alice", 25, reason="purchase", request_id="order-17")

    assert request == EarnRequest(
        member_id="alice",
        unit="points",
        points=25,
        reason="purchase",
        request_id="order-17",
    )


def test_an_earn_carries_every_option() -> None:
    request = earn_request(
        "alice",
        25,
        reason="purchase",
        request_id="order-17",
        unit="stars",
        expire_time=datetime(1970, 1, 4, tzinfo=UTC),
        activate_time=datetime(1970, 1, 3, tzinfo=UTC),
        effective_time=datetime(1970, 1, 2, tzinfo=UTC),
        metadata={"shop": "7"},
        validate_only=True,
    )

    assert request == EarnRequest(
        member_id="alice",
        unit="stars",
        points=25,
        reason="purchase",
        request_id="order-17",
        expire_time=to_timestamp(datetime(1970, 1, 4, tzinfo=UTC)),
        activate_time=to_timestamp(datetime(1970, 1, 3, tzinfo=UTC)),
        effective_time=to_timestamp(datetime(1970, 1, 2, tzinfo=UTC)),
        metadata={"shop": "7"},
        validate_only=True,
    )


def test_a_burn_carries_every_option() -> None:
    request = burn_request(
        "alice",
        10,
        reason="reward",
        request_id="r-1",
        unit="stars",
        sink="charity",
        effective_time=datetime(1970, 1, 2, tzinfo=UTC),
        metadata={"shop": "7"},
        validate_only=True,
    )

    assert request == BurnRequest(
        member_id="alice",
        unit="stars",
        points=10,
        reason="reward",
        request_id="r-1",
        sink="charity",
        effective_time=to_timestamp(datetime(1970, 1, 2, tzinfo=UTC)),
        metadata={"shop": "7"},
        validate_only=True,
    )


def test_absent_times_stay_absent() -> None:
    request = earn_request("alice", 1, reason="x", request_id="1", expire_time=None)

    assert not request.HasField("expire_time")


@pytest.mark.parametrize(
    ("time", "seconds", "nanos"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, 0),
        (datetime(1998, 6, 30, 12, 0, 0, 1, tzinfo=UTC), 899208000, 1000),
        (
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            253402300799,
            999999000,
        ),
        (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), -1, 999999000),
        (datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 0, 0),
    ],
)
def test_a_time_becomes_a_timestamp_exactly(
    time: datetime,
    seconds: int,
    nanos: int,
) -> None:
    timestamp = to_timestamp(time)

    assert (timestamp.seconds, timestamp.nanos) == (seconds, nanos)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTimeError, match="2026-01-01T00:00:00 has no time zone"):
        earn_request("alice", 1, reason="x", request_id="1", effective_time=NAIVE)


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        (EarnRequest(points=1), BatchCommand(earn=EarnRequest(points=1))),
        (BurnRequest(points=1), BatchCommand(burn=BurnRequest(points=1))),
        (
            create_member_request("alice", request_id="1", attributes={"a": "b"}),
            BatchCommand(
                create_member=CreateMemberRequest(
                    member_id="alice",
                    request_id="1",
                    attributes={"a": "b"},
                ),
            ),
        ),
    ],
)
def test_every_kind_of_request_fits_into_a_batch(
    request_: EarnRequest | BurnRequest | CreateMemberRequest,
    command: BatchCommand,
) -> None:
    assert batch_command(request_) == command


def test_request_ids_that_are_made_up_differ() -> None:
    assert new_request_id() != new_request_id()


def test_every_exported_name_is_there_and_sorted() -> None:
    names = client_package.__all__

    assert [name for name in names if not hasattr(client_package, name)] == []
    assert sorted(names) == names
