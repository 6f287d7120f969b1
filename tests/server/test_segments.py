"""SegmentService: the segments of the program, and which ones a member is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc
import pytest

from points.client import PointsClient, Refused
from points.domain.scores import ScoreChange, Scores
from points.domain.values import Kind, Record
from points.server.outcomes import outcome_message
from points.v1.scores_pb2 import Scores as ScoresMessage
from tests.clock import NOON
from tests.server.running import Served


DOCUMENT = """
program: shop
units: {points: {kind: currency, expiry: {after: P12M}}}
scores: {activities: [purchase], within: P30D}
segments:
  near: {title: Neighbours, when: 'member.attributes["town"] == "Bremen"'}
  idle: {when: member.recency == 0}
  idle_near: {when: "true", within: [near, idle]}
  odd: {when: 'member.attributes["nothing"] == "x"'}
ladders:
  status:
    qualifying: {unit: points}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}]
"""


@pytest.fixture
def client(serve: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server whose program has segments, with Ada and Bob."""
    with PointsClient(serve().address) as client:
        client.apply_program(DOCUMENT, operator="olga", reason="spring")
        client.create_member("ada", attributes={"town": "Bremen"})
        client.create_member("bob")
        yield client


def test_get_segments_tells_which_ones_a_member_is_in(client: PointsClient) -> None:
    found = client.get_segments("ada")

    assert list(found.segments) == ["idle", "idle_near", "near"]
    assert found.scores == ScoresMessage()
    assert found.revision
    assert list(client.get_segments("bob").segments) == ["idle"]


def test_nobody_is_in_no_segment(client: PointsClient) -> None:
    with pytest.raises(Refused) as refused:
        client.get_segments("nobody")

    assert refused.value.code is grpc.StatusCode.NOT_FOUND


def test_list_segments_is_in_the_order_of_names(
    client: PointsClient,
) -> None:
    _, both, near, _ = client.list_segments().segments

    assert (near.name, near.title) == ("near", "Neighbours")
    assert near.condition == 'member.attributes["town"] == "Bremen"'
    assert (both.name, list(both.within)) == ("idle_near", ["near", "idle"])


def test_a_program_without_a_document_has_no_segments(
    serve: Callable[..., Served],
) -> None:
    with PointsClient(serve().address) as client:
        client.create_member("ada")

        assert not client.list_segments().segments
        assert not client.get_segments("ada").segments


def test_a_change_of_scores_is_told_in_the_feed() -> None:
    record = Record(
        part=7,
        number=3,
        member_id="ada",
        request_id="system/scores/1",
        kind=Kind.SCORE,
        channel="core",
        fingerprint="f",
        effective_time=NOON,
        record_time=NOON,
        result=ScoreChange(Scores(5, 4, 3), NOON),
    )
    told = outcome_message(record).score_change

    assert told.scores == ScoresMessage(recency=5, frequency=4, monetary=3)
    assert told.until_time.ToMicroseconds() == NOON
