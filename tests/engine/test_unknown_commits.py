"""Commits whose outcome is unknown: settled by looking, never by guessing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points.domain.refusals import StoreUnavailable
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.engine.jobs import Outcome
from points.engine.writer import WriterLimits
from points.store.opening import Store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    answers,
    balance,
    carry_out,
    differences,
    record_of,
    results,
    submit,
)
from tests.postgresql.proxy import TcpProxy


ADA = create_member(request_id="ada")
MOMENTS = ["cut_before", "cut_after"]


@pytest.fixture
def distant_engine(distant_store: Store, make_engine: Callable[..., Engine]) -> Engine:
    """Returns an engine on that store that knows Ada."""
    engine = make_engine(distant_store)
    carry_out(engine, ADA)
    return engine


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_commit_that_is_lost_is_answered_as_a_success(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str
) -> None:
    cut = getattr(postgres_proxy, moment)(b"COMMIT")

    outcome = distant_engine.execute(earn())

    assert cut.is_set()
    assert isinstance(outcome.record.result, Transaction)
    assert not outcome.replayed


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_commit_that_is_lost_happens_once(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str
) -> None:
    getattr(postgres_proxy, moment)(b"COMMIT")

    distant_engine.execute(earn())

    assert balance(distant_engine) == 100
    assert differences(distant_engine.store) == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_request_after_a_lost_commit_is_a_replay(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str
) -> None:
    getattr(postgres_proxy, moment)(b"COMMIT")
    first = distant_engine.execute(earn())

    again = distant_engine.execute(earn())

    assert again == Outcome(first.record, replayed=True)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_request_that_is_twice_in_a_lost_batch_is_replayed_once(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str
) -> None:
    getattr(postgres_proxy, moment)(b"COMMIT")

    first, again = carry_out(distant_engine, earn(), earn())

    assert (first, again) == (
        Outcome(record_of(first), replayed=False),
        Outcome(record_of(first), replayed=True),
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_atomic_job_survives_a_lost_commit(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str
) -> None:
    getattr(postgres_proxy, moment)(b"COMMIT")

    found = carry_out(distant_engine, earn(), burn(request_id="r2"), atomic=True)

    assert results(found) == [Transaction, Transaction]
    assert balance(distant_engine) == 0


def test_a_commit_that_is_lost_twice_is_answered_as_a_success(
    distant_engine: Engine, postgres_proxy: TcpProxy
) -> None:
    cuts = [postgres_proxy.cut_after(b"COMMIT") for _ in range(2)]

    outcome = distant_engine.execute(earn())

    assert [cut.is_set() for cut in cuts] == [True, True]
    assert not outcome.replayed


@pytest.mark.parametrize(
    "needle", [b"FOR NO KEY UPDATE", b"FROM unnest", b"INSERT INTO record"]
)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_batch_that_is_lost_on_its_way_is_run_again(
    distant_engine: Engine, postgres_proxy: TcpProxy, moment: str, needle: bytes
) -> None:
    distant_engine.execute(earn(request_id="points"))
    cut = getattr(postgres_proxy, moment)(needle)

    outcome = distant_engine.execute(burn())

    assert cut.is_set()
    assert (outcome.replayed, balance(distant_engine)) == (False, 0)


def test_a_database_that_stays_away_makes_the_writer_give_up(
    distant_store: Store,
    postgres_proxy: TcpProxy,
    make_engine: Callable[..., Engine],
) -> None:
    impatient = WriterLimits(patience_seconds=0.1)
    engine = make_engine(distant_store, limits=impatient)
    postgres_proxy.cut()

    found = carry_out(engine, ADA, earn())

    assert results(found) == [StoreUnavailable] * 2


def test_a_database_that_comes_back_in_time_is_waited_for(
    distant_engine: Engine, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()
    waiting = submit(distant_engine, earn())
    postgres_proxy.heal()

    assert results(answers(waiting)) == [Transaction]


def test_what_was_given_up_can_be_repeated(
    distant_store: Store,
    postgres_proxy: TcpProxy,
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(distant_store, limits=WriterLimits(patience_seconds=0.0))
    postgres_proxy.cut()
    carry_out(engine, ADA)
    postgres_proxy.heal()
    carry_out(engine, ADA)

    (answer,) = carry_out(engine, earn())

    assert isinstance(record_of(answer).result, Transaction)


def test_a_commit_that_was_given_up_though_it_happened_is_a_replay(
    distant_engine: Engine,
    distant_store: Store,
    postgres_proxy: TcpProxy,
    make_engine: Callable[..., Engine],
) -> None:
    impatient = make_engine(distant_store, limits=WriterLimits(patience_seconds=0.0))
    postgres_proxy.cut_after(b"COMMIT")
    given_up = carry_out(impatient, earn())

    again = distant_engine.execute(earn())

    assert results(given_up) == [StoreUnavailable]
    assert again.replayed
