"""Activation, cancellation, extension and the sweep, decided one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.calendar.periods import Period
from points.domain.commands import (
    ActivateLot,
    CancelLot,
    Command,
    ExpireLots,
    ExtendLot,
)
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.lots import LotState, lot_state
from points.domain.program import program_of
from points.domain.refusals import (
    ExpiryNotLater,
    InvalidArgument,
    LotExpired,
    LotNotFound,
    LotNotPending,
    MemberFrozen,
    MemberNotFound,
    NothingDue,
    Refusal,
)
from points.domain.replay import PartReplay
from points.domain.state import Decision
from points.domain.terms import Terms, write_terms
from points.domain.values import (
    Kind,
    Lot,
    Member,
    MemberState,
    Posting,
    Retimed,
    Transaction,
)
from tests.clock import DAY, NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    account,
    earn,
    frozen_member,
    lot,
    member,
    record,
    stamp,
)
from tests.domain.build import transaction as built
from tests.domain.worlds import World, owning, world


PLACE: Final = Place(PART, 1)
ACTIVATE: Final = ActivateLot(member_id="ada", request_id="r1", lot_id="l7-1")
CANCEL: Final = CancelLot(
    member_id="ada", request_id="r1", lot_id="l7-1", reason="returned"
)
EXTEND: Final = ExtendLot(
    member_id="ada",
    request_id="r1",
    lot_id="l7-1",
    reason="goodwill",
    operator="grace",
    expire_time=NOON + 9 * DAY,
)
EXPIRE: Final = ExpireLots(
    member_id="ada", request_id="system/r1", unit="points", lots=(PLACE,)
)
IN_BERLIN: Final = replace(
    PROGRAM,
    zone=program_of(
        currency_units=(), growth_units=(), sinks=(), zone="Europe/Berlin"
    ).zone,
)


def waiting(**fields: Any) -> Lot:
    """Returns a lot that waits for a delivery for ten days, and lives a month then."""
    terms = Terms(
        waits_for="delivery",
        cancel_time=NOON + 10 * DAY,
        expire_after=Period(months=1),
    )
    return lot(
        **{
            "activate_time": NEVER,
            "expire_time": NOON + 10 * DAY,
            "waits_for": "delivery",
            "expiry": write_terms(terms),
            **fields,
        }
    )


def done(state: World, command: Command, **options: Any) -> Decision:
    """Returns what a command does at noon."""
    program = options.get("program", PROGRAM)
    return decide(command, state, program, options.get("stamp", stamp()))


def transaction(decision: Decision) -> Transaction:
    """Returns the transaction of a decision."""
    assert isinstance(decision.result, Transaction)
    return decision.result


def instant(text: str) -> int:
    """Returns an instant of UTC in microseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


# Activation


def test_an_activated_lot_is_usable_from_now_on_and_its_expiry_runs() -> None:
    decision = done(owning(waiting()), ACTIVATE)

    (made,) = decision.lots
    assert (made.activate_time, made.waits_for) == (NOON, "")
    # A month after the 1st of January is the 1st of February, which counts.
    assert made.expire_time == instant("2026-02-02")
    assert lot_state(made, NOON) is LotState.AVAILABLE


def test_a_lot_expires_at_a_midnight_of_the_zone() -> None:
    decision = done(owning(waiting()), ACTIVATE, program=IN_BERLIN)

    assert decision.lots[0].expire_time == instant("2026-02-01T23:00")


def test_an_activation_moves_nothing_and_tells_the_lot() -> None:
    told = transaction(done(owning(waiting()), ACTIVATE))

    assert (told.postings, told.balance_after) == ((), 100)
    assert told.retimed == (Retimed(PLACE, NOON, instant("2026-02-02")),)
    assert told.lots[0].number == 1


def test_a_lot_that_waits_for_an_instant_can_be_activated_before() -> None:
    later = lot(activate_time=NOON + DAY, expire_time=NOON + 2 * DAY)

    (found,) = done(owning(later), ACTIVATE).lots

    assert (found.activate_time, found.expire_time) == (NOON, NOON + 2 * DAY)


