"""MergeMembers and EraseMember: the two ends of a member."""

from __future__ import annotations

from points.domain.commands import EraseMember, MergeMembers
from points.domain.decisions.merge import merged
from points.domain.values import Erasure, Member, MemberState, Record
from points.server.answers import fill_transaction, member_message
from points.server.reads import Reads, View
from points.server.writes import Writes, revision_of
from points.v1 import member_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency


class MergeMethods:
    """Answers MergeMembers and EraseMember."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def merge_members(
        self, request: pb.MergeMembersRequest
    ) -> pb.MergeMembersResponse:
        """Moves everything that a member has to another one."""
        command = merge_members_command(request)
        outcome = await self._writes.execute(
            command, validate_only=request.validate_only
        )
        record = outcome.record
        response = pb.MergeMembersResponse(
            member=member_message(await self._merged(command, record)),
            revision=revision_of([record]),
            replayed=outcome.replayed,
        )
        fill_transaction(response.transaction, record)
        return response

    async def erase_member(
        self, request: pb.EraseMemberRequest
    ) -> pb.EraseMemberResponse:
        """Erases what is personal of a member."""
        outcome = await self._writes.execute(
            erase_member_command(request), validate_only=request.validate_only
        )
        erasure = outcome.record.result
        assert isinstance(erasure, Erasure)
        return pb.EraseMemberResponse(
            member=member_message(erasure.member),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def _merged(self, command: MergeMembers, record: Record) -> Member:
        """Returns the member as the merge left it, or would leave it.

        It never changes again, unless it is erased: then nothing of it is told.
        """

        def read(view: View) -> Member:
            member = view.existing_member(record.part, command.member_id)
            if member.state in (MemberState.MERGED, MemberState.ERASED):
                return member
            return merged(member, command.into_member_id, record.record_time)

        return await self._reads.of_part(record.part, Consistency(), read)


def merge_members_command(request: pb.MergeMembersRequest) -> MergeMembers:
    """Returns the command of a MergeMembersRequest."""
    return MergeMembers(
        member_id=request.member_id,
        request_id=request.request_id,
        into_member_id=request.into_member_id,
        operator=request.operator,
        reason=request.reason,
    )


def erase_member_command(request: pb.EraseMemberRequest) -> EraseMember:
    """Returns the command of an EraseMemberRequest."""
    return EraseMember(
        member_id=request.member_id,
        request_id=request.request_id,
        operator=request.operator,
        reason=request.reason,
    )
