"""Members: created, changed, frozen and unfrozen."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.refusals import EtagMismatch, InvalidArgument, MemberExists
from points.domain.state import Decision
from points.domain.values import Member, MemberState
from tests.clock import NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    create_member,
    freeze_member,
    frozen_member,
    member,
    stamp,
    unfreeze_member,
    update_member,
)
from tests.domain.worlds import EMPTY_WORLD, world


FIFTY = {f"key-{number:02}": "value" for number in range(50)}


def changed(before: Member, command: Command) -> Member:
    """Returns the member after the command."""
    result = decide(command, world(before), PROGRAM, stamp()).result
    assert isinstance(result, Member)
    return result


def updated(present: dict[str, str], **fields: Any) -> dict[str, str]:
    """Returns the attributes after an update of a member that has `present`."""
    after = changed(member(attributes=present), update_member(**fields))
    return dict(after.attributes)


def test_a_new_member_is_active_and_in_its_first_version() -> None:
    command = create_member(attributes={"name": "Ada"})

    decision = decide(command, EMPTY_WORLD, PROGRAM, stamp())

    assert decision.result == Member(
        part=PART,
        member_id="ada",
        state=MemberState.ACTIVE,
        attributes={"name": "Ada"},
        create_time=NOON,
        update_time=NOON,
        version=1,
    )


def test_a_member_is_created_once() -> None:
    with pytest.raises(MemberExists) as refused:
        decide(create_member(), world(), PROGRAM, stamp())

    assert refused.value == MemberExists("ada")


@pytest.mark.parametrize(
    ("before", "command"),
    [
        (member(), update_member()),
        (member(), freeze_member()),
        (frozen_member(), unfreeze_member()),
    ],
    ids=["update", "freeze", "unfreeze"],
)
def test_a_change_is_a_new_version_of_now(before: Member, command: Command) -> None:
    after = changed(before, command)

    assert (after.version, after.update_time, after.create_time) == (
        before.version + 1,
        NOON,
        before.create_time,
    )


def test_the_decision_carries_the_member_and_no_points() -> None:
    decision = decide(freeze_member(), world(), PROGRAM, stamp())

    assert decision == Decision(
        result=decision.result,
        effective_time=NOON,
        channel="core",
        member=changed(member(), freeze_member()),
    )


def test_freezing_makes_a_member_frozen() -> None:
    assert changed(member(), freeze_member()).state is MemberState.FROZEN


def test_unfreezing_makes_a_member_active() -> None:
    assert changed(frozen_member(), unfreeze_member()).state is MemberState.ACTIVE


def test_a_frozen_member_may_change() -> None:
    after = changed(frozen_member(), update_member(attributes={"a": "1"}))

    assert after.state is MemberState.FROZEN


def test_without_keys_all_attributes_are_replaced() -> None:
    assert updated({"a": "1", "b": "2"}, attributes={"c": "3"}) == {"c": "3"}


def test_named_keys_are_set() -> None:
    after = updated({"a": "1", "b": "2"}, attributes={"b": "3", "c": "4"}, keys=("b",))

    assert after == {"a": "1", "b": "3"}


def test_named_keys_without_a_value_are_removed() -> None:
    assert updated({"a": "1", "b": "2"}, keys=("b", "z")) == {"a": "1"}


def test_no_keys_at_all_change_nothing() -> None:
    after = updated({"a": "1"}, attributes={"a": "2"}, keys=())

    assert after == {"a": "1"}


@pytest.mark.parametrize("etag", ["", "3"])
def test_the_etag_is_the_version_or_nothing(etag: str) -> None:
    assert changed(member(version=3), update_member(etag=etag)).version == 4


@pytest.mark.parametrize("etag", ["2", "4", "03", " 3", "*"])
def test_another_etag_is_refused(etag: str) -> None:
    with pytest.raises(EtagMismatch) as refused:
        changed(member(version=3), update_member(etag=etag))

    assert refused.value == EtagMismatch("ada", etag, "3")


def test_a_member_may_come_to_fifty_attributes() -> None:
    before = dict(list(FIFTY.items())[:49])

    assert updated(before, attributes=FIFTY, keys=("key-49",)) == FIFTY


def test_a_member_may_not_come_to_fifty_one_attributes() -> None:
    with pytest.raises(InvalidArgument) as refused:
        updated(FIFTY, attributes={"one more": ""}, keys=("one more",))

    assert refused.value == InvalidArgument(
        {"attributes": "must have at most 50 entries, not 51"}
    )
