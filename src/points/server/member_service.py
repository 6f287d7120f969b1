"""MemberService: create, read, change, freeze."""

from __future__ import annotations

from typing import Any, Final

from points.domain.commands import Command
from points.domain.filters import FieldKind, parse_filter
from points.domain.values import Member
from points.engine.jobs import Outcome
from points.server import requests
from points.server.answers import member_message
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View, check_names
from points.server.writes import Writes, revision_of
from points.v1 import member_pb2
from points.v1 import member_service_pb2 as pb


_FILTER: Final = {
    "member_id": FieldKind.NAME,
    "state": FieldKind.NAME,
    "create_time": FieldKind.TIME,
    "update_time": FieldKind.TIME,
}


class MemberService:
    """Answers the calls of `points.v1.MemberService`."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def create_member(
        self, request: pb.CreateMemberRequest
    ) -> pb.CreateMemberResponse:
        """Creates a member."""
        command = requests.create_member(request)
        return pb.CreateMemberResponse(
            **await self._execute(command, validate_only=request.validate_only)
        )

    async def get_member(self, request: pb.GetMemberRequest) -> pb.GetMemberResponse:
        """Returns one member."""
        check_names(member_id=request.member_id)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetMemberResponse:
            member = view.existing_member(part, request.member_id)
            return pb.GetMemberResponse(
                member=member_message(member), revision=view.revision()
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def update_member(
        self, request: pb.UpdateMemberRequest
    ) -> pb.UpdateMemberResponse:
        """Changes the attributes of a member."""
        command = requests.update_member(request)
        return pb.UpdateMemberResponse(
            **await self._execute(command, validate_only=request.validate_only)
        )

    async def set_pool(self, request: pb.SetPoolRequest) -> pb.SetPoolResponse:
        """Lets a member earn into a shared account."""
        command = requests.set_pool(request)
        return pb.SetPoolResponse(
            **await self._execute(command, validate_only=request.validate_only)
        )

    async def list_members(
        self, request: pb.ListMembersRequest
    ) -> pb.ListMembersResponse:
        """Lists members, part by part."""
        size = page_size_of(request)
        conditions = parse_filter(request.filter, _FILTER)
        after = read_token(request, start=(-1, ""))

        def read(view: View) -> pb.ListMembersResponse:
            found = view.snapshot.members((after[0], after[1]), conditions, size + 1)
            page = cut(found, size, member_message)
            return pb.ListMembersResponse(
                members=page.messages,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)

    async def freeze_member(
        self, request: pb.FreezeMemberRequest
    ) -> pb.FreezeMemberResponse:
        """Stops a member from earning and burning."""
        command = requests.freeze_member(request)
        return pb.FreezeMemberResponse(
            **await self._execute(command, validate_only=request.validate_only)
        )

    async def unfreeze_member(
        self, request: pb.UnfreezeMemberRequest
    ) -> pb.UnfreezeMemberResponse:
        """Lets a frozen member earn and burn again."""
        command = requests.unfreeze_member(request)
        return pb.UnfreezeMemberResponse(
            **await self._execute(command, validate_only=request.validate_only)
        )

    async def _execute(
        self, command: Command, *, validate_only: bool
    ) -> dict[str, Any]:
        """Returns the fields that the answers of all writes here share."""
        outcome = await self._writes.execute(command, validate_only=validate_only)
        return {
            "member": _member(outcome),
            "revision": revision_of([outcome.record]),
            "replayed": outcome.replayed,
        }


def _member(outcome: Outcome) -> member_pb2.Member:
    assert isinstance(outcome.record.result, Member)
    return member_message(outcome.record.result)


def _token(request: pb.ListMembersRequest, last: Member | None) -> str:
    return "" if last is None else write_token(request, (last.part, last.member_id))
