"""Merges: everything goes over at once, whatever else happens to the member."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

import pytest

from points.domain.commands import Command, RecordActivity
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import (
    InsufficientPoints,
    MemberHasHolds,
    MemberMerged,
    Refusal,
)
from points.domain.values import Hold, Kind, MemberState, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.shipped import shipped_document
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, NOON, Clock
from tests.domain.build import burn, create_member, earn, freeze_member, update_member
from tests.domain.build_holds import place_hold
from tests.domain.build_limits import set_limits
from tests.domain.test_merge import HOLD, erase, merge
from tests.domain.test_transfer import transfer
from tests.engine.build import balance, carry_out, differences, result, results, run_sql
from tests.engine.test_transfers import NEIGHBOUR, told, transactions
from tests.histories import sliding_program
from tests.store.build import put, rows, statements


BURNS: Final = 30


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """Returns an engine in which Ada has points and miles, and Bob 7 points."""
    carry_out(
        engine,
        create_member(request_id="ada", attributes={"name": "Ada"}),
        create_member(member_id="bob", request_id="bob"),
        create_member(member_id=NEIGHBOUR, request_id="n"),
        earn(request_id="e1", expire_time=NOON + DAY),
        earn(request_id="e2", points=50, activate_time=NOON + DAY),
        earn(request_id="e3", points=20, unit="miles"),
        earn(member_id="bob", request_id="e", points=7),
        burn(request_id="b", points=10),
    )
    return engine


def state_of(engine: Engine, member_id: str) -> tuple[MemberState, str]:
    """Returns the state of a member, and whom it was merged into."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        member = snapshot.member(part, member_id)
    assert member is not None
    return member.state, member.merged_into


@pytest.mark.parametrize(
    ("target", "points"), [("bob", 97), (NEIGHBOUR, 90)], ids=["far", "near"]
)
def test_everything_goes_over(pair: Engine, target: str, points: int) -> None:
    carry_out(pair, merge(into_member_id=target))

    assert (balance(pair), balance(pair, unit="miles")) == (0, 0)
    assert balance(pair, target) == points
    assert balance(pair, target, "miles") == 20
    assert state_of(pair, "ada") == (MemberState.MERGED, target)
    assert differences(pair.store) == []


def test_points_that_were_pending_become_usable_at_their_time(
    pair: Engine, clock: Clock
) -> None:
    carry_out(pair, merge())
    clock.advance(DAY)

    assert balance(pair, "bob") == 57


def test_the_history_stays_under_both_ids(pair: Engine) -> None:
    carry_out(pair, merge())

    kinds = [one.kind for one in transactions(pair, "ada")]
    assert kinds == [Kind.MERGE, Kind.BURN, Kind.EARN, Kind.EARN, Kind.EARN]
    (taken, _) = transactions(pair, "bob")
    assert taken.kind is Kind.MERGE_IN
    assert told(taken).counterparty == "ada"


def test_nothing_is_written_to_a_merged_member_again(pair: Engine) -> None:
    carry_out(pair, merge())

    found = carry_out(
        pair,
        earn(request_id="x1"),
        burn(request_id="x2"),
        update_member(request_id="x3"),
        freeze_member(request_id="x4"),
        set_limits(request_id="x5"),
        merge(request_id="x6"),
        transfer(request_id="x7"),
        transfer(member_id="bob", to_member_id="ada", request_id="x8", points=1),
    )

    assert [result(answer) for answer in found] == [MemberMerged("ada", "bob")] * 8
    assert differences(pair.store) == []


def test_a_merge_is_seen_by_the_commands_behind_it_in_the_same_batch(
    pair: Engine,
) -> None:
    found = carry_out(
        pair,
        earn(request_id="x1", points=3),
        merge(),
        burn(request_id="x2", points=1),
        burn(member_id="bob", request_id="x3", points=100),
        burn(member_id="bob", request_id="x4", points=1),
    )

    assert results(found) == [
        Transaction,
        Transaction,
        MemberMerged,
        Transaction,
        InsufficientPoints,
    ]
    assert differences(pair.store) == []


def test_a_replayed_merge_moves_nothing_more(pair: Engine) -> None:
    first = pair.execute(merge())
    second = pair.execute(merge())

    assert second == first._replace(replayed=True)
    assert balance(pair, "bob") == 97


def test_a_merge_that_is_only_validated_leaves_no_trace(pair: Engine) -> None:
    carry_out(pair, merge(), validate_only=True)

    assert state_of(pair, "ada") == (MemberState.ACTIVE, "")
    assert balance(pair) == 90


def test_members_are_merged_one_into_the_next(pair: Engine) -> None:
    carry_out(
        pair,
        merge(),
        merge(member_id="bob", into_member_id=NEIGHBOUR, request_id="next"),
    )

    assert balance(pair, NEIGHBOUR) == 97
    assert differences(pair.store) == []


