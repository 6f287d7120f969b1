"""Transfers across parts: both halves or none, whoever comes at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest

from points.domain.identity import Place, part_of
from points.domain.program import Program
from points.domain.refusals import InsufficientPoints
from points.domain.values import Kind, Record, Transaction
from points.engine.engine import Engine, running_engine
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from tests.domain.build import burn, create_member, earn
from tests.domain.test_transfer import transfer
from tests.engine.build import (
    answers,
    balance,
    carry_out,
    differences,
    record_of,
    result,
    submit,
)
from tests.store.build import rows


NEIGHBOUR: Final = next(
    name
    for name in (f"n{number}" for number in range(100_000))
    if part_of(name, 1_024) == part_of("ada", 1_024)
)
"""A member who lives in Ada's part, in a ledger of any power of two up to 1,024."""

ROUNDS: Final = 40


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """Returns an engine in which Ada has 100 points, and Bob and a neighbour none."""
    carry_out(
        engine,
        create_member(request_id="ada"),
        create_member(member_id="bob", request_id="bob"),
        create_member(member_id=NEIGHBOUR, request_id="n"),
        earn(request_id="e"),
    )
    return engine


def transactions(engine: Engine, member_id: str) -> list[Record]:
    """Returns the transactions of a member, the latest first."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        return snapshot.transactions(
            part, member_id, before=2**62, conditions=(), limit=100
        )


def told(record: Record) -> Transaction:
    """Returns the transaction of a record."""
    assert isinstance(record.result, Transaction)
    return record.result


@pytest.mark.parametrize("receiver", ["bob", NEIGHBOUR], ids=["far", "near"])
def test_points_arrive_wherever_the_receiver_lives(pair: Engine, receiver: str) -> None:
    (answer,) = carry_out(pair, transfer(to_member_id=receiver, points=30))

    sent = record_of(answer)
    (received, *_) = transactions(pair, receiver)
    assert (balance(pair), balance(pair, receiver)) == (70, 30)
    assert received.kind is Kind.TRANSFER_IN
    assert told(received).counterparty_place == sent.place()
    assert told(sent).counterparty_place == received.place()
    assert differences(pair.store) == []


def test_a_received_lot_can_be_drawn_in_the_same_batch(pair: Engine) -> None:
    found = carry_out(
        pair,
        transfer(points=100),
        burn(member_id="bob", request_id="b", points=100),
        burn(request_id="b", points=1),
    )

    assert result(found[2]) == InsufficientPoints("ada", "points", 0, 1)
    assert (balance(pair), balance(pair, "bob")) == (0, 0)
    assert differences(pair.store) == []


def test_a_refused_transfer_leaves_nothing_with_the_receiver(pair: Engine) -> None:
    carry_out(pair, transfer(points=101))

    assert transactions(pair, "bob") == []
    assert differences(pair.store) == []


def test_a_transfer_that_is_only_validated_leaves_nothing(pair: Engine) -> None:
    carry_out(pair, transfer(), validate_only=True)

    assert (balance(pair), balance(pair, "bob")) == (100, 0)
    assert transactions(pair, "bob") == []


def test_a_replayed_transfer_moves_nothing_more(pair: Engine) -> None:
    first, second = carry_out(pair, transfer(points=30), transfer(points=30))

    assert record_of(first) == record_of(second)
    assert balance(pair, "bob") == 30


def test_an_atomic_batch_undoes_both_halves(pair: Engine) -> None:
    carry_out(
        pair,
        transfer(points=30),
        burn(request_id="b", points=1_000),
        atomic=True,
    )

    assert (balance(pair), balance(pair, "bob")) == (100, 0)
    assert differences(pair.store) == []


def test_points_in_transit_sum_to_zero_over_all_parts(pair: Engine) -> None:
    carry_out(pair, transfer(points=30), transfer(request_id="r2", points=20))

    query = "SELECT balance FROM account WHERE account = 'transit' ORDER BY balance"
    assert rows(pair.store, query) == [(-50,), (50,)]


def test_a_fee_stays_in_the_part_of_the_giver(pair: Engine) -> None:
    carry_out(pair, transfer(points=30, fee_points=5))

    query = "SELECT part, balance FROM account WHERE account = 'fee:transfer'"
    part = part_of("ada", pair.store.part_count)
    assert rows(pair.store, query) == [(part, 5)]
    assert differences(pair.store) == []


def test_a_lot_that_goes_there_and_back_keeps_its_expiry(pair: Engine) -> None:
    carry_out(
        pair,
        transfer(),
        transfer(member_id="bob", to_member_id="ada", request_id="back"),
    )

    (back, *_) = transactions(pair, "ada")
    (first,) = told(transactions(pair, "ada")[-1]).lots
    (last,) = told(back).lots
    assert (last.earn_time, last.expire_time) == (first.earn_time, first.expire_time)
    assert last.origin == Place(part_of("bob", pair.store.part_count), 1).lot_id()


def rush(engines: list[Engine]) -> None:
    """Sends points to and fro at once, a transfer to a job, from each engine."""
    start = threading.Barrier(2 * len(engines))

    def run(engine: Engine, tag: str, giver: str, receiver: str) -> None:
        start.wait()
        pending: list[Any] = [
            submit(
                engine,
                transfer(
                    member_id=giver,
                    to_member_id=receiver,
                    request_id=f"{tag}-{number}",
                    points=1 + number % 3,
                ),
            )
            for number in range(ROUNDS)
        ]
        for future in pending:
            answers(future)

    threads = [
        threading.Thread(target=run, args=(engine, f"{tag}", giver, receiver))
        for tag, engine in enumerate(engines)
        for giver, receiver in (("ada", "bob"), ("bob", "ada"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_opposite_transfers_from_many_threads_never_block_each_other(
    pair: Engine,
) -> None:
    carry_out(pair, earn(member_id="bob", request_id="e"))

    rush([pair, pair])

    assert balance(pair) + balance(pair, "bob") == 200
    assert differences(pair.store) == []


@pytest.fixture
def engines(postgres_database: str, program: Program) -> Iterator[list[Engine]]:
    """Yields two engines on one PostgreSQL, as two servers have."""
    with ExitStack() as stack:
        stores: list[Store] = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        running = [stack.enter_context(running_engine(s, program)) for s in stores]
        for name in ("ada", "bob"):
            running[0].execute(create_member(member_id=name))
            running[0].execute(earn(member_id=name, request_id="e"))
        yield running


def test_opposite_transfers_from_two_engines_never_block_each_other(
    engines: list[Engine],
) -> None:
    rush(engines)

    assert balance(engines[0]) + balance(engines[1], "bob") == 200
    assert differences(engines[0].store) == []
