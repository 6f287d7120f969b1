"""What may be personal: what tells it, and what a fingerprint tells of it."""

from __future__ import annotations

import pytest

from points.domain.activities import Item
from points.domain.commands import Command, RecordActivity, UpdateMember
from points.domain.personal import impersonal, is_personal, is_same, salted
from points.domain.values import Record
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    record,
    update_member,
)


PERSONAL: list[Command] = [
    create_member(attributes={"name": "Ada"}),
    update_member(attributes={"name": "Ada"}),
    earn(metadata={"shop": "by her house"}),
    RecordActivity(
        member_id="ada",
        request_id="r1",
        activity_type="purchase",
        items=(Item("i1"), Item("i2", attributes={"size": "XL"})),
    ),
]


@pytest.mark.parametrize("command", PERSONAL)
def test_what_may_be_personal_is_left_out(command: Command) -> None:
    plain = impersonal(command)

    assert is_personal(command)
    assert not is_personal(plain)
    assert (plain.member_id, plain.request_id) == (
        command.member_id,
        command.request_id,
    )
    assert plain.fingerprint() != command.fingerprint()


@pytest.mark.parametrize("command", [create_member(), burn(), freeze_member()])
def test_a_command_without_pairs_is_not_personal(command: Command) -> None:
    assert not is_personal(command)
    assert impersonal(command) == command


def named(name: str) -> UpdateMember:
    """Returns a change of a member's name."""
    return update_member(attributes={"name": name})


def kept(command: Command, *, salt: str) -> Record:
    """Returns the record of a command that was salted; without a salt it is erased."""
    told = salted(command, command.fingerprint(), "aa")
    return record(fingerprint=told, salt=salt)


def is_told(found: Record, command: Command) -> bool:
    """Says whether a record is of a command."""
    return is_same(found, command, command.fingerprint())


def test_a_salted_fingerprint_tells_its_own_request_from_others() -> None:
    own, other = named("Ada"), named("Eve")
    found = kept(own, salt="aa")

    assert (is_told(found, own), is_told(found, other)) == (True, False)
    assert own.fingerprint() not in found.fingerprint
    assert salted(own, own.fingerprint(), "bb") != found.fingerprint


def test_without_its_salt_it_tells_all_but_what_was_personal() -> None:
    found = kept(named("Ada"), salt="")

    assert is_told(found, named("Eve"))
    for other in (freeze_member(), update_member(etag="3"), burn()):
        assert not is_told(found, other)


def test_a_plain_fingerprint_is_compared_as_it_is() -> None:
    own, other = create_member(), freeze_member()
    plain = record(fingerprint=own.fingerprint())

    assert (is_told(plain, own), is_told(plain, other)) == (True, False)


def test_a_record_of_before_the_second_digest_is_told_by_the_first() -> None:
    own, other = named("Ada"), named("Eve")
    found = kept(own, salt="aa")
    old = found._replace(fingerprint=found.fingerprint.rpartition(":")[0])

    assert (is_told(old, own), is_told(old, other)) == (True, False)
    assert is_told(old._replace(salt=""), other), "nobody can tell any more"
