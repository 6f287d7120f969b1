"""Functions that fail: left alone for one home, and for everybody if many fail."""

from __future__ import annotations

from points.engine.plugins.failures import (
    FAILURES_MAX,
    HOMES_MAX,
    OPEN_SECONDS,
    Failures,
)


NOW = 100.0


def failed(*homes: str) -> Failures:
    """Returns what is known once it has failed for these, one after the other."""
    found = Failures()
    for home in homes:
        found.failed(home, NOW)
    return found


def test_the_fifth_failure_in_a_row_opens_for_who_it_was() -> None:
    assert not failed(*["ada"] * (FAILURES_MAX - 1)).is_open("ada", NOW)

    found = failed(*["ada"] * FAILURES_MAX)

    assert found.is_open("ada", NOW)
    assert not found.is_open("bob", NOW)
    assert found.is_open_for_any(NOW)


def test_however_often_it_fails_for_a_few_it_is_open_for_others() -> None:
    few = [f"m{number}" for number in range(FAILURES_MAX - 1)]

    found = failed(*few * 100)

    assert not found.is_open("ada", NOW)


def test_as_many_homes_in_a_row_open_for_everybody() -> None:
    found = failed(*(f"m{number}" for number in range(FAILURES_MAX)))

    assert found.is_open("ada", NOW)
    assert found.is_open("ada", NOW + OPEN_SECONDS - 0.001)
    assert not found.is_open("ada", NOW + OPEN_SECONDS)


def test_what_works_for_somebody_is_open_to_all_but_those_for_whom_it_fails() -> None:
    found = failed(*["ada"] * FAILURES_MAX, *(f"m{n}" for n in range(FAILURES_MAX)))

    found.succeeded("bob")

    assert not found.is_open("m0", NOW)
    assert found.is_open("ada", NOW)
    found.succeeded("ada")
    assert not found.is_open("ada", NOW)
    assert not found.is_open_for_any(NOW)


def test_one_more_failure_after_the_pause_opens_again() -> None:
    found = failed(*["ada"] * FAILURES_MAX)
    later = NOW + OPEN_SECONDS

    assert not found.is_open("ada", later)
    found.failed("ada", later)
    assert found.is_open("ada", later)


def test_no_more_homes_are_remembered_than_there_is_room_for() -> None:
    found = failed(*["ada"] * FAILURES_MAX)
    for number in range(HOMES_MAX):
        found.failed(f"m{number}", NOW)
        found.succeeded("somebody")

    assert len(found.homes) == HOMES_MAX
    assert not found.is_open("ada", NOW)
    assert not found.is_open_for_any(NOW)
