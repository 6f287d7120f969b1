"""Closing the books, decided and verified."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from points.domain.closing import ClosingSums, lines_of, sums_of
from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.identity import account_kind
from points.domain.instants import write_instant
from points.domain.refusals import InvalidArgument, PeriodClosed
from points.domain.replay import PartReplay
from points.domain.values import BooksClose, Kind, Posting
from tests.clock import DAY, NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    account,
    burn,
    burn_record,
    close_books,
    earn,
    lot,
    record,
    stamp,
)
from tests.domain.worlds import owning, world


LINES: Final = (("issuance", "points", -100), ("member", "points", 100))


def test_a_close_has_the_closing_trial_balance() -> None:
    books = world(account(balance=100), account(account="issuance", balance=-100))

    decision = decide(close_books(), books, PROGRAM, stamp())

    assert decision.result == BooksClose(NOON, "olga", "2025", LINES)
    assert decision.closed_time == NOON
    assert (decision.accounts, decision.lots, decision.member) == ((), (), None)


def test_books_cannot_be_closed_ahead_of_time() -> None:
    with pytest.raises(InvalidArgument, match="until_time must not lie ahead"):
        decide(close_books(until_time=NOON + 1), world(), PROGRAM, stamp())


@pytest.mark.parametrize("before", [0, 1, DAY])
def test_books_are_never_closed_backwards(before: int) -> None:
    command = close_books(until_time=NOON - before)

    with pytest.raises(PeriodClosed) as refused:
        decide(command, world(), PROGRAM, stamp(closed_time=NOON))

    assert refused.value.until_time == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize("make", [earn, burn])
def test_nothing_is_dated_back_into_a_closed_period(make: type[Command]) -> None:
    command = replace(make(), effective_time=NOON - 1)  # type: ignore[call-arg]

    with pytest.raises(PeriodClosed) as refused:
        decide(command, owning(lot()), PROGRAM, stamp(now=NOON + 9, closed_time=NOON))

    assert refused.value == PeriodClosed(
        "2026-01-01T11:59:59.999999Z", "2026-01-01T12:00:00Z"
    )


@pytest.mark.parametrize("make", [earn, burn])
def test_the_first_open_instant_is_open(make: type[Command]) -> None:
    command = replace(make(), effective_time=NOON)  # type: ignore[call-arg]
    later = stamp(now=NOON + 9, closed_time=NOON)

    decision = decide(command, owning(lot()), PROGRAM, later)

    assert decision.effective_time == NOON


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("operator", ""),
        ("operator", "x" * 129),
        ("reason", ""),
        ("reason", "x" * 257),
        ("request_id", ""),
        ("until_time", -1),
        ("until_time", -2),
    ],
)
def test_a_malformed_close_names_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidArgument) as refused:
        close_books(**{field: value}).check()

    assert list(refused.value.violations) == [field]


def test_the_same_close_has_the_same_fingerprint_for_ever() -> None:
    assert close_books().fingerprint() == "c67993beff885c1c9bbe9b3badaa7ebe"
    assert close_books(reason="2026").fingerprint() != close_books().fingerprint()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("member:ada", "member"),
        ("held:ada", "held"),
        ("shortfall:a:b", "shortfall"),
        ("burn:donation", "burn:donation"),
        ("issuance", "issuance"),
    ],
)
def test_members_stand_together_in_a_trial_balance(name: str, kind: str) -> None:
    assert account_kind(name) == kind


def test_accounts_at_zero_are_left_out() -> None:
    there = Posting("issuance", "member:ada", "points", 7)
    back = Posting("member:bob", "issuance", "points", 7)

    assert lines_of(sums_of([there, back])) == ()


def test_what_happens_at_the_end_of_a_period_is_in_the_next() -> None:
    posting = Posting("issuance", "member:ada", "points", 100)
    sums = ClosingSums([NOON, NOON + DAY])
    for instant in (NOON - 1, NOON, NOON + DAY):
        sums.add(instant, [posting])

    assert sums.lines_until(NOON) == LINES
    assert sums.lines_until(NOON + DAY) == (
        ("issuance", "points", -200),
        ("member", "points", 200),
    )
    assert sums.lines_until(NOON + 1) is None


def close_record(number: int, close: BooksClose) -> object:
    """Returns the record of a close."""
    return record(
        number=number,
        member_id="",
        kind=Kind.CLOSE_BOOKS,
        result=close,
        record_time=NOON + DAY,
    )


CLOSE: Final = BooksClose(NOON + 1, "olga", "2025", LINES)


def problems(*records: object) -> list[str]:
    """Returns what verification finds wrong with the records of a part."""
    replay = PartReplay(PART, [NOON + 1])
    return [what for one in records for what in replay.add(one)]  # type: ignore[arg-type]


def test_a_close_that_adds_up_is_verified() -> None:
    assert problems(record(), close_record(2, CLOSE)) == []


def test_a_close_that_does_not_add_up_is_found() -> None:
    wrong = CLOSE._replace(lines=LINES[:1])

    (what,) = problems(record(), close_record(2, wrong))

    assert what.startswith(
        "record 2 closes the books with (('issuance', 'points', -100)"
    )


def test_books_that_were_closed_twice_are_found() -> None:
    found = problems(record(), close_record(2, CLOSE), close_record(3, CLOSE))

    assert found == ["record 3 closes books that are closed"]


def test_what_was_dated_back_behind_a_close_is_found() -> None:
    late = burn_record(number=3, record_time=NOON + DAY)

    found = problems(record(), close_record(2, CLOSE), late)

    assert found == [
        f"transaction t{PART}-3 is dated back before the books were closed"
    ]


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (NOON, "2026-01-01T12:00:00Z"),
        (NOON + 5, "2026-01-01T12:00:00.000005Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_instants_are_written_as_everybody_reads_them(instant: int, text: str) -> None:
    assert write_instant(instant) == text
