"""MemberService: what each call answers when it says yes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.member_pb2 import Member
from points.v1.member_service_pb2 import GetMemberRequest
from tests.server import build


def read(stubs: Connection, member_id: str) -> Member:
    """Returns the member as it is stored."""
    return stubs.members.GetMember(GetMemberRequest(member_id=member_id)).member


def test_create_member_answers_with_the_member(
    stubs: Connection, stranger: str
) -> None:
    before = datetime.now(UTC)

    answer = stubs.members.CreateMember(
        build.create_member(stranger, attributes={"city": "Bern"})
    )

    created = answer.member.create_time
    assert before <= created.ToDatetime(UTC) <= datetime.now(UTC)
    assert answer.member == Member(
        member_id=stranger,
        state=Member.STATE_ACTIVE,
        attributes={"city": "Bern"},
        create_time=created,
        update_time=created,
        etag="1",
    )


def test_get_member_answers_with_what_was_created(
    stubs: Connection, stranger: str
) -> None:
    created = stubs.members.CreateMember(
        build.create_member(stranger, attributes={"city": "Bern"})
    )

    answer = stubs.members.GetMember(GetMemberRequest(member_id=stranger))

    assert answer.member == created.member
    assert answer.revision


@pytest.mark.parametrize(
    "member_id",
    ["ann@example.com", "  padded  ", "☃" * 128, "a" * 128, "'; DROP TABLE member; --"],
    ids=["email", "padded", "snowmen", "longest", "sql"],
)
def test_any_text_without_control_characters_is_a_member_id(
    stubs: Connection, stranger: str, member_id: str
) -> None:
    unique = member_id[: 128 - len(stranger)] + stranger

    stubs.members.CreateMember(build.create_member(unique))

    assert read(stubs, unique).member_id == unique


def test_members_whose_ids_differ_in_case_alone_are_two(
    stubs: Connection, stranger: str
) -> None:
    stubs.members.CreateMember(build.create_member(stranger, attributes={"a": "1"}))
    stubs.members.CreateMember(build.create_member(stranger.upper()))

    assert not read(stubs, stranger.upper()).attributes


def test_update_member_replaces_all_attributes_without_a_mask(
    stubs: Connection, member: str
) -> None:
    stubs.members.UpdateMember(build.update_member(member, attributes={"a": "1"}))

    answer = stubs.members.UpdateMember(
        build.update_member(member, attributes={"b": "2"})
    )

    assert dict(answer.member.attributes) == {"b": "2"}


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (["attributes"], {"b": "3", "c": "4"}),
        (["attributes.b"], {"a": "1", "b": "3"}),
        (["attributes.a"], {"b": "2"}),
        (["attributes.a", "attributes.c"], {"b": "2", "c": "4"}),
        (["attributes.z"], {"a": "1", "b": "2"}),
    ],
    ids=["all", "set", "remove", "set and remove", "absent"],
)
def test_a_mask_says_which_attributes_change(
    stubs: Connection, member: str, paths: list[str], left: dict[str, str]
) -> None:
    given = {"a": "1", "b": "2"}
    stubs.members.UpdateMember(build.update_member(member, attributes=given))

    request = build.update_member(
        member, attributes={"b": "3", "c": "4"}, update_mask=FieldMask(paths=paths)
    )
    answer = stubs.members.UpdateMember(request)

    assert dict(answer.member.attributes) == left


def test_the_etag_that_was_read_last_lets_an_update_pass(
    stubs: Connection, member: str
) -> None:
    etag = read(stubs, member).etag

    answer = stubs.members.UpdateMember(build.update_member(member, etag=etag))

    assert answer.member.etag != etag


def test_an_update_moves_the_update_time_alone(stubs: Connection, member: str) -> None:
    before = read(stubs, member)

    after = stubs.members.UpdateMember(build.update_member(member)).member

    assert after.create_time == before.create_time
    assert after.update_time.ToNanoseconds() > before.update_time.ToNanoseconds()


def test_freeze_member_answers_with_the_frozen_member(
    stubs: Connection, member: str
) -> None:
    answer = stubs.members.FreezeMember(build.freeze_member(member, reason="lost card"))

    assert answer.member.state == Member.STATE_FROZEN
    assert answer.member == read(stubs, member)


def test_unfreeze_member_answers_with_the_active_member(
    stubs: Connection, member: str
) -> None:
    stubs.members.FreezeMember(build.freeze_member(member))

    answer = stubs.members.UnfreezeMember(build.unfreeze_member(member))

    assert answer.member.state == Member.STATE_ACTIVE
    assert answer.member == read(stubs, member)


def test_a_frozen_member_can_still_be_changed(stubs: Connection, member: str) -> None:
    stubs.members.FreezeMember(build.freeze_member(member))

    answer = stubs.members.UpdateMember(build.update_member(member))

    assert answer.member.state == Member.STATE_FROZEN


def test_list_members_finds_a_member_by_its_id(
    client: PointsClient, member: str
) -> None:
    found = client.list_members(filter_by=f'member_id = "{member}"')

    assert [item.member_id for item in found] == [member]
