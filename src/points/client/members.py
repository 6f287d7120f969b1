"""Calls about all of a member: a summary, its pool, and the two ends."""

from __future__ import annotations

from points.client.connection import Connection
from points.client.requests import new_request_id
from points.v1.consistency_pb2 import Consistency
from points.v1.member_service_pb2 import (
    EraseMemberRequest,
    EraseMemberResponse,
    GetSummaryRequest,
    GetSummaryResponse,
    MergeMembersRequest,
    MergeMembersResponse,
    SetPoolRequest,
    SetPoolResponse,
)


class SummaryCalls(Connection):
    """Has the call that tells all about a member."""

    def get_summary(
        self,
        member_id: str,
        *,
        latest_count: int = 0,
        consistency: Consistency | None = None,
    ) -> GetSummaryResponse:
        """Tells what a member has and what it is worth, where the member stands, why.

        With so many of the latest transactions and claims, 10 of each for 0.
        """
        request = GetSummaryRequest(
            member_id=member_id, latest_count=latest_count, consistency=consistency
        )
        return self._call(self.members.GetSummary, request)


class PoolCalls(Connection):
    """Has the call that lets members earn into an account that they share."""

    def set_pool(
        self,
        member_id: str,
        pool: str = "",
        pools_into: str = "",
        *,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> SetPoolResponse:
        """Lets a member earn into another one's account by the terms of a pool.

        Without a pool the member earns for itself alone again.
        """
        request = SetPoolRequest(
            member_id=member_id,
            pool=pool,
            pools_into=pools_into,
            request_id=new_request_id() if request_id is None else request_id,
            validate_only=validate_only,
        )
        return self._call(self.members.SetPool, request)


class MemberEndCalls(Connection):
    """Has the calls that cannot be undone, so they need an operator and a reason."""

    def merge_members(
        self,
        member_id: str,
        into_member_id: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> MergeMembersResponse:
        """Moves all points, lots and shortfalls of a member to another one."""
        request = MergeMembersRequest(
            member_id=member_id,
            into_member_id=into_member_id,
            operator=operator,
            reason=reason,
            request_id=new_request_id() if request_id is None else request_id,
            validate_only=validate_only,
        )
        return self._call(self.members.MergeMembers, request)

    def erase_member(
        self,
        member_id: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> EraseMemberResponse:
        """Erases the personal data of a member; `reason` is kept, so name nobody."""
        request = EraseMemberRequest(
            member_id=member_id,
            operator=operator,
            reason=reason,
            request_id=new_request_id() if request_id is None else request_id,
            validate_only=validate_only,
        )
        return self._call(self.members.EraseMember, request)
