"""Applying a program: what is checked, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.commands import ApplyProgram
from points.domain.decisions import decide
from points.domain.refusals import (
    InvalidArgument,
    ProgramChanged,
    Refusal,
    UnitInUse,
)
from points.domain.state import Decision
from points.domain.values import Account, Kind
from points.domain.versions import (
    PROGRAM_PART,
    ProgramVersion,
    schedule_of,
    units_lost,
    version_at,
)
from tests.clock import DAY, NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    account,
    apply_program,
    program_version,
    stamp,
)
from tests.domain.worlds import world


UNITS = apply_program().units
WITHOUT_MILES = (("points", True), ("qualifying_points", False))
MILES_THAT_GROW = (("points", True), ("miles", False), ("qualifying_points", False))
MORE = (*UNITS, ("stars", True))


def used(unit: str, name: str = "issuance") -> Account:
    """Returns a house account that points of the unit have come from."""
    return account(account=name, unit=unit, balance=0)


def decided(
    command: ApplyProgram, *things: Account | ProgramVersion, **fields: Any
) -> Decision:
    """Returns what the command does where these accounts and versions are."""
    versions = [thing for thing in things if isinstance(thing, ProgramVersion)]
    stamped = stamp(**{"program_version": len(versions), **fields})
    return decide(command, world(*things), PROGRAM, stamped)


def refusal(command: ApplyProgram, *things: Account | ProgramVersion) -> Refusal:
    """Returns why the command is refused."""
    with pytest.raises(Refusal) as raised:
        decided(command, *things)
    return raised.value


def test_the_first_version_begins_now() -> None:
    decision = decided(apply_program())

    assert decision.result == program_version()
    assert (decision.program_version, decision.program) == (1, None)


def test_its_document_is_kept_in_one_part() -> None:
    applied = decided(apply_program(), part=PROGRAM_PART).program

    assert applied is not None
    assert applied.told() == program_version()
    assert (applied.document, applied.apply_time) == ('{"program":"d1"}', NOON)


def test_versions_are_counted_whether_in_force_or_not() -> None:
    planned = program_version(effective_time=NOON + DAY)

    decision = decided(apply_program(digest="d2"), planned)

    assert decision.result == program_version(version=2, digest="d2")


def test_a_program_may_begin_later() -> None:
    decision = decided(apply_program(effective_time=NOON + DAY))

    assert decision.result == program_version(effective_time=NOON + DAY)
    assert decision.effective_time == NOON


def test_a_program_never_begins_in_the_past() -> None:
    command = apply_program(effective_time=NOON - 1, expected_version=7)

    assert isinstance(refusal(command), InvalidArgument)


def test_a_caller_who_looked_at_another_version_is_told() -> None:
    command = apply_program(expected_version=0, units=())

    assert refusal(command, program_version()) == ProgramChanged(0, 1)
    assert refusal(apply_program(expected_version=1)) == ProgramChanged(1, 0)


def test_a_caller_who_looked_at_the_last_version_is_served() -> None:
    command = apply_program(expected_version=1, digest="d2")

    assert decided(command, program_version()).program_version == 2


def test_the_content_that_is_in_force_makes_no_version() -> None:
    decision = decided(apply_program(reason="again"), program_version())

    assert decision.result == program_version(unchanged=True)
    assert (decision.program_version, decision.program) == (0, None)


def test_the_content_of_an_older_version_makes_one() -> None:
    first, second = program_version(), program_version(version=2, digest="d2")

    assert decided(apply_program(), first, second).program_version == 3


def test_a_plan_is_replaced_by_another_for_the_same_instant() -> None:
    planned = program_version(effective_time=NOON + DAY, units=MORE)
    command = apply_program(digest="d2", effective_time=NOON + DAY)

    made = decided(command, planned).result

    assert isinstance(made, ProgramVersion)
    assert version_at([planned, made], NOON + DAY) == made


@pytest.mark.parametrize("name", ["issuance", "adjustment", "transit"])
@pytest.mark.parametrize("units", [WITHOUT_MILES, MILES_THAT_GROW])
def test_a_unit_in_use_stays_as_it_is(
    name: str, units: tuple[tuple[str, bool], ...]
) -> None:
    command = apply_program(units=units)

    assert refusal(command, used("miles", name)) == UnitInUse("miles")


@pytest.mark.parametrize("units", [WITHOUT_MILES, MILES_THAT_GROW])
def test_a_unit_that_nobody_has_used_may_go(
    units: tuple[tuple[str, bool], ...],
) -> None:
    assert decided(apply_program(units=units), used("points")).program_version == 1


def test_a_unit_that_may_come_in_use_until_then_stays() -> None:
    command = apply_program(units=WITHOUT_MILES, effective_time=NOON + DAY)

    assert refusal(command) == UnitInUse("miles")


def test_a_new_unit_is_not_taken_away_by_what_was_planned_before() -> None:
    planned = program_version(effective_time=NOON + DAY)
    command = apply_program(digest="d2", units=MORE)

    assert refusal(command, planned) == UnitInUse("stars")


def test_a_unit_whose_program_was_lost_stays() -> None:
    assert refusal(apply_program(), used("stars")) == UnitInUse("stars")


def test_the_fingerprint_is_that_of_the_digest() -> None:
    command = apply_program()

    assert command.fingerprint() == apply_program(document="").fingerprint()
    assert command.fingerprint() != apply_program(digest="d2").fingerprint()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"operator": ""}, "operator"),
        ({"reason": "x" * 257}, "reason"),
        ({"request_id": ""}, "request_id"),
        ({"expected_version": -2}, "expected_version"),
        ({"effective_time": -5}, "effective_time"),
    ],
)
def test_a_malformed_field_is_named(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        apply_program(**fields).check()

    assert list(raised.value.violations) == [wrong]


def test_versions_take_turns_by_when_they_begin() -> None:
    late = program_version(version=1, effective_time=NOON + DAY)
    early = program_version(version=2)
    again = program_version(version=3)
    versions = [late, early, again]

    assert schedule_of(versions) == [again, late]
    assert [version_at(versions, NOON + n) for n in (-1, 0, DAY - 1, DAY)] == [
        None,
        again,
        again,
        late,
    ]


def test_a_unit_is_lost_if_it_is_gone_or_of_another_kind() -> None:
    assert units_lost(UNITS, MORE) == []
    assert units_lost(UNITS, WITHOUT_MILES) == ["miles"]
    assert units_lost(UNITS, MILES_THAT_GROW) == ["miles"]


def test_it_is_a_command_of_no_member() -> None:
    assert (apply_program().kind, apply_program().member_id) == (
        Kind.APPLY_PROGRAM,
        "",
    )
    assert decided(apply_program(), part=PART).sides == ()
