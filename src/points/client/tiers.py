"""Calls about tiers: where members stand, and where a document would put them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from points.client.connection import Connection
from points.client.requests import given_or_new, optional_timestamp
from points.v1.consistency_pb2 import Consistency
from points.v1.standing_pb2 import Standing
from points.v1.tier_service_pb2 import (
    GetStandingRequest,
    GetStandingResponse,
    ListStandingsRequest,
    PreviewTiersRequest,
    PreviewTiersResponse,
    SetStandingRequest,
    SetStandingResponse,
)


class TierCalls(Connection):
    """Has the calls of the tier service."""

    def get_standing(
        self,
        member_id: str,
        *,
        ladder: str = "",
        consistency: Consistency | None = None,
    ) -> GetStandingResponse:
        """Tells where a member stands, on one ladder or on all."""
        request = GetStandingRequest(
            member_id=member_id, ladder=ladder, consistency=consistency
        )
        return self._call(self.tiers.GetStanding, request)

    def list_standings(
        self,
        ladder: str,
        *,
        tiers: Iterable[str] = (),
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Standing]:
        """Yields the standings on a ladder, in all tiers or in some.

        Pages are fetched as they are needed.
        """
        request = ListStandingsRequest(
            ladder=ladder, tiers=tiers, page_size=page_size, consistency=consistency
        )
        for page in self._pages(self.tiers.ListStandings, request):
            yield from page.standings

    def set_standing(
        self,
        member_id: str,
        ladder: str,
        tier: str,
        *,
        operator: str,
        reason: str,
        until_time: datetime | None = None,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> SetStandingResponse:
        """Puts a floor under a member, or takes it away.

        Args:
            member_id: Member to set.
            ladder: Ladder of the program.
            tier: Tier below which the member shall not fall; empty takes it away.
            operator: Who sets it, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            until_time: When it ends, with a zone; absent means never.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = SetStandingRequest(
            member_id=member_id,
            ladder=ladder,
            tier=tier,
            until_time=optional_timestamp(until_time),
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.tiers.SetStanding, request)

    def preview_tiers(
        self, document: str = "", *, consistency: Consistency | None = None
    ) -> PreviewTiersResponse:
        """Counts the members who would move under a document, in YAML.

        Without one, those whom a sweep would record elsewhere now.
        """
        request = PreviewTiersRequest(document=document, consistency=consistency)
        return self._call(self.tiers.PreviewTiers, request)
