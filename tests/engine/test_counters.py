"""Counters that members share: in one transaction with what moves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.commands import Command
from points.domain.commands.budgets import FundDirection
from points.domain.counters import counter_part
from points.domain.funding import BudgetFunding, FiguresReport
from points.domain.identity import part_of
from points.domain.refusals import (
    BudgetExhausted,
    BudgetOfOtherForm,
    BudgetUnknown,
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    RequestIdReused,
)
from points.domain.values import Transaction
from points.engine.batch import Decided, run_batch
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Job, route
from points.engine.programs import Programs
from points.engine.waiting import Waiting
from points.program.bridge import program_of_text
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.clock import NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    record_of,
    result,
    results,
    run_sql,
)
from tests.engine.build_counting import (
    BUDGET,
    FUNDS,
    counting,
    fund,
    funded_program,
    paid_burn,
    report,
)
from tests.store.build import rows, statements


PROGRAM = funded_program()


@pytest.fixture(autouse=True)
def _counting() -> Iterator[None]:
    with counting():
        yield


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine whose program has budgets, with points of Ada and Bob."""
    with running_engine(store, PROGRAM, clock=clock) as running:
        for name in ("ada", "bob"):
            carry_out(
                running,
                create_member(member_id=name, request_id="create"),
                earn(member_id=name, request_id="earn"),
            )
        yield running


def counters(store: Store) -> list[tuple[str, int, int]]:
    """Returns the name, what is used and what is granted of each counter."""
    query = "SELECT name, used, granted FROM counter ORDER BY name, start_time"
    return [(name, used, granted) for name, used, granted in rows(store, query)]


def waiting_for(store: Store, *commands: Command) -> list[Waiting]:
    """Returns a job for each command."""
    routed = [route(each, store.part_count) for each in commands]
    return [Waiting(Job(commands=[each]), None) for each in routed]


def run_once(store: Store, jobs: Sequence[Waiting]) -> Decided:
    """Runs one batch that waits for nobody."""
    return run_batch(
        store.backend,
        Programs(PROGRAM, program_of_text),
        jobs,
        part_count=store.part_count,
        clock_time=NOON,
        wait=False,
    )


def test_what_was_paid_ahead_is_paid_and_not_a_point_more(engine: Engine) -> None:
    burns = [paid_burn(request_id=f"b{number}", points=4) for number in range(4)]
    found = carry_out(engine, fund(points=10), *burns)

    assert results(found) == [
        BudgetFunding,
        *[Transaction] * 2,
        *[BudgetExhausted] * 2,
    ]
    assert counters(engine.store) == [(FUNDS, 8, 10)]
    assert balance(engine) == 92
    assert differences(engine.store) == []


def test_a_counter_is_shared_by_members_of_all_parts(engine: Engine) -> None:
    names = ("ada", "bob")
    parts = {part_of(name, engine.store.part_count) for name in names}
    assert counter_part(FUNDS, engine.store.part_count) not in parts

    carry_out(engine, fund(points=1))
    found = [carry_out(engine, paid_burn(member_id=name))[0] for name in names]

    assert results(found) == [Transaction, BudgetExhausted]


def test_a_refused_command_moves_no_counter(engine: Engine) -> None:
    found = carry_out(engine, fund(), paid_burn(points=101, request_id="b1"))

    assert results(found)[1] is InsufficientPoints
    assert counters(engine.store) == [(FUNDS, 0, 10)]


@pytest.mark.parametrize("fields", [{"validate_only": True}, {"atomic": True}])
def test_what_is_undone_is_undone_of_counters(
    engine: Engine, fields: dict[str, bool]
) -> None:
    carry_out(engine, fund())
    too_much = burn(request_id="b2", points=1_000)
    carry_out(engine, paid_burn(request_id="b1"), too_much, **fields)

    assert counters(engine.store) == [(FUNDS, 0, 10)]
    assert results(carry_out(engine, paid_burn(points=10))) == [Transaction]


def test_a_replay_moves_no_counter_again(engine: Engine) -> None:
    carry_out(engine, fund(), paid_burn(request_id="b1"))
    carry_out(engine, fund(), paid_burn(request_id="b1"))

    assert counters(engine.store) == [(FUNDS, 1, 10)]


def test_several_counters_move_together_or_not_at_all(engine: Engine) -> None:
    names = tuple(f"cap:{number}" for number in range(20))
    carry_out(engine, paid_burn(names=names))
    carry_out(engine, paid_burn(names=(*names, FUNDS), request_id="r2"))

    assert counters(engine.store) == [(name, 1, 0) for name in sorted(names)]


@pytest.mark.parametrize("fields", [{}, {"atomic": True}])
def test_counters_that_only_a_decision_finds_out_are_read_then(
    engine: Engine, fields: dict[str, bool]
) -> None:
    found = carry_out(
        engine,
        fund(points=2),
        paid_burn(names=("cap:a",), found_late=("cap:b", FUNDS), request_id="b1"),
        paid_burn(names=(), found_late=(FUNDS, "cap:b"), request_id="b2"),
        paid_burn(names=(), request_id="b3"),
        **fields,
    )

    assert results(found) == [BudgetFunding, *[Transaction] * 3]
    assert counters(engine.store) == [("cap:a", 1, 0), ("cap:b", 2, 0), (FUNDS, 2, 2)]
    assert differences(engine.store) == []


def test_a_job_that_needs_more_counters_is_decided_in_its_turn(store: Store) -> None:
    with running_engine(store, PROGRAM, clock=Clock()) as engine:
        carry_out(engine, create_member(), earn(request_id="e1"))
    late = paid_burn(names=(), found_late=("cap:a",), request_id="b1")
    waiting = waiting_for(store, late, burn(request_id="b2"))

    decided = run_once(store, waiting)

    assert [each for each, _ in decided.answered] == waiting
    assert [results(found) for _, found in decided.answered] == [
        [Transaction],
        [InsufficientPoints],
    ]


