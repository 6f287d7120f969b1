"""Calls about all of a member: who it is, a summary, its pool, and the two ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.field_mask_pb2 import FieldMask

from points.client.connection import Connection
from points.client.requests import create_member_request, given_or_new
from points.v1.consistency_pb2 import Consistency
from points.v1.member_pb2 import Member
from points.v1.member_service_pb2 import (
    CreateMemberResponse,
    EraseMemberRequest,
    EraseMemberResponse,
    FreezeMemberRequest,
    FreezeMemberResponse,
    GetMemberRequest,
    GetMemberResponse,
    GetSummaryRequest,
    GetSummaryResponse,
    ListMembersRequest,
    MergeMembersRequest,
    MergeMembersResponse,
    SetPoolRequest,
    SetPoolResponse,
    UnfreezeMemberRequest,
    UnfreezeMemberResponse,
    UpdateMemberRequest,
    UpdateMemberResponse,
)


class MemberCalls(Connection):
    """Has the calls about who a member is, and what it may do."""

    def create_member(
        self,
        member_id: str,
        *,
        attributes: Mapping[str, str] | None = None,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> CreateMemberResponse:
        """Creates a member whose id, 1 to 128 characters, is yours to choose."""
        request = create_member_request(
            member_id,
            request_id=given_or_new(request_id),
            attributes=attributes,
            validate_only=validate_only,
        )
        return self._call(self.members.CreateMember, request)

    def get_member(
        self,
        member_id: str,
        *,
        consistency: Consistency | None = None,
    ) -> GetMemberResponse:
        """Returns one member."""
        request = GetMemberRequest(
            member_id=member_id,
            consistency=consistency,
        )
        return self._call(self.members.GetMember, request)

    def update_member(
        self,
        member_id: str,
        attributes: Mapping[str, str],
        *,
        paths: Iterable[str] = ("attributes",),
        etag: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> UpdateMemberResponse:
        """Changes the attributes of a member.

        Args:
            member_id: Member to change.
            attributes: New attributes.
            paths: What to change: `attributes` replaces all, `attributes.<key>`
                one, which is removed if `attributes` does not have it.
            etag: Etag of the member as last read; empty skips the check.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = UpdateMemberRequest(
            member_id=member_id,
            attributes=attributes,
            update_mask=FieldMask(paths=paths),
            etag=etag,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.members.UpdateMember, request)

    def list_members(
        self,
        *,
        filter_by: str = "",
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Member]:
        """Yields members in a fixed order, asking for pages as they are needed.

        Args:
            filter_by: Which members, such as `state = ACTIVE`; empty means all.
            page_size: Members asked for at once: 50 if zero, at most 1000.
            consistency: How fresh the answer must be.
        """
        request = ListMembersRequest(
            filter=filter_by,
            page_size=page_size,
            consistency=consistency,
        )
        for page in self._pages(self.members.ListMembers, request):
            yield from page.members

    def freeze_member(
        self,
        member_id: str,
        *,
        reason: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> FreezeMemberResponse:
        """Stops a member from earning and burning."""
        request = FreezeMemberRequest(
            member_id=member_id,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.members.FreezeMember, request)

    def unfreeze_member(
        self,
        member_id: str,
        *,
        reason: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> UnfreezeMemberResponse:
        """Lets a frozen member earn and burn again."""
        request = UnfreezeMemberRequest(
            member_id=member_id,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.members.UnfreezeMember, request)


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
            request_id=given_or_new(request_id),
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
            request_id=given_or_new(request_id),
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
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.members.EraseMember, request)