def test_an_activation_dated_back_beyond_the_life_is_refused() -> None:
    dated = replace(ACTIVATE, effective_time=NOON - 40 * DAY)

    with pytest.raises(InvalidArgument, match="effective_time"):
        done(owning(waiting()), dated)


# Cancellation


def test_a_cancelled_lot_goes_back_to_issuance() -> None:
    decision = done(owning(waiting()), CANCEL)

    told = transaction(decision)
    assert told.postings == (Posting("member:ada", "issuance", "points", 100),)
    assert told.balance_after == 0
    assert lot_state(decision.lots[0], NOON) is LotState.CANCELLED


def test_a_cancelled_lot_stays_cancelled_when_it_would_have_become_usable() -> None:
    later = lot(activate_time=NOON + DAY)

    (found,) = done(owning(later), CANCEL).lots

    assert lot_state(found, NOON + 2 * DAY) is LotState.CANCELLED


def test_a_cancelled_lot_was_never_earned() -> None:
    state = world(account(balance=100, lifetime_earned=100), waiting())

    accounts = done(state, CANCEL).accounts

    assert (accounts[0].balance, accounts[0].lifetime_earned) == (0, 0)


# Extension


def test_an_extended_lot_expires_later() -> None:
    decision = done(owning(lot(expire_time=NOON + DAY)), EXTEND)

    assert decision.lots[0].expire_time == NOON + 9 * DAY
    assert transaction(decision).operator == "grace"


@pytest.mark.parametrize(
    ("found", "current"),
    [
        (lot(), ""),
        (lot(expire_time=NOON + 9 * DAY), "2026-01-10T12:00:00Z"),
        (waiting(), ""),
        (waiting(activate_time=NOON + 1), ""),
    ],
    ids=["never", "not later", "waiting", "not running"],
)
def test_an_expiry_that_would_not_be_later_is_refused(found: Lot, current: str) -> None:
    with pytest.raises(ExpiryNotLater) as refused:
        done(owning(found), EXTEND)

    assert refused.value == ExpiryNotLater("l7-1", "2026-01-10T12:00:00Z", current)


# The sweep


def test_expired_points_go_to_breakage() -> None:
    decision = done(owning(lot(expire_time=NOON)), EXPIRE)

    told = transaction(decision)
    assert told.postings == (Posting("member:ada", "breakage", "points", 100),)
    assert decision.accounts[0].lifetime_expired == 100
    assert decision.lots[0].remaining == 0


def test_points_that_waited_in_vain_go_back_to_issuance() -> None:
    told = transaction(done(owning(waiting(expire_time=NOON)), EXPIRE))

    assert told.postings == (Posting("member:ada", "issuance", "points", 100),)


def test_held_points_of_an_expired_lot_stay_held() -> None:
    decision = done(owning(lot(expire_time=NOON, remaining=60, held=40)), EXPIRE)

    assert (decision.lots[0].remaining, decision.lots[0].held) == (0, 40)
    assert transaction(decision).draws[0].points == 60


@pytest.mark.parametrize(
    "found",
    [
        lot(expire_time=NOON + 1),
        lot(expire_time=NOON, remaining=0),
        lot(expire_time=NOON, member_id="bob"),
        lot(expire_time=NOON, unit="miles"),
        lot(expire_time=NOON, number=2),
    ],
    ids=["alive", "empty", "of another", "in another unit", "elsewhere"],
)
def test_what_is_not_due_is_not_swept(found: Lot) -> None:
    with pytest.raises(NothingDue):
        done(world(member(), account(balance=100), found), EXPIRE)


def test_verification_compares_the_told_lot_with_what_it_has_become() -> None:
    extended = transaction(done(owning(lot(expire_time=NOON + DAY)), EXTEND))
    earned = record(result=built(lots=(lot(expire_time=NOON + DAY),)))
    wrong = extended._replace(lots=(extended.lots[0]._replace(remaining=99),))

    def problems(told: Transaction) -> list[str]:
        replay = PartReplay(PART)
        extension = record(number=2, kind=Kind.EXTEND, result=told)
        return [*replay.add(earned), *replay.add(extension)]

    assert problems(extended) == []
    assert problems(wrong) == ["transaction t7-2 tells lot 1 otherwise than it is"]


