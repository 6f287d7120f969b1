"""MergeMembers and EraseMember: what is told, then and later."""

from __future__ import annotations

import pytest

from points.client import PointsClient, Refused, batch_command
from points.v1.member_pb2 import Member
from points.v1.member_service_pb2 import EraseMemberRequest, MergeMembersRequest
from points.v1.transaction_pb2 import TRANSACTION_KIND_MERGE, TRANSACTION_KIND_MERGE_IN


@pytest.fixture
def friend(client: PointsClient, stranger: str) -> str:
    """Returns the id of another new member."""
    client.create_member(stranger)
    return stranger


def test_merge_members_answers_with_the_member_and_the_transaction(
    client: PointsClient, saver: str, friend: str
) -> None:
    before = client.get_member(saver).member

    answer = client.merge_members(saver, friend, operator="olga", reason="duplicate")

    member = answer.member
    assert member.state == Member.STATE_MERGED
    assert member.merged_into == friend
    assert member.etag != before.etag
    assert member == client.get_member(saver).member
    told = answer.transaction
    assert told.kind == TRANSACTION_KIND_MERGE
    assert told.counterparty_member_id == friend
    assert told.operator == "olga"
    assert told.balance_after == 0
    assert not answer.replayed


def test_the_other_member_has_it_all(
    client: PointsClient, saver: str, friend: str
) -> None:
    merged = client.merge_members(saver, friend, operator="olga", reason="duplicate")

    (received,) = client.list_transactions(friend)
    assert received.kind == TRANSACTION_KIND_MERGE_IN
    assert received.counterparty_transaction_id == merged.transaction.transaction_id
    assert received.request_id == ""
    assert client.get_balances(friend, unit="points").balances[0].available == 100


def test_a_repeated_merge_gets_the_first_answer(
    client: PointsClient, saver: str, friend: str
) -> None:
    first, second = (
        client.merge_members(saver, friend, operator="o", reason="d", request_id="m")
        for _ in range(2)
    )

    assert second.replayed
    assert (second.member, second.transaction) == (first.member, first.transaction)


def test_a_merge_that_is_only_validated_tells_what_it_would_do(
    client: PointsClient, saver: str, friend: str
) -> None:
    answer = client.merge_members(
        saver, friend, operator="o", reason="d", validate_only=True
    )

    assert answer.member.state == Member.STATE_MERGED
    assert answer.transaction.transaction_id == ""
    assert client.get_member(saver).member.state == Member.STATE_ACTIVE


def test_a_merged_member_is_refused_with_whom_it_was_merged_into(
    client: PointsClient, saver: str, friend: str
) -> None:
    client.merge_members(saver, friend, operator="o", reason="d")

    with pytest.raises(Refused) as refused:
        client.earn(saver, 10, reason="purchase")

    assert refused.value.reason == "MEMBER_MERGED"
    assert refused.value.metadata == {"member_id": saver, "merged_into": friend}


def test_nobody_is_merged_into_themselves(client: PointsClient, member: str) -> None:
    with pytest.raises(Refused) as refused:
        client.merge_members(member, member, operator="o", reason="d")

    assert refused.value.reason == "SAME_MEMBER"


def test_erase_member_answers_with_the_member(
    client: PointsClient, stranger: str
) -> None:
    client.create_member(stranger, attributes={"name": "Ada"})

    answer = client.erase_member(stranger, operator="olga", reason="asked for")

    assert answer.member.state == Member.STATE_ERASED
    assert not answer.member.attributes
    assert answer.member == client.get_member(stranger).member
    assert not answer.replayed
    assert answer.revision


def test_metadata_of_an_erased_member_are_gone(
    client: PointsClient, member: str
) -> None:
    earned = client.earn(member, 10, reason="purchase", metadata={"shop": "home"})
    assert earned.transaction.metadata

    client.erase_member(member, operator="olga", reason="asked for")

    read = client.get_transaction(earned.transaction.transaction_id).transaction
    assert not read.metadata
    assert read.postings == earned.transaction.postings


def test_an_erased_member_is_refused(client: PointsClient, member: str) -> None:
    client.erase_member(member, operator="olga", reason="asked for")

    with pytest.raises(Refused) as refused:
        client.earn(member, 10, reason="purchase")

    assert refused.value.reason == "MEMBER_ERASED"


def test_an_erasure_is_the_outcome_of_its_request_id(
    client: PointsClient, member: str
) -> None:
    erased = client.erase_member(
        member, operator="olga", reason="asked for", request_id="x"
    ).member

    assert client.get_outcome(member, "x").outcome.member == erased


def test_members_are_merged_and_erased_in_a_batch(
    client: PointsClient, saver: str, friend: str
) -> None:
    merging = MergeMembersRequest(
        member_id=saver,
        into_member_id=friend,
        operator="olga",
        reason="duplicate",
        request_id="m",
    )
    erasing = EraseMemberRequest(
        member_id=saver, operator="olga", reason="asked for", request_id="x"
    )

    answer = client.batch_write([batch_command(merging), batch_command(erasing)])

    merged, erased = (one.outcome for one in answer.outcomes)
    assert merged.transaction.counterparty_member_id == friend
    assert erased.member.state == Member.STATE_ERASED
    assert erased.member.merged_into == friend
