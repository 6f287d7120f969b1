"""Claims: awards that wait are minted when they are collected, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from points.domain.claims import ClaimState
from points.domain.commands import Reverse, SetLimits, ShortfallPolicy
from points.domain.identity import Place
from points.domain.refusals import (
    ClaimLapsed,
    ClaimNotFound,
    ClaimNotOpen,
    LimitExceeded,
    MemberFrozen,
    MemberNotFound,
    VelocityExceeded,
)
from points.domain.values import ReasonCode, Transaction, Velocity
from points.engine.engine import Engine
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, earn, freeze_member
from tests.engine.build import balance, carry_out, engine_under, record_of, result
from tests.engine.build_claims import (
    DOCUMENT,
    claiming,
    listed,
    refused,
    transaction_of,
    waiting,
)
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with rules, and Ada and Bob."""
    with engine_under(DOCUMENT, ("ada", "bob"), store, clock) as running:
        yield running


def bounded(**fields: Any) -> SetLimits:
    """Returns limits of Ada's."""
    named = {"member_id": "ada", "request_id": "limits", "unit": "points"}
    return SetLimits(**{**named, "operator": "olga", "reason": "abuse", **fields})


def test_what_waits_is_on_no_account_and_in_no_lot(engine: Engine) -> None:
    claims = waiting(engine, quantity=5)

    assert [(claim.unit, claim.points) for claim in claims] == [
        ("points", 7),
        ("stars", 8),
    ]
    assert listed(engine) == claims[::-1]
    tables = ("SELECT count(*) FROM lot", "SELECT count(*) FROM account")
    assert [rows(engine.store, query) for query in tables] == [[(0,)], [(0,)]]


def test_the_days_of_a_claim_end_with_the_last_of_them_in_the_zone(
    engine: Engine,
) -> None:
    claim, _ = waiting(engine, effective_time=NOON - 8 * DAY)

    day = datetime.fromtimestamp(NOON / 1_000_000, UTC).date()
    ended = datetime.fromtimestamp(claim.lapse_time / 1_000_000, UTC)
    assert claim.create_time == NOON
    assert (ended.date() - day).days == 7
    assert ended.hour in (22, 23)  # midnight in Berlin


def test_collected_points_begin_their_life_when_they_are_collected(
    engine: Engine, clock: Clock
) -> None:
    claim, _ = waiting(engine, quantity=5)
    clock.now += 2 * DAY

    found = transaction_of(engine, claiming(claim))

    (made,) = found.lots
    (award,) = found.awards
    assert (made.points, made.earn_time, made.remaining) == (7, clock.now, 7)
    assert made.expire_time > NOON + 366 * DAY
    assert (award.rule_id, award.points, award.lot_number) == ("review", 7, made.number)
    assert found.reason == "review"
    assert found.claims == (claim.collected(made.record_number),)
    assert balance(engine) == 7
    assert listed(engine, ClaimState.CLAIMED) == list(found.claims)


def test_collected_points_wait_as_their_unit_says(engine: Engine, clock: Clock) -> None:
    (claim,) = waiting(engine, "late")

    (made,) = transaction_of(engine, claiming(claim)).lots

    assert clock.now + 2 * DAY < made.activate_time <= clock.now + 3 * DAY


def test_collecting_repays_what_the_member_owes(engine: Engine) -> None:
    claim, _ = waiting(engine, quantity=5)
    carry_out(engine, earn(points=20))
    engine.execute(_clawed_back(engine))

    found = transaction_of(engine, claiming(claim))

    assert {posting.destination for posting in found.postings} == {"shortfall:ada"}
    assert found.lots == ()


def _clawed_back(engine: Engine) -> Reverse:
    """Burns what Ada earned and returns the reverse of the earn."""
    carry_out(engine, burn(request_id="b", points=20))
    query = "SELECT part, number FROM record WHERE kind = 'EARN'"
    ((part, number),) = rows(engine.store, query)
    return Reverse(
        member_id="ada",
        request_id="rev",
        transaction_id=f"t{part}-{number}",
        reason_code=ReasonCode.CLAWBACK,
        reason="returned",
        shortfall_policy=ShortfallPolicy.SHORTFALL,
    )


def test_a_claim_is_collected_once(engine: Engine) -> None:
    claim, _ = waiting(engine, quantity=5)
    first = transaction_of(engine, claiming(claim, request_id="once"))

    again = transaction_of(engine, claiming(claim, request_id="once"))

    assert again == first
    told = refused(engine, claiming(claim))
    assert told == ClaimNotOpen(claim.place().claim_id(), "CLAIMED")
    assert balance(engine) == 7


def test_what_waits_of_a_reversed_activity_is_not_collected(engine: Engine) -> None:
    claim, _ = waiting(engine, quantity=5)
    place = Place(claim.part, claim.number)
    whole = Reverse(
        member_id="ada",
        request_id="whole",
        transaction_id=place.transaction_id(),
        reason="sent back",
        reason_code=ReasonCode.CLAWBACK,
    )
    transaction_of(engine, whole)

    told = refused(engine, claiming(claim))

    assert told == ClaimNotOpen(claim.place().claim_id(), "REVERSED")
    assert balance(engine) == 0


