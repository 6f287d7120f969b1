"""Export and import: the same ledger on the other database."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.identity import Place
from points.domain.values import (
    Draw,
    Head,
    Hold,
    HoldState,
    Kind,
    Member,
    MemberState,
    Posting,
    ReasonCode,
    TimeoutAction,
)
from points.store.opening import Store
from points.store.proof.audit import audit
from points.store.transport import ExportFile, import_file
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import lot, record, transaction
from tests.histories import History, living_engine
from tests.store.build import put, rows
from tests.store.cleaning import emptied
from tests.store.exporting import everything, exported


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "other"), [("sqlite", "postgresql"), ("postgresql", "another")]
)
def test_a_round_trip_to_the_other_database_changes_nothing(
    stores: dict[str, Store], tmp_path: Path, name: str, other: str, seed: int
) -> None:
    source, target = emptied(stores[name]), emptied(stores[other])
    live(source, Random(seed), steps=120)  # noqa: S311 - no secret
    path = tmp_path / "ledger.jsonl"
    first = exported(source, path)

    import_file(target, ExportFile(path))

    assert exported(target, path) == first
    assert everything(target) == everything(source)
    assert audit(target.backend).findings == []


def test_random_histories_have_records_of_every_kind(stores: dict[str, Store]) -> None:
    found: set[Kind] = set()
    for seed in range(12):
        store = emptied(stores["sqlite"])
        live(store, Random(seed), steps=120)  # noqa: S311 - no secret
        query = "SELECT DISTINCT kind FROM record WHERE body NOT LIKE '{\"refusal\"%'"
        found |= {Kind(kind) for (kind,) in rows(store, query)}

    assert found == set(Kind)


def live(store: Store, random: Random, *, steps: int) -> None:
    """Lets a random history of every kind happen in the store."""
    clock = Clock()
    with living_engine(store, clock) as engine:
        history = History(random, engine, clock)
        history.start()
        for _ in range(steps):
            clock.advance(random.randint(1, HOUR))
            history.step()


def test_what_is_exported_in_between_goes_on_elsewhere(
    stores: dict[str, Store], tmp_path: Path
) -> None:
    """What an import restores is all that the writer needs."""
    source, target = emptied(stores["sqlite"]), emptied(stores["postgresql"])
    live(source, Random(5), steps=60)  # noqa: S311 - no secret
    path = tmp_path / "ledger.jsonl"
    exported(source, path)
    import_file(target, ExportFile(path))

    for store in (source, target):
        clock = Clock(NOON + 9 * DAY)
        with living_engine(store, clock) as engine:
            history = History(Random(6), engine, clock, sent=9_000)  # noqa: S311
            for _ in range(60):
                clock.advance(HOUR)
                history.step()

    assert state(target) == state(source)


def state(store: Store) -> dict[str, list[Any]]:
    """Returns the rows that do not tell the chain, whose salt is random."""
    found = everything(store)
    return {name: found[name] for name in found.keys() - {"head", "record"}}


HOLD: Final = Hold(
    part=0,
    number=1,
    member_id="ada",
    unit="points",
    points=40,
    draws=(Draw(Place(0, 1), 40, NEVER),),
    captured_points=0,
    voided_points=0,
    state=HoldState.OPEN,
    place_time=NOON,
    lapse_time=NOON + DAY,
    update_time=NOON,
    on_timeout=TimeoutAction.VOID,
    freeze_expiry=True,
    sink="redemption",
    reason="a cart",
    record_number=3,
)


def test_holds_and_reversals_are_worked_out_from_the_records(
    stores: dict[str, Store], tmp_path: Path
) -> None:
    source, target = emptied(stores["sqlite"]), emptied(stores["postgresql"])
    created = Member(0, "ada", MemberState.ACTIVE, {}, NOON, NOON, 1)
    captured = HOLD._replace(draws=(Draw(Place(0, 1), 30, NEVER),), captured_points=10)
    results: list[tuple[Kind, Any]] = [
        (Kind.CREATE_MEMBER, created),
        (Kind.EARN, transaction(lots=(lot(part=0, record_number=2),))),
        (
            Kind.HOLD,
            moved("member:ada", "held:ada", 40, 60, draws=HOLD.draws, hold=HOLD),
        ),
        (
            Kind.CAPTURE,
            moved(
                "held:ada",
                "burn:redemption",
                10,
                60,
                draws=(Draw(Place(0, 1), 10, NEVER),),
                hold=captured,
            ),
        ),
        (
            Kind.REVERSE,
            moved(
                "burn:redemption",
                "member:ada",
                4,
                64,
                returns=(Draw(Place(0, 1), 4, NEVER),),
                reverses=Place(0, 4),
                reason_code=ReasonCode.REFUND,
            ),
        ),
    ]
    records = [
        record(part=0, number=n, request_id=f"r{n}", kind=kind, result=result)
        for n, (kind, result) in enumerate(results, 1)
    ]
    put(source, Head(0, 5, 1, NOON, 1), *records)
    path = tmp_path / "ledger.jsonl"
    first = exported(source, path)

    import_file(target, ExportFile(path))

    assert exported(target, path) == first
    assert audit(target.backend).findings == []
    held = rows(target, "SELECT remaining, held FROM lot")
    assert held == [(64, 30)]
    assert rows(target, "SELECT number, reversed_points FROM reversal") == [(4, 4)]
    assert rows(target, "SELECT captured_points, state FROM hold") == [(10, "OPEN")]


def moved(
    source: str, destination: str, points: int, balance_after: int, **fields: Any
) -> Any:
    """Returns a transaction of one posting that makes no lots."""
    posting = Posting(source, destination, "points", points)
    return transaction(
        postings=(posting,), balance_after=balance_after, lots=(), **fields
    )
