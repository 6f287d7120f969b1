"""Reversals in the engine: races, batches, repetitions, and what verification finds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from points.domain.commands import (
    AdjustDirection,
    Command,
    ExpiredPolicy,
    ShortfallPolicy,
)
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import (
    AlreadyReversed,
    InsufficientPoints,
    TransactionNotFound,
)
from points.domain.values import Balances, Result, Transaction
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Outcome
from points.engine.waiting import LOTS_READ
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.undoing import adjust, reverse
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    result,
    results,
    run_sql,
)
from tests.store.build import rows, statements


THREADS = 6


@pytest.fixture
def ada(engine: Engine) -> Engine:
    """Returns an engine that knows Ada."""
    carry_out(engine, create_member(request_id="ada"))
    return engine


def done(engine: Engine, command: Command) -> str:
    """Carries out a command that is accepted; returns the transaction's id."""
    outcome = engine.execute(command)
    assert isinstance(outcome.record.result, Transaction)
    return outcome.record.place().transaction_id()


def came_to(engine: Engine, command: Command) -> Result:
    """Returns what a command came to."""
    return engine.execute(command).record.result


def balances(engine: Engine) -> Balances:
    """Returns what Ada has."""
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        (found,) = snapshot.balances(part, "ada", now=engine.clock())
    return found


def rush(
    engines: Sequence[Engine], *commands: Callable[[int], Command]
) -> list[Result]:
    """Returns what came of the commands of many threads, all at once."""
    start = threading.Barrier(THREADS * len(engines))
    found: list[Outcome] = []

    def run(engine: Engine, number: int) -> None:
        start.wait()
        found.extend(engine.execute(command(number)) for command in commands)

    threads = [
        threading.Thread(target=run, args=(engine, number * len(engines) + which))
        for which, engine in enumerate(engines)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcome.record.result for outcome in found]


def test_two_reverses_of_a_burn_give_back_each_point_once(ada: Engine) -> None:
    ada.execute(earn(request_id="e"))
    burned = done(ada, burn(request_id="b"))

    found = rush(
        [ada],
        lambda n: reverse(request_id=f"r{n}", transaction_id=burned, points=30),
    )

    kinds = Counter(type(one) for one in found)
    assert kinds == {Transaction: 3, AlreadyReversed: THREADS - 3}
    assert balance(ada) == 90
    assert differences(ada.store) == []


def test_a_reverse_and_burns_that_race_spend_each_point_once(ada: Engine) -> None:
    earned = done(ada, earn(request_id="e"))

    found = rush(
        [ada],
        lambda n: burn(request_id=f"b{n}", points=20),
        lambda n: reverse(request_id=f"r{n}", transaction_id=earned, points=20),
    )

    taken = [one for one in found if isinstance(one, Transaction)]
    assert sum(one.postings[0].points for one in taken) == 100
    assert balance(ada) == 0
    assert differences(ada.store) == []


def test_two_servers_give_back_each_point_once(
    postgres_database: str, program: Program
) -> None:
    with (
        open_store(postgres_database, migrating=True) as one,
        open_store(postgres_database) as other,
        running_engine(one, program) as left,
        running_engine(other, program) as right,
    ):
        left.execute(create_member(request_id="ada"))
        left.execute(earn(request_id="e"))
        burned = done(left, burn(request_id="b"))
        found = rush(
            [left, right],
            lambda n: reverse(request_id=f"r{n}", transaction_id=burned, points=15),
        )
        has, what = balance(right), differences(one)

    assert Counter(type(result) for result in found)[Transaction] == 6
    assert (has, what) == (90, [])


def test_reverses_of_the_same_batch_see_each_other(ada: Engine) -> None:
    ada.execute(earn(request_id="e"))
    burned = done(ada, burn(request_id="b"))
    wanted = [
        reverse(request_id=f"r{number}", transaction_id=burned, points=points)
        for number, points in enumerate((60, 60, 40))
    ]

    found = carry_out(ada, *wanted)

    assert results(found) == [Transaction, AlreadyReversed, Transaction]
    assert result(found[1]) == AlreadyReversed(burned, 40, 60)
    assert differences(ada.store) == []


