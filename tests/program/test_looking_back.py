"""What rules ask of the past: those that ask nothing are not given any."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.domain.activities import Earnings
from points.domain.bounds import NEVER
from points.domain.commands import Reads, RecordActivity
from points.domain.commands.base import NO_READS
from points.domain.counters import Counter
from points.domain.program import Program
from points.domain.progress import Progress, Tally
from points.domain.values import Member, MemberState
from points.program.bridge import to_program
from tests.program.build import document, purchase, rule


PER_EURO: Final = {"per_money": {"each": 100, "points": 1}}
CAPS: Final = {
    "c": {"unit": "points", "bound": {"points": 50}, "window": {"each": "DAY"}}
}
BUDGETS: Final = {"b": {"unit": "points", "unlimited": True}}
ADA: Final = Member(1, "ada", MemberState.ACTIVE, {}, 0, 0, 1)

PARTS: Final[st.SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {},
    optional={
        "maximum": st.integers(1, 60),
        "remainder": st.just("CARRY"),
        "first_time": st.just({"add": 5}),
        "when": st.sampled_from(['activity.channel == "web"', "time.hour > 3"]),
        "caps": st.just(["c"]),
        "budget": st.just("b"),
    },
)
PASTS: Final = st.builds(
    lambda counters, rest: Progress(
        1,
        "ada",
        {name: Tally(used, 2**62) for name, used in counters.items()},
        {"r/0": Fraction(rest, 10)},
    ),
    st.dictionaries(
        st.sampled_from(["rule/r/LIFETIME", "cap/c//1", "budget/b"]), st.integers(1, 60)
    ),
    st.integers(1, 9),
)


def reads_of(program: Program, activity_type: str = "purchase") -> Reads:
    """Returns what recording an activity reads at first."""
    command = RecordActivity(
        member_id="ada", request_id="a", activity_type=activity_type
    )
    return command.reads_under(program)


def with_rule(parts: dict[str, Any]) -> Program:
    """Returns a program with a rule of these parts."""
    rules = {"r": rule(PER_EURO, **parts)}
    return to_program(document(rules=rules, caps=CAPS, budgets=BUDGETS))


def earned_after(program: Program, past: Progress, money: int) -> Earnings:
    """Returns what a purchase earns, with this past."""
    assert program.rules is not None
    activity = purchase(money, channel="web")
    return program.rules.earn(activity, ADA, past, {}, shared=unused)


def unused(name: str, start_time: int) -> Counter:
    """Returns a counter of which nothing was used."""
    return Counter(1, name, start_time, NEVER)


@settings(deadline=None, max_examples=40)
@given(PARTS, PASTS, st.integers(0, 10_000))
def test_rules_that_read_no_past_earn_the_same_whatever_it_was(
    parts: dict[str, Any], past: Progress, money: int
) -> None:
    program = with_rule(parts)
    if reads_of(program) != NO_READS:
        assert parts.keys() & {"remainder", "first_time", "caps", "budget"}
        return

    earnings = earned_after(program, past, money)

    assert earnings == earned_after(program, Progress(1, "ada"), money)
    assert (earnings.moves, earnings.remainders) == ((), {})


@pytest.mark.parametrize(
    "parts",
    [
        {"remainder": "CARRY"},
        {"first_time": {"add": 5}},
        {"caps": ["c"]},
        {"budget": "b"},
    ],
)
def test_what_depends_on_the_past_is_read(parts: dict[str, Any]) -> None:
    assert reads_of(with_rule(parts)).progress


def test_scores_and_ladders_are_read_for_every_rule() -> None:
    rules = {"r": rule(PER_EURO)}
    ladder = {
        "qualifying": {"unit": "miles"},
        "period": {"kind": "ROLLING", "length": "P12M"},
        "term": "P12M",
        "promote": "AT_ONCE",
        "demote": "ONE",
        "tiers": [{"name": "gold", "threshold": 100}],
    }
    scored = document(
        rules=rules, scores={"activities": ["purchase"], "within": "P12M"}
    )

    climbing = document(rules=rules, ladders={"l": ladder})

    assert reads_of(to_program(scored)).progress
    assert reads_of(to_program(climbing)).standings


def test_an_activity_that_no_rule_is_for_reads_nothing() -> None:
    assert reads_of(with_rule({"remainder": "CARRY"}), "review") == NO_READS
