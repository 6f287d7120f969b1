"""Advance notice of expiry: what comes within the period, and what replay holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.commands import ExpireLots, GiveNotice
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.program import Program, program_of
from points.domain.refusals import InvalidArgument, NothingDue
from points.domain.replay import PartReplay
from points.domain.state import Decision
from points.domain.values import Draw, Kind, Lot, Notice, Record
from tests.clock import DAY, NOON
from tests.domain.build import PART, account, lot, member, record, stamp, transaction
from tests.domain.worlds import world


PLACE: Final = Place(PART, 1)
EXPIRING: Final = lot(expire_time=NOON + DAY)
GIVE: Final = GiveNotice(member_id="ada", request_id="r1", unit="points", lots=(PLACE,))


def program(zone: str = "UTC", **notice: str) -> Program:
    """Returns a program with points and miles, and these periods of notice."""
    return program_of(
        currency_units=("points", "miles"),
        growth_units=(),
        sinks=("redemption",),
        zone=zone,
        notice=notice,
    )


def done(found: Lot, **notice: str) -> Decision:
    """Returns the decision about the notice at noon; thirty days unless told."""
    state = world(member(), account(balance=100), found)
    return decide(GIVE, state, program(**notice or {"points": "P30D"}), stamp())


def instant(text: str) -> int:
    """Returns an instant of UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "period", "until"),
    [
        ("UTC", "P1D", "2026-01-03"),
        ("UTC", "P1M", "2026-02-02"),
        ("Europe/Berlin", "P1D", "2026-01-02T23:00"),
        ("Pacific/Auckland", "P1D", "2026-01-03T11:00"),
    ],
)
def test_the_last_day_of_the_period_counts_whole(
    zone: str, period: str, until: str
) -> None:
    assert program(zone, points=period).notice_until("points", NOON) == instant(until)


def test_a_unit_without_a_period_is_never_announced() -> None:
    found = program(points="P1D", miles="P0D")

    ends = [found.notice_until(code, NOON) for code in ("miles", "stars")]

    assert ends == [0, 0]


def test_a_period_beyond_the_calendar_announces_everything() -> None:
    found = program(points="P1D")
    late = instant("9999-12-31")

    assert found.notice_until("points", late) == NEVER


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"notice\.points must be"):
        program(points="a month")


def test_a_notice_tells_what_is_left_and_marks_the_lot() -> None:
    decision = done(EXPIRING._replace(remaining=60, held=40))

    assert decision.result == Notice("points", (Draw(PLACE, 60, NOON + DAY),))
    assert [one.noticed_time for one in decision.lots] == [NOON + DAY]
    assert decision.accounts == ()


@pytest.mark.parametrize(
    "other",
    [
        {"remaining": 0},
        {"expire_time": NOON},
        {"expire_time": NEVER},
        {"expire_time": NOON + 32 * DAY},
        {"activate_time": NOON + 1},
        {"noticed_time": NOON + DAY},
        {"unit": "miles"},
        {"member_id": "bob"},
    ],
    ids=str,
)
def test_what_is_not_due_is_left_alone(other: dict[str, Any]) -> None:
    with pytest.raises(NothingDue):
        done(EXPIRING._replace(**other))


def test_a_notice_of_an_earlier_expiry_counts_for_nothing() -> None:
    assert done(EXPIRING._replace(noticed_time=NOON + 1)).lots


def test_nothing_is_due_once_a_unit_has_no_period_any_more() -> None:
    with pytest.raises(NothingDue):
        done(EXPIRING, miles="P30D")


def test_notices_and_expiries_have_fingerprints_of_their_own() -> None:
    expiry = ExpireLots(member_id="ada", request_id="r1", unit="points", lots=(PLACE,))

    assert GIVE.fingerprint() != expiry.fingerprint()


def announced(*notices: Notice) -> tuple[PartReplay, list[str]]:
    """Returns the replay of an earn of an expiring lot and of these notices."""
    replay = PartReplay(PART)
    records: list[Record] = [record(result=transaction(lots=(EXPIRING,)))]
    records += [
        record(number=number, kind=Kind.NOTICE, request_id=f"n{number}", result=notice)
        for number, notice in enumerate(notices, 2)
    ]
    return replay, [what for one in records for what in replay.add(one)]


def notice(points: int = 100, *, number: int = 1, at: int = NOON + DAY) -> Notice:
    """Returns a notice of one lot."""
    return Notice("points", (Draw(Place(PART, number), points, at),))


def test_replay_knows_what_was_announced() -> None:
    replay, problems = announced(notice())

    assert (replay.lots[1].noticed_time, problems) == (NOON + DAY, [])


@pytest.mark.parametrize(
    ("notices", "what"),
    [
        ([notice(), notice()], "record 3 announces lot 1 once more"),
        ([notice(99)], "record 2 announces lot 1 wrongly"),
        ([notice(at=NOON)], "record 2 announces lot 1 wrongly"),
        ([notice(number=2)], "record 2 announces lot 2 of others"),
        ([notice()._replace(unit="miles")], "record 2 announces lot 1 of others"),
    ],
)
def test_damage_of_notices_is_found(notices: list[Notice], what: str) -> None:
    _, problems = announced(*notices)

    assert problems == [what]