def test_what_a_batch_gives_back_can_be_burned_in_it(ada: Engine) -> None:
    ada.execute(earn(request_id="e"))
    burned = done(ada, burn(request_id="b"))

    found = carry_out(
        ada, reverse(transaction_id=burned), burn(request_id="again", points=100)
    )

    assert results(found) == [Transaction, Transaction]
    assert differences(ada.store) == []


def test_a_transaction_of_the_same_batch_is_not_known_yet(ada: Engine) -> None:
    first = done(ada, earn(request_id="e"))
    part, _, number = first.removeprefix("t").partition("-")
    guessed = f"t{part}-{int(number) + 1}"

    found = carry_out(
        ada, earn(request_id="e2"), reverse(request_id="r", transaction_id=guessed)
    )

    assert result(found[1]) == TransactionNotFound(guessed)
    assert differences(ada.store) == []


def test_a_repeated_reverse_is_answered_as_before(ada: Engine) -> None:
    ada.execute(earn(request_id="e"))
    command = reverse(transaction_id=done(ada, burn(request_id="b")))

    first, again = ada.execute(command), ada.execute(command)

    assert (again.record, again.replayed) == (first.record, True)
    assert balance(ada) == 100


def test_an_earn_of_the_same_batch_repays_what_a_reverse_leaves_owed(
    ada: Engine,
) -> None:
    earned = done(ada, earn(request_id="e"))
    ada.execute(burn(request_id="b"))

    carry_out(
        ada,
        reverse(transaction_id=earned, shortfall_policy=ShortfallPolicy.SHORTFALL),
        earn(request_id="e2", points=70),
    )

    assert balances(ada).shortfall == 30
    assert differences(ada.store) == []


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_earns_repay_until_nothing_is_owed(ada: Engine, *, in_one_batch: bool) -> None:
    earned = done(ada, earn(request_id="e"))
    ada.execute(burn(request_id="b"))
    ada.execute(
        reverse(transaction_id=earned, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )
    earns = [earn(request_id=f"e{number}", points=40) for number in range(4)]

    for batch in [earns] if in_one_batch else [[one] for one in earns]:
        carry_out(ada, *batch)

    assert (balances(ada).shortfall, balance(ada)) == (0, 60)
    assert rows(ada.store, "SELECT points FROM lot ORDER BY number") == [
        (100,),
        (20,),
        (40,),
    ]
    assert differences(ada.store) == []


def test_an_earn_reads_the_shortfall_of_those_who_owe_alone(ada: Engine) -> None:
    earned = done(ada, earn(request_id="e"))
    ada.execute(burn(request_id="b"))
    usual = len(statements_of(ada, earn(request_id="e1", points=10)))
    ada.execute(burn(request_id="b1", points=10))
    ada.execute(
        reverse(transaction_id=earned, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )

    owing = len(statements_of(ada, earn(request_id="e2", points=150)))

    assert owing == usual + 1
    assert len(statements_of(ada, earn(request_id="e3", points=150))) == usual


def statements_of(engine: Engine, command: Command) -> list[str]:
    """Returns the statements that a command takes."""
    with statements(engine.store.backend) as seen:
        engine.execute(command)
    return [sql for sql, _ in seen]


def test_more_lots_than_are_read_at_first_pay_for_a_clawback(ada: Engine) -> None:
    count = 3 * LOTS_READ
    earned = done(ada, earn(request_id="e", points=count, expire_time=NOON + DAY))
    ada.execute(burn(request_id="b", points=count))
    carry_out(
        ada, *(earn(request_id=f"e{number}", points=1) for number in range(count))
    )

    found = came_to(ada, reverse(transaction_id=earned))

    assert isinstance(found, Transaction)
    assert len(found.draws) == count
    assert (balance(ada), differences(ada.store)) == (0, [])


def test_a_refused_clawback_changes_nothing(ada: Engine) -> None:
    earned = done(ada, earn(request_id="e"))
    ada.execute(burn(request_id="b", points=70))

    found = came_to(ada, reverse(transaction_id=earned))

    assert found == InsufficientPoints("ada", "points", 30, 100)
    assert (balance(ada), differences(ada.store)) == (30, [])


@pytest.mark.parametrize("policy", ExpiredPolicy)
def test_what_has_expired_meanwhile_follows_the_policy(
    ada: Engine, clock: Clock, policy: ExpiredPolicy
) -> None:
    ada.execute(earn(request_id="e", expire_time=NOON + HOUR))
    burned = done(ada, burn(request_id="b"))
    clock.advance(DAY)
    grace = {"grace": DAY} if policy is ExpiredPolicy.REISSUE else {}

    ada.execute(reverse(transaction_id=burned, expired_policy=policy, **grace))

    expected = 100 if policy is ExpiredPolicy.REISSUE else 0
    assert (balance(ada), balances(ada).lifetime_expired) == (expected, 100 - expected)
    assert differences(ada.store) == []


def test_an_operator_adds_and_takes_points(ada: Engine) -> None:
    ada.execute(adjust(request_id="a1", points=50))

    found = came_to(
        ada, adjust(request_id="a2", points=20, direction=AdjustDirection.DEBIT)
    )

    assert isinstance(found, Transaction)
    assert (found.operator, found.balance_after) == ("grace", 30)
    assert (balance(ada), differences(ada.store)) == (30, [])


def test_a_validated_reverse_leaves_no_trace(ada: Engine) -> None:
    ada.execute(earn(request_id="e"))
    command = reverse(transaction_id=done(ada, burn(request_id="b")))

    ada.execute(command, validate_only=True)

    assert balance(ada) == 0
    assert not ada.execute(command).replayed


# What verification finds


@pytest.fixture
def reversed_once(ada: Engine) -> Engine:
    """Returns an engine in which half of a burn has been reversed."""
    ada.execute(earn(request_id="e"))
    burned = done(ada, burn(request_id="b"))
    ada.execute(reverse(transaction_id=burned, points=50))
    return ada


def found(store: Store, what: str) -> bool:
    """Says whether verification tells of it."""
    return any(what in difference for difference in differences(store))


def test_verification_finds_a_doubled_reverse(reversed_once: Engine) -> None:
    """Recorded once more behind the engine's back, with all that follows from it."""
    store = reversed_once.store
    for times in (1, 2):
        left = 50 + 50 * times
        body = f"""replace(body, 'after"\\:50', 'after"\\:{left}')"""
        run_sql(
            store,
            "INSERT INTO record SELECT"
            f" part, number + {times}, member_id, 'again-{times}', kind, channel,"
            " is_transaction, fingerprint, effective_time, record_time, reverses,"
            f" program_version, {body}, personal, chain"
            " FROM record WHERE request_id = 'r1' AND reverses > 0",
        )

    assert found(store, "reverses more than transaction")


def test_verification_finds_a_forgotten_reverse(reversed_once: Engine) -> None:
    run_sql(reversed_once.store, "UPDATE reversal SET reversed_points = 49")

    assert found(reversed_once.store, "reversal of 3 is stored as 49")


def test_verification_finds_a_forgiven_shortfall(ada: Engine) -> None:
    earned = done(ada, earn(request_id="e"))
    ada.execute(burn(request_id="b"))
    ada.execute(
        reverse(transaction_id=earned, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )
    run_sql(ada.store, "UPDATE account SET shortfall = 0")

    assert found(ada.store, "account ('member:ada', 'points') is stored as")


def test_verification_finds_expired_points_that_are_forgotten(
    ada: Engine, clock: Clock
) -> None:
    ada.execute(earn(request_id="e", expire_time=NOON + HOUR))
    burned = done(ada, burn(request_id="b"))
    clock.advance(DAY)
    ada.execute(reverse(transaction_id=burned))
    run_sql(ada.store, "UPDATE lot SET ended = 0")

    assert found(ada.store, "lot 1 is stored as")
