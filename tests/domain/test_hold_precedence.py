"""Precedence: who breaks several rules of a hold is told about the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from points.domain.bounds import POINTS_MAX
from points.domain.refusals import (
    HoldExceeded,
    HoldNotFound,
    HoldNotOpen,
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberFrozen,
    MemberNotFound,
    Refusal,
    SinkUnknown,
    UnitNotSpendable,
    UnitUnknown,
)
from points.domain.values import HoldState
from tests.clock import NOON
from tests.domain.build import account, frozen_member, lot, member
from tests.domain.build_holds import (
    HOLD_ID,
    capture_hold,
    held_lot,
    hold,
    holding,
    place_hold,
    void_hold,
)
from tests.domain.test_precedence import NOBODY, Rule, decide_breaking, name
from tests.domain.worlds import World


AHEAD: Final = Rule(
    InvalidArgument({"effective_time": "must not lie ahead"}),
    {"effective_time": NOON + 1},
)
LOST: Final = Rule(HoldNotFound("h7-2"), {"hold_id": "h7-2"})

PLACE_RULES: Final = (
    Rule(UnitUnknown("stars"), {"unit": "stars"}),
    Rule(SinkUnknown("void"), {"sink": "void"}),
    Rule(UnitNotSpendable("qualifying_points"), {"unit": "qualifying_points"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberFrozen("ada"), members=[frozen_member()]),
    AHEAD,
    Rule(InvalidArgument({"lapse_time": "must lie ahead"}), {"lapse_time": NOON}),
    Rule(InsufficientPoints("ada", "points", 99, 100), lots=[lot(points=99)]),
    Rule(
        LimitExceeded("held:ada", "points", POINTS_MAX),
        accounts=[account(account="held:ada", balance=POINTS_MAX)],
    ),
)


@pytest.mark.parametrize("broken", range(len(PLACE_RULES)), ids=name)
def test_a_hold_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = PLACE_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, place_hold(), World(members=[member()], lots=[lot()]))

    assert refused.value == rules[0].refusal


CAPTURE_RULES: Final = (
    Rule(SinkUnknown("void"), {"sink": "void"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberFrozen("ada"), members=[frozen_member()]),
    AHEAD,
    LOST,
    Rule(HoldExceeded(HOLD_ID, 100, 101), {"points": 101}),
    Rule(
        LimitExceeded("burn:redemption", "points", POINTS_MAX),
        accounts=[account(account="burn:redemption", balance=POINTS_MAX)],
    ),
)


@pytest.mark.parametrize("broken", range(len(CAPTURE_RULES)), ids=name)
def test_a_capture_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = CAPTURE_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, capture_hold(), holding(held_lot()))

    assert refused.value == rules[0].refusal


def test_a_hold_that_has_ended_is_named_before_it_is_exceeded() -> None:
    state = replace(holding(held_lot()), holds=[hold(state=HoldState.VOIDED, draws=())])

    with pytest.raises(Refusal) as refused:
        decide_breaking((), capture_hold(points=101), state)

    assert refused.value == HoldNotOpen(HOLD_ID, "VOIDED")


VOID_RULES: Final = (Rule(MemberNotFound("ada"), members=NOBODY), AHEAD, LOST)


@pytest.mark.parametrize("broken", range(len(VOID_RULES)), ids=name)
def test_a_void_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = VOID_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, void_hold(), holding(held_lot()))

    assert refused.value == rules[0].refusal


@pytest.mark.parametrize("command", [capture_hold(), void_hold()])
def test_a_hold_of_another_member_is_not_found(command: object) -> None:
    state = replace(holding(held_lot()), holds=[hold(member_id="bob")])

    with pytest.raises(Refusal) as refused:
        decide_breaking((), command, state)  # type: ignore[arg-type]

    assert refused.value == HoldNotFound(HOLD_ID)