# Refusals


LOT_COMMANDS: Final = [ACTIVATE, CANCEL, EXTEND]


@pytest.mark.parametrize("command", LOT_COMMANDS, ids=lambda c: c.kind)
@pytest.mark.parametrize(
    "lot_id", ["l7-2", "l8-1", "t7-1", "nonsense"], ids=lambda text: text
)
def test_a_lot_that_is_not_there_is_not_found(command: Any, lot_id: str) -> None:
    with pytest.raises(LotNotFound):
        done(owning(waiting()), replace(command, lot_id=lot_id))


@pytest.mark.parametrize("command", LOT_COMMANDS, ids=lambda c: c.kind)
def test_a_lot_of_another_member_is_not_found(command: Any) -> None:
    with pytest.raises(LotNotFound):
        done(world(waiting(member_id="bob")), command)


ENDS: Final = {
    LotState.AVAILABLE: lot(),
    LotState.DRAWN: lot(remaining=0),
    LotState.EXPIRED: lot(expire_time=NOON),
    LotState.CANCELLED: waiting(expire_time=NOON),
}


@pytest.mark.parametrize("command", [ACTIVATE, CANCEL], ids=lambda c: c.kind)
@pytest.mark.parametrize("state", ENDS, ids=str)
def test_only_a_pending_lot_is_activated_or_cancelled(
    command: Any, state: LotState
) -> None:
    with pytest.raises(LotNotPending) as refused:
        done(owning(ENDS[state]), command)

    assert refused.value == LotNotPending("l7-1", state)


@pytest.mark.parametrize("state", [LotState.EXPIRED, LotState.CANCELLED], ids=str)
def test_a_lot_that_is_over_is_not_extended(state: LotState) -> None:
    with pytest.raises(LotExpired) as refused:
        done(owning(ENDS[state]), EXTEND)

    assert refused.value == LotExpired("l7-1", state)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [(ACTIVATE, MemberFrozen), (CANCEL, None), (EXTEND, ExpiryNotLater)],
    ids=["activate", "cancel", "extend"],
)
def test_a_frozen_member_is_stopped_from_activation_only(
    command: Command, refusal: type[Refusal] | None
) -> None:
    state = world(frozen_member(), account(balance=100), waiting())
    if refusal is None:
        assert done(state, command).lots[0].remaining == 0
        return
    with pytest.raises(refusal):
        done(state, command)


@pytest.mark.parametrize("command", LOT_COMMANDS, ids=lambda c: c.kind)
def test_a_stranger_has_no_lots(command: Command) -> None:
    strangers: list[Member] = []
    with pytest.raises(MemberNotFound):
        done(World(members=strangers), command)


def test_nothing_of_a_stranger_is_due() -> None:
    strangers: list[Member] = []
    with pytest.raises(NothingDue):
        done(World(members=strangers), EXPIRE)


@pytest.mark.parametrize("state", MemberState)
def test_time_goes_on_for_members_in_any_state(state: MemberState) -> None:
    found = done(
        world(member(state=state), account(balance=100), lot(expire_time=NOON - 1)),
        EXPIRE,
    )

    assert found.lots[0].ended == 100


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (replace(ACTIVATE, lot_id=""), "lot_id"),
        (replace(ACTIVATE, reason="a" * 257), "reason"),
        (replace(CANCEL, reason=""), "reason"),
        (replace(CANCEL, metadata={"": ""}), "metadata"),
        (replace(EXTEND, operator=""), "operator"),
        (replace(EXTEND, expire_time=-1), "expire_time"),
        (replace(EXPIRE, lots=()), "lots"),
        (replace(EXPIRE, lots=(PLACE,) * 501), "lots"),
        (earn(waits_for="a" * 65), "pending.on_event"),
        (earn(waits_for="delivery", activate_time=NOON), "pending"),
        (earn(expire_after=Period(days=1), expire_time=NOON), "expire_after"),
        (earn(expire_after=Period()), "expire_after"),
    ],
)
def test_a_malformed_command_names_the_field(command: Command, field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        command.check()

    assert list(refused.value.violations) == [field]
