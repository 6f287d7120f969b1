"""Calls about segments: who is meant by a name."""

from __future__ import annotations

from points.client.connection import Connection
from points.v1.consistency_pb2 import Consistency
from points.v1.segment_service_pb2 import (
    GetSegmentsRequest,
    GetSegmentsResponse,
    ListSegmentsRequest,
    ListSegmentsResponse,
)


class SegmentCalls(Connection):
    """Has the calls of the segment service."""

    def get_segments(
        self, member_id: str, *, consistency: Consistency | None = None
    ) -> GetSegmentsResponse:
        """Tells which segments a member is in, and how the member scores."""
        request = GetSegmentsRequest(member_id=member_id, consistency=consistency)
        return self._call(self.segments.GetSegments, request)

    def list_segments(self) -> ListSegmentsResponse:
        """Returns the segments of the program."""
        return self._call(self.segments.ListSegments, ListSegmentsRequest())