def test_a_counter_beyond_64_bits_refuses(engine: Engine) -> None:
    carry_out(engine, fund(points=POINTS_MAX))
    (found,) = carry_out(engine, fund(request_id="f2"))

    assert result(found) == LimitExceeded(FUNDS, "", POINTS_MAX)
    assert counters(engine.store) == [(FUNDS, 0, POINTS_MAX)]


@pytest.mark.parametrize(
    ("budget", "refusal"),
    [
        ("nobody", BudgetUnknown("nobody")),
        ("words", BudgetOfOtherForm("words", "FIXED", "PREFUNDED")),
    ],
)
def test_only_a_prefunded_budget_is_paid_ahead(
    engine: Engine, budget: str, refusal: object
) -> None:
    (found,) = carry_out(engine, fund(budget=budget))
    assert result(found) == refusal
    assert counters(engine.store) == []


def test_what_is_left_can_be_taken_back_and_nothing_else(engine: Engine) -> None:
    back = {"direction": FundDirection.TAKE_BACK}
    carry_out(engine, fund(), paid_burn(points=4))
    found = carry_out(
        engine,
        fund(request_id="f2", points=7, **back),
        fund(request_id="f3", points=6, **back),
    )

    assert result(found[0]) == BudgetExhausted(BUDGET, "points", 6, 7)
    told = BudgetFunding(BUDGET, "points", -6, 0, "olga", "invoice 7")
    assert result(found[1]) == told
    assert counters(engine.store) == [(FUNDS, 4, 4)]
    assert differences(engine.store) == []


def test_a_report_stands_in_the_place_of_the_one_before(engine: Engine) -> None:
    carry_out(engine, report(money=1_000))
    (found,) = carry_out(engine, report(request_id="f2", money=700))

    told = FiguresReport(
        "REVENUE", "LIFETIME", 0, NEVER, 700, 1_000, "olga", "books of the shop"
    )
    assert result(found) == told
    assert counters(engine.store) == [("figures:REVENUE/LIFETIME", 0, 700)]
    assert differences(engine.store) == []


def test_a_report_must_begin_where_its_period_does(engine: Engine) -> None:
    found = carry_out(
        engine,
        report(period="DAY", start_time=NOON - 1),
        report(period="DAY", start_time=NOON + 1),
    )
    told = [result(each) for each in found]
    assert told == [
        InvalidArgument({"start_time": "must begin a DAY in UTC"}),
        InvalidArgument({"start_time": "must not lie ahead"}),
    ]


def test_the_same_request_id_with_other_content_is_refused(engine: Engine) -> None:
    found = carry_out(engine, fund(), fund(points=11))
    assert results(found) == [BudgetFunding, RequestIdReused]


def test_statements_do_not_grow_with_the_counters_of_a_batch(engine: Engine) -> None:
    def count(*commands: Command) -> int:
        with statements(engine.store.backend) as seen:
            carry_out(engine, *commands)
        return len(seen)

    def burns(label: str, size: int, *, statically: bool) -> list[Command]:
        return [
            paid_burn(
                request_id=f"{label}{number}",
                names=(f"cap:{number % 40}", f"cap:{number % 7}/x"),
                statically=statically,
            )
            for number in range(size)
        ]

    plain = count(*[burn(request_id=f"p{number}", points=1) for number in range(9)])
    counted = {
        (size, statically): count(
            *burns(f"{size}{statically}", size, statically=statically)
        )
        for size in (1, 10, 30)
        for statically in (False, True)
    }
    # The lock of their parts, one read and one write.
    assert set(counted.values()) == {plain + 3}


def test_damaged_counters_are_found(engine: Engine) -> None:
    carry_out(engine, fund(), paid_burn(), report(request_id="f2"))
    run_sql(
        engine.store,
        f"UPDATE counter SET used = 0 WHERE name = '{FUNDS}'",
        "DELETE FROM counter WHERE name LIKE 'figures%'",
    )

    found = differences(engine.store)

    assert len(found) == 2
    assert all("counter (" in each for each in found)


def test_the_database_itself_keeps_a_prefunded_account_from_overspending(
    engine: Engine,
) -> None:
    carry_out(engine, fund())
    with pytest.raises(Exception, match="counter_used_in_bounds"):
        run_sql(engine.store, "UPDATE counter SET used = 11")


def test_a_job_whose_counter_is_busy_waits_and_is_not_overtaken(
    postgresql_store: Store,
) -> None:
    store, count = postgresql_store, postgresql_store.part_count
    with running_engine(store, PROGRAM, clock=Clock()) as engine:
        carry_out(engine, create_member(), earn(request_id="e1"), fund())
        carry_out(engine, create_member(member_id="bob"))

    counts = paid_burn(request_id="b1")
    after = burn(request_id="b2", points=1)
    other = earn(member_id="bob", request_id="e1")
    waiting = waiting_for(store, counts, after, other)
    with open_batch(store.backend) as held:
        held.lock({counter_part(FUNDS, count)}, wait=True)
        decided = run_once(store, waiting)

    assert [each for each, _ in decided.answered] == [waiting[2]]
    assert decided.left == waiting[:2]
    assert counter_part(FUNDS, count) in waiting[0].parts()

    again = run_once(store, decided.left)

    assert [each for each, _ in again.answered] == waiting[:2]
    numbers = [record_of(answers[0]).number for _, answers in again.answered]
    assert numbers == sorted(numbers)
    assert counters(store) == [(FUNDS, 1, 10)]