def test_two_that_collect_a_claim_in_one_batch_mint_it_once(engine: Engine) -> None:
    claim, _ = waiting(engine, quantity=5)

    answers = carry_out(engine, claiming(claim), claiming(claim))

    assert [type(result(answer)) for answer in answers] == [Transaction, ClaimNotOpen]
    assert balance(engine) == 7


def test_a_lapsed_claim_is_never_open_again(engine: Engine, clock: Clock) -> None:
    claim, star = waiting(engine)
    clock.now = claim.lapse_time - 1
    assert listed(engine) == [star, claim]

    clock.now = claim.lapse_time

    told = refused(engine, claiming(claim))
    assert isinstance(told, ClaimLapsed)
    assert told.metadata()["lapse_time"].endswith("Z")
    assert listed(engine) == []
    assert listed(engine, ClaimState.LAPSED) == [star, claim]
    assert balance(engine) == 0


@pytest.mark.parametrize("wrong", ["", "x", "c0-1-1", "c99999-1-1", "c0-0-1"])
def test_a_claim_that_is_not_there_is_not_found(engine: Engine, wrong: str) -> None:
    claim, _ = waiting(engine)
    if wrong == "":
        wrong = claim.place()._replace(position=3).claim_id()

    told = refused(engine, claiming(claim, claim_id=wrong))

    assert told == ClaimNotFound(wrong)


def test_a_claim_of_another_member_is_not_found(engine: Engine) -> None:
    claim, _ = waiting(engine)

    told = refused(engine, claiming(claim, member_id="bob"))

    assert told == ClaimNotFound(claim.place().claim_id())


def test_who_may_not_earn_may_not_collect(engine: Engine) -> None:
    claim, _ = waiting(engine)
    carry_out(engine, freeze_member(request_id="freeze"))

    assert isinstance(refused(engine, claiming(claim)), MemberFrozen)
    nobody = refused(engine, claiming(claim, member_id="nobody"))
    assert isinstance(nobody, MemberNotFound)


def test_a_claim_that_is_only_validated_stays_open(engine: Engine) -> None:
    claim, star = waiting(engine)

    (answer,) = carry_out(engine, claiming(claim), validate_only=True)

    assert record_of(answer).number == 0
    assert listed(engine) == [star, claim]
    assert balance(engine) == 0


def test_limits_hold_for_what_is_collected(engine: Engine) -> None:
    claim, _ = waiting(engine, quantity=5)
    carry_out(engine, bounded(floor=None, ceiling=6, velocities=()))
    assert isinstance(refused(engine, claiming(claim)), LimitExceeded)
    velocities = (Velocity("EARN", "DAY", points_max=6),)
    more = {"floor": None, "ceiling": None, "request_id": "more"}
    carry_out(engine, bounded(velocities=velocities, **more))
    assert isinstance(refused(engine, claiming(claim)), VelocityExceeded)
    velocities = (Velocity("EARN", "DAY", points_max=7),)
    carry_out(engine, bounded(velocities=velocities, **more | {"request_id": "last"}))

    assert transaction_of(engine, claiming(claim)).balance_after == 7


def test_members_climb_when_they_collect(engine: Engine) -> None:
    _, star = waiting(engine)
    assert rows(engine.store, "SELECT tier FROM standing") in ([], [("blue",)])

    found = transaction_of(engine, claiming(star))

    assert [standing.tier for standing in found.standings] == ["gold"]
    assert rows(engine.store, "SELECT tier FROM standing") == [("gold",)]


def test_a_rule_counts_what_waits_as_given(engine: Engine) -> None:
    first, _ = waiting(engine)
    second, _ = waiting(engine)

    assert (first.points, second.points) == (3, 1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE claim SET points = points + 1",
        "UPDATE claim SET state = 'CLAIMED'",
        "UPDATE claim SET lapse_time = lapse_time + 1",
        "UPDATE claim SET reserve_end = 7",
        "DELETE FROM claim",
    ],
)
def test_an_audit_finds_a_changed_claim(
    engine: Engine, clock: Clock, change: str
) -> None:
    claim, _ = waiting(engine)
    before = rows(engine.store, "SELECT * FROM claim")
    clock.now += HOUR

    run(engine, change)

    assert any("claim" in each for each in audit(engine.store.backend).differences)
    run(engine, "DELETE FROM claim")
    for row in before:
        told = ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in row)
        run(engine, f"INSERT INTO claim VALUES ({told})")
    assert claim in listed(engine)


def run(engine: Engine, statement: str) -> None:
    """Changes the store behind the engine's back."""
    with engine.store.backend.writing.begin() as connection:
        connection.exec_driver_sql(statement)


def test_claims_are_exported_and_imported(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    claim, _ = waiting(engine, quantity=5)
    waiting(engine, "queued", quantity=11)
    transaction_of(engine, claiming(claim))
    clock.now += HOUR
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)

    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))

        order = "SELECT * FROM claim ORDER BY part, number, position"
        assert rows(other, order) == rows(engine.store, order)
        assert audit(other.backend).differences == []
