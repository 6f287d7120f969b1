"""Versions of the program, worked out from records and compared."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.program_replay import ProgramReplay, ProgramsAgree
from points.domain.values import Kind, Record
from points.domain.versions import ProgramVersion
from tests.clock import DAY, NOON
from tests.domain.build import program_version, record


USED = [("issuance", "points"), ("member:ada", "gems"), ("transit", "miles")]


def applied(version: ProgramVersion, **fields: Any) -> Record:
    """Returns the record of a version."""
    told = {"kind": Kind.APPLY_PROGRAM, "member_id": "", "result": version}
    return record(**told | fields)


def problems(*versions: ProgramVersion) -> list[str]:
    """Returns what is wrong with versions that are applied one after the other."""
    replay = ProgramReplay()
    return [
        problem
        for number, version in enumerate(versions, 1)
        for problem in replay.apply(applied(version, number=number), version, USED)
    ]


def test_versions_that_follow_each_other_are_right() -> None:
    first, second = program_version(), program_version(version=2, digest="d2")

    assert problems(first, second, second._replace(unchanged=True)) == []


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ({"version": 2}, "record 1 applies program version 2 after 0"),
        (
            {"effective_time": NOON - 1},
            "record 1 applies a program to what had passed",
        ),
        (
            {"units": (("points", True),)},
            "record 1 takes away unit 'miles', which is in use",
        ),
        ({"unchanged": True}, "record 1 names program version 1 otherwise"),
    ],
)
def test_a_wrong_version_is_found(version: dict[str, Any], problem: str) -> None:
    assert problems(program_version(**version)) == [problem]


@pytest.mark.parametrize(
    ("under", "time", "is_right"),
    [
        (0, NOON + DAY, True),
        (1, NOON + DAY, True),
        (1, NOON + DAY - 1, False),
        (2, NOON + DAY, False),
    ],
)
def test_records_are_decided_under_what_was_in_force(
    under: int, time: int, *, is_right: bool
) -> None:
    replay = ProgramReplay()
    version = program_version(effective_time=NOON + DAY)
    assert list(replay.apply(applied(version), version, [])) == []

    found = list(replay.check(record(program_version=under, record_time=time)))

    assert (found == []) is is_right


def test_parts_that_tell_other_versions_are_found() -> None:
    replays = [ProgramReplay() for _ in range(3)]
    for replay, digest in zip(replays, ("a", "a", "b"), strict=True):
        version = program_version(digest=digest)
        assert list(replay.apply(applied(version), version, [])) == []
    agree = ProgramsAgree()

    found = [list(agree.add(part, replay)) for part, replay in enumerate(replays)]

    wrong = "the versions of the program are not those of part 0"
    assert found == [[], [], [wrong]]
