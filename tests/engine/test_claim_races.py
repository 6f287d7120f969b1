"""Two engines on one PostgreSQL race for claims and for the budget that pays them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import pytest

from points.domain.claims import ClaimPlace
from points.domain.commands import ClaimAward, FundBudget, RecordActivity
from points.domain.refusals import BudgetExhausted, ClaimNotOpen
from points.domain.values import Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store, open_store
from tests.domain.build import create_member
from tests.engine.build import PATIENCE_SECONDS, balance, differences
from tests.store.build import rows


DOCUMENT: Final = """
program: shop
units: {points: {kind: currency}}
rules:
  review:
    activities: [review]
    awards: [{unit: points, points: {fixed: 5}}]
    claim: {within: P7D}
  queued:
    activities: [queued]
    awards: [{unit: points, points: {fixed: 3}}]
    budget: partner
partners: {partner: {rate: 1}}
budgets:
  partner: {unit: points, prefunded: partner, overflow: QUEUE}
"""
PARTS: Final = 8
THREADS: Final = 4
FUNDING: Final = FundBudget(
    request_id="f", budget="partner", points=8, operator="olga", reason="invoice 7"
)
MEMBERS: Final = tuple(f"m{number}" for number in range(8))


@pytest.fixture
def engines(postgres_database: str) -> Iterator[list[Engine]]:
    """Yields two engines, each with connections of its own, as two servers have."""
    program = to_program(load_document(DOCUMENT))
    with ExitStack() as stack:
        stores: list[Store] = [
            stack.enter_context(
                open_store(postgres_database, migrating=True, part_count=PARTS)
            )
            for _ in range(2)
        ]
        engines = [
            stack.enter_context(running_engine(store, program)) for store in stores
        ]
        for member_id in MEMBERS:
            engines[0].execute(create_member(member_id=member_id))
        yield engines


def award(engine: Engine, kind: str) -> list[ClaimAward]:
    """Records an activity of every member; returns how each claim is collected."""
    for member_id in MEMBERS:
        command = RecordActivity(
            member_id=member_id, request_id="a", activity_type=kind
        )
        engine.execute(command)
    found = rows(engine.store, "SELECT member_id, part, number, position FROM claim")
    return [
        ClaimAward(
            member_id=member_id, request_id="c", claim_id=ClaimPlace(*place).claim_id()
        )
        for member_id, *place in found
    ]


def race(engines: list[Engine], commands: Sequence[ClaimAward]) -> Counter[type]:
    """Has every thread collect every claim at once; counts what became of them."""
    start = threading.Barrier(THREADS)
    found: Counter[type] = Counter()

    def run(number: int) -> None:
        engine = engines[number % len(engines)]
        start.wait()
        for command in commands:
            own = ClaimAward(
                member_id=command.member_id,
                request_id=f"c{number}",
                claim_id=command.claim_id,
            )
            kind = type(engine.execute(own).record.result)
            with lock:
                found[kind] += 1

    lock = threading.Lock()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "deadlocked"
    return found


def test_a_claim_that_many_collect_is_minted_once(engines: list[Engine]) -> None:
    commands = award(engines[0], "review")

    found = race(engines, commands)

    count = len(MEMBERS)
    assert found == {Transaction: count, ClaimNotOpen: (THREADS - 1) * count}
    assert {balance(engines[0], name) for name in MEMBERS} == {5}
    assert differences(engines[1].store) == []


def test_claims_never_overspend_the_budget_that_they_wait_for(
    engines: list[Engine],
) -> None:
    commands = award(engines[0], "queued")
    engines[0].execute(FUNDING)

    found = race(engines, commands)

    assert found[Transaction] == 2
    assert found[BudgetExhausted] + found[ClaimNotOpen] == THREADS * len(MEMBERS) - 2
    assert rows(engines[0].store, "SELECT used, granted FROM counter") == [(6, 8)]
    assert sum(balance(engines[1], name) for name in MEMBERS) == 6
    assert differences(engines[1].store) == []
