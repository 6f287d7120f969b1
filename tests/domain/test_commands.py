"""Commands: which fields are checked, what is read, and the defaults."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import NEVER, POINTS_MAX, TIME_MAX
from points.domain.commands import Command, Reads
from points.domain.refusals import InvalidArgument
from tests.clock import NOON
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    unfreeze_member,
    update_member,
)


COMMANDS: list[Command] = [
    earn(),
    burn(),
    create_member(),
    update_member(),
    freeze_member(),
    unfreeze_member(),
]
LEDGER_COMMANDS: list[Any] = [earn, burn]
MEMBER_COMMANDS: list[Any] = [create_member, update_member]
STATE_COMMANDS: list[Any] = [freeze_member, unfreeze_member]


def wrong_fields(command: Command) -> list[str]:
    """Returns the names of the fields that the command complains about."""
    with pytest.raises(InvalidArgument) as refused:
        command.check()
    return list(refused.value.violations)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.kind)
def test_a_well_formed_command_passes(command: Command) -> None:
    command.check()


@pytest.mark.parametrize("builder", LEDGER_COMMANDS + MEMBER_COMMANDS + STATE_COMMANDS)
@pytest.mark.parametrize("field", ["member_id", "request_id"])
@pytest.mark.parametrize("text", ["", "x" * 129, "a\x00b", "\ud800"])
def test_every_command_checks_its_ids(builder: Any, field: str, text: str) -> None:
    assert wrong_fields(builder(**{field: text})) == [field]


@pytest.mark.parametrize("builder", LEDGER_COMMANDS)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit", ""),
        ("unit", "u" * 65),
        ("points", 0),
        ("points", -1),
        ("points", POINTS_MAX + 1),
        ("reason", ""),
        ("reason", "r" * 257),
        ("effective_time", -2),
        ("effective_time", TIME_MAX + 1),
        ("metadata", {"": "v"}),
    ],
)
def test_a_ledger_command_checks_each_field(
    builder: Any, field: str, value: object
) -> None:
    assert wrong_fields(builder(**{field: value})) == [field]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"expire_time": -2}, "expire_time"),
        ({"expire_time": TIME_MAX + 1}, "expire_time"),
        ({"activate_time": -2}, "activate_time"),
        ({"activate_time": TIME_MAX + 1}, "activate_time"),
        ({"activate_time": NOON, "expire_time": NOON}, "expire_time"),
        ({"activate_time": NOON + 1, "expire_time": NOON}, "expire_time"),
    ],
)
def test_an_earn_checks_when_its_lot_begins_and_ends(
    fields: dict[str, int], wrong: str
) -> None:
    assert wrong_fields(earn(**fields)) == [wrong]


def test_a_lot_may_last_a_microsecond() -> None:
    earn(activate_time=NOON, expire_time=NOON + 1).check()


@pytest.mark.parametrize("sink", ["", "s" * 65, "a\nb"])
def test_a_burn_checks_its_sink(sink: str) -> None:
    assert wrong_fields(burn(sink=sink)) == ["sink"]


@pytest.mark.parametrize("builder", MEMBER_COMMANDS)
def test_a_member_command_checks_its_attributes(builder: Any) -> None:
    assert wrong_fields(builder(attributes={"k": "\x00"})) == ["attributes"]


@pytest.mark.parametrize("etag", ["e" * 129, "a\nb"])
def test_an_update_checks_its_etag(etag: str) -> None:
    assert wrong_fields(update_member(etag=etag)) == ["etag"]


@pytest.mark.parametrize(
    "keys",
    [("\ud800",), ("k" * 65,), ("key",) * 1_000],
    ids=["surrogate", "long", "many"],
)
def test_an_update_checks_the_keys_it_names(keys: tuple[str, ...]) -> None:
    assert wrong_fields(update_member(keys=keys)) == ["keys"]


@pytest.mark.parametrize("builder", STATE_COMMANDS)
@pytest.mark.parametrize("reason", ["r" * 257, "a\nb"])
def test_a_change_of_state_checks_its_reason(builder: Any, reason: str) -> None:
    assert wrong_fields(builder(reason=reason)) == ["reason"]


def test_all_wrong_fields_are_named_at_once() -> None:
    command = earn(member_id="", points=0, expire_time=-2)

    assert wrong_fields(command) == ["member_id", "points", "expire_time"]


def test_an_earn_reads_its_two_accounts_and_no_lots() -> None:
    accounts = (("member:ada", "miles"), ("issuance", "miles"))

    assert earn(unit="miles").reads() == Reads(accounts=accounts)


def test_a_burn_reads_its_two_accounts_and_the_lots_of_its_unit() -> None:
    accounts = (("member:ada", "miles"), ("burn:donation", "miles"))

    reads = burn(unit="miles", sink="donation").reads()

    assert reads == Reads(accounts=accounts, lots_of="miles")


@pytest.mark.parametrize("builder", MEMBER_COMMANDS + STATE_COMMANDS)
def test_a_member_command_reads_the_member_alone(builder: Any) -> None:
    assert builder().reads() == Reads()


def test_an_earn_never_expires_unless_it_says_so() -> None:
    assert earn().expire_time == NEVER


def test_a_burn_is_a_redemption_unless_it_says_otherwise() -> None:
    assert burn().sink == "redemption"
