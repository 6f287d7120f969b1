"""Precedence: who breaks several rules is told about the first.

Each table lists the rules of a command in the order of its docstring, each with
what breaks it. Row n breaks rule n and all later ones, as far as they can be
broken together, and expects the refusal of rule n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from points.domain.bounds import POINTS_MAX, POINTS_MIN
from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.refusals import (
    EtagMismatch,
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberExists,
    MemberFrozen,
    MemberNotFound,
    MemberNotFrozen,
    Refusal,
    SinkUnknown,
    UnitNotSpendable,
    UnitUnknown,
)
from points.domain.values import Account, Lot, Member
from tests.clock import NOON
from tests.domain.build import (
    PROGRAM,
    account,
    burn,
    create_member,
    earn,
    freeze_member,
    frozen_member,
    lot,
    member,
    stamp,
    unfreeze_member,
    update_member,
)
from tests.domain.worlds import World


@dataclass(frozen=True)
class Rule:
    """Is a refusal, and the fields of the command and of the world that cause it."""

    refusal: Refusal
    command: dict[str, Any] = field(default_factory=dict)
    members: list[Member] | None = None
    lots: list[Lot] | None = None
    accounts: list[Account] = field(default_factory=list)


def decide_breaking(rules: Sequence[Rule], command: Command, state: World) -> None:
    """Decides the command after each rule has been broken, the first one last."""
    for rule in reversed(rules):
        command = replace(command, **rule.command)
        state = replace(
            state,
            members=state.members if rule.members is None else rule.members,
            lots=state.lots if rule.lots is None else rule.lots,
            accounts=[*rule.accounts, *state.accounts],
        )
    decide(command, state, PROGRAM, stamp())


def name(value: object) -> str:
    """Returns the name of a row."""
    return f"rule {value}"


NOBODY: Final[list[Member]] = []

EARN_RULES: Final = (
    Rule(UnitUnknown("stars"), {"unit": "stars"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberFrozen("ada"), members=[frozen_member()]),
    Rule(
        InvalidArgument({"effective_time": "must not lie ahead"}),
        {"effective_time": NOON + 1},
    ),
    Rule(InvalidArgument({"expire_time": "must lie ahead"}), {"expire_time": NOON}),
    Rule(
        LimitExceeded("member:ada", "points", POINTS_MAX),
        accounts=[account(balance=POINTS_MAX)],
    ),
    Rule(
        LimitExceeded("issuance", "points", POINTS_MAX),
        accounts=[account(account="issuance", balance=POINTS_MIN)],
    ),
)


@pytest.mark.parametrize("broken", range(len(EARN_RULES)), ids=name)
def test_an_earn_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = EARN_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, earn(), World(members=[member()]))

    assert refused.value == rules[0].refusal


BURN_RULES: Final = (
    Rule(UnitUnknown("stars"), {"unit": "stars"}),
    Rule(SinkUnknown("void"), {"sink": "void"}),
    Rule(UnitNotSpendable("qualifying_points"), {"unit": "qualifying_points"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberFrozen("ada"), members=[frozen_member()]),
    Rule(
        InvalidArgument({"effective_time": "must not lie ahead"}),
        {"effective_time": NOON + 1},
    ),
    Rule(InsufficientPoints("ada", "points", 99, 100), lots=[lot(points=99)]),
    Rule(
        LimitExceeded("member:ada", "points", POINTS_MAX),
        accounts=[account(balance=100, lifetime_burned=POINTS_MAX)],
    ),
    Rule(
        LimitExceeded("burn:redemption", "points", POINTS_MAX),
        accounts=[account(account="burn:redemption", balance=POINTS_MAX)],
    ),
)


@pytest.mark.parametrize("broken", range(len(BURN_RULES)), ids=name)
def test_a_burn_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = BURN_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, burn(), World(members=[member()], lots=[lot()]))

    assert refused.value == rules[0].refusal


FIFTY_ONE: Final = {f"key-{number}": "" for number in range(51)}

UPDATE_RULES: Final = (
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(EtagMismatch("ada", "2", "3"), {"etag": "2"}),
    Rule(
        InvalidArgument({"attributes": "must have at most 50 entries, not 51"}),
        {"attributes": FIFTY_ONE},
    ),
)


@pytest.mark.parametrize("broken", range(len(UPDATE_RULES)), ids=name)
def test_an_update_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = UPDATE_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, update_member(), World(members=[member()]))

    assert refused.value == rules[0].refusal


OTHER_RULES: Final = (
    (create_member(), Rule(MemberExists("ada"), members=[member()])),
    (freeze_member(), Rule(MemberNotFound("ada"), members=NOBODY)),
    (freeze_member(), Rule(MemberFrozen("ada"), members=[frozen_member()])),
    (unfreeze_member(), Rule(MemberNotFound("ada"), members=NOBODY)),
    (unfreeze_member(), Rule(MemberNotFrozen("ada"), members=[member()])),
)


@pytest.mark.parametrize(("command", "rule"), OTHER_RULES)
def test_other_commands_have_rules_that_are_broken_one_at_a_time(
    command: Command, rule: Rule
) -> None:
    with pytest.raises(Refusal) as refused:
        decide_breaking([rule], command, World())

    assert refused.value == rule.refusal
