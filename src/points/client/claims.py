"""Calls that collect awards which wait to be collected."""

from __future__ import annotations

from collections.abc import Iterator

from points.client.connection import Connection
from points.client.requests import given_or_new
from points.v1.claim_pb2 import Claim, ClaimRequest, ClaimResponse, ListClaimsRequest
from points.v1.consistency_pb2 import Consistency


class ClaimCalls(Connection):
    """Has the calls about claims."""

    def list_claims(
        self,
        member_id: str,
        *,
        state: Claim.State.ValueType = Claim.STATE_UNSPECIFIED,
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Claim]:
        """Yields the claims of a member in one state, the latest first.

        Args:
            member_id: Member to read.
            state: State to list; OPEN unless told.
            page_size: Claims asked for at once: 50 if zero, at most 1000.
            consistency: How fresh the answer must be.
        """
        request = ListClaimsRequest(
            member_id=member_id,
            state=state,
            page_size=page_size,
            consistency=consistency,
        )
        for page in self._pages(self.activities.ListClaims, request):
            yield from page.claims

    def claim(
        self,
        member_id: str,
        claim_id: str,
        *,
        reason: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> ClaimResponse:
        """Collects points that wait.

        Args:
            member_id: Member whose claim it is.
            claim_id: Claim to collect.
            reason: Why; empty means the rule.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = ClaimRequest(
            member_id=member_id,
            request_id=given_or_new(request_id),
            claim_id=claim_id,
            reason=reason,
            validate_only=validate_only,
        )
        return self._call(self.activities.Claim, request)
