"""The notice of points that will expire, as the change feed tells it."""

from __future__ import annotations

from points.cli.watch import line
from points.domain.identity import RESERVED_PREFIX, Place
from points.domain.values import Draw, Kind, Notice
from points.server.instants import timestamp
from points.server.outcomes import outcome_message
from points.v1 import change_pb2, outcome_pb2
from tests.clock import DAY, NOON
from tests.domain.build import PART, record


GIVEN = record(
    kind=Kind.NOTICE,
    request_id=f"{RESERVED_PREFIX}notice/1",
    result=Notice(
        "points",
        (
            Draw(Place(PART, 3), 40, NOON + DAY),
            Draw(Place(PART, 1), 2, NOON + 2 * DAY),
        ),
    ),
)


def test_a_notice_tells_each_lot_and_the_sum() -> None:
    outcome = outcome_message(GIVEN)

    expiring = outcome_pb2.ExpiryNotice.ExpiringLot
    assert (outcome.member_id, outcome.request_id) == ("ada", "")
    assert outcome.notice == outcome_pb2.ExpiryNotice(
        unit="points",
        points=42,
        lots=[
            expiring(lot_id="l7-3", points=40, expire_time=timestamp(NOON + DAY)),
            expiring(lot_id="l7-1", points=2, expire_time=timestamp(NOON + 2 * DAY)),
        ],
    )


def test_a_notice_is_one_line_of_a_watch() -> None:
    change = change_pb2.Change(kind="NOTICE", outcome=outcome_message(GIVEN))

    assert line(change).endswith(
        "ada  42 points expire, the first at 2026-01-02 12:00:00"
    )