def test_a_shortfall_goes_over(pair: Engine) -> None:
    part = part_of("ada", pair.store.part_count)
    run_sql(
        pair.store,
        "INSERT INTO account SELECT part, 'shortfall:ada', unit, -5, -100, 0, 0, 0,"
        f" '', '', 0 FROM account WHERE account = 'member:ada' AND part = {part}",
    )

    carry_out(pair, merge())

    query = (
        "SELECT account, unit, balance FROM account"
        " WHERE account LIKE 'shortfall:%' ORDER BY account, unit"
    )
    assert rows(pair.store, query) == [
        ("shortfall:ada", "miles", 0),
        ("shortfall:ada", "points", 0),
        ("shortfall:bob", "miles", -5),
        ("shortfall:bob", "points", -5),
    ]


def held_by(engine: Engine, member_id: str) -> Hold:
    """Returns an open hold of the member, put there behind the engine's back."""
    part = part_of(member_id, engine.store.part_count)
    return HOLD._replace(part=part, member_id=member_id, unit="miles")


def test_a_member_with_open_holds_in_any_unit_is_not_merged(pair: Engine) -> None:
    put(pair.store, held_by(pair, "ada"))

    (answer,) = carry_out(pair, merge())

    assert result(answer) == MemberHasHolds("ada", 1)


def test_a_member_with_many_lots_is_merged_in_as_few_statements(pair: Engine) -> None:
    carry_out(pair, *(earn(request_id=f"m{n}", points=1) for n in range(700)))

    with statements(pair.store.backend) as seen:
        carry_out(pair, merge())

    assert balance(pair, "bob") == 797
    # The lock, records, members, holds, open claims, accounts, lots; four tables, the
    # lots that were drawn and the records.
    assert len(seen) <= 15
    assert differences(pair.store) == []


@pytest.fixture
def engines(postgres_database: str, program: Program) -> Iterator[list[Engine]]:
    """Yields two engines on one PostgreSQL, in which Ada has 20 points."""
    with ExitStack() as stack:
        stores: list[Store] = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        running = [stack.enter_context(running_engine(s, program)) for s in stores]
        running[0].execute(create_member())
        running[0].execute(create_member(member_id="bob"))
        for number in range(20):
            running[0].execute(earn(request_id=f"e{number}", points=1))
        yield running


def test_a_burn_that_races_a_merge_burns_before_it_or_not_at_all(
    engines: list[Engine],
) -> None:
    start = threading.Barrier(3)
    found: list[object] = []

    def burn_on() -> None:
        start.wait()
        for number in range(BURNS):
            command = burn(request_id=f"b{number}", points=1)
            found.append(engines[0].execute(command).record.result)

    def merge_once() -> None:
        start.wait()
        engines[1].execute(merge(request_id="merge"))

    def transfer_back() -> None:
        start.wait()
        for number in range(BURNS):
            engines[1].execute(transfer(request_id=f"t{number}", points=1))

    threads = [threading.Thread(target=t) for t in (burn_on, merge_once, transfer_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    burned = sum(isinstance(one, Transaction) for one in found)
    is_merged = [isinstance(one, MemberMerged) for one in found]
    assert is_merged == sorted(is_merged)
    assert burned + balance(engines[0], "bob") == 20
    assert balance(engines[0]) == 0
    assert differences(engines[0].store) == []


@pytest.mark.parametrize("end", [merge(), erase()], ids=["merge", "erase"])
def test_a_hold_that_lapsed_stands_in_nobodys_way_before_it_is_swept(
    pair: Engine, clock: Clock, end: Command
) -> None:
    carry_out(pair, place_hold(request_id="h", points=30, timeout=1))
    (refused,) = carry_out(pair, replace(end, request_id="before"))
    clock.advance(1)

    (accepted,) = carry_out(pair, end)

    assert result(refused) == MemberHasHolds("ada", 1)
    assert not isinstance(result(accepted), Refusal)
    assert differences(pair.store) == []


def test_what_both_have_gathered_counts_together(store: Store, clock: Clock) -> None:
    program = to_program(shipped_document("retail"))
    buys: dict[str, Any] = {"activity_type": "purchase", "money": 6_000}
    with running_engine(store, program, clock=clock) as engine:
        for name in ("ada", "bob"):
            carry_out(engine, create_member(member_id=name, request_id=name))
            carry_out(engine, RecordActivity(member_id=name, request_id="a", **buys))

        (answer,) = carry_out(engine, merge())

        assert isinstance(result(answer), Transaction)
        query = "SELECT member_id, tier FROM standing ORDER BY member_id"
        assert rows(store, query) == [("ada", "bronze"), ("bob", "silver")]
        assert differences(store) == []


def test_points_of_a_unit_that_slides_are_merged(store: Store, clock: Clock) -> None:
    with running_engine(store, sliding_program(), clock=clock) as engine:
        for name in ("ada", "bob"):
            carry_out(engine, create_member(member_id=name, request_id=name))
        carry_out(engine, earn(request_id="e", unit="miles"))

        (answer,) = carry_out(engine, merge())

        assert isinstance(result(answer), Transaction)
        assert balance(engine, "bob", "miles") == 100
