"""What may be personal: what tells it, and what a fingerprint tells of it."""

from __future__ import annotations

import pytest

from points.domain.activities import Item
from points.domain.commands import Command, RecordActivity
from points.domain.personal import impersonal, is_personal, is_same, salted
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


def test_a_salted_fingerprint_tells_its_own_request_from_others() -> None:
    own, other = create_member().fingerprint(), freeze_member().fingerprint()
    kept = record(fingerprint=salted(own, "aa"), salt="aa")

    assert (is_same(kept, own), is_same(kept, other)) == (True, False)
    assert own not in kept.fingerprint
    assert salted(own, "bb") != kept.fingerprint


def test_without_its_salt_it_tells_nothing_and_any_request_counts_as_the_same() -> None:
    own, other = create_member().fingerprint(), freeze_member().fingerprint()
    erased = record(fingerprint=salted(own, "aa"), salt="")

    assert (is_same(erased, own), is_same(erased, other)) == (True, True)


def test_a_plain_fingerprint_is_compared_as_it_is() -> None:
    own, other = create_member().fingerprint(), freeze_member().fingerprint()
    plain = record(fingerprint=own)

    assert (is_same(plain, own), is_same(plain, other)) == (True, False)
