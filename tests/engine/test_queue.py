"""The queue: bounded, in order, and emptied before the writer ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from types import SimpleNamespace

import pytest

from points.domain.program import Program
from points.domain.refusals import QueueFull, ServerStopping
from points.domain.values import Transaction
from points.engine import writer
from points.engine.engine import Engine, running_engine, system_clock
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import create_member, earn
from tests.engine.build import (
    PATIENCE_SECONDS,
    answers,
    balance,
    carry_out,
    differences,
    held_engine,
    job,
    only_answer,
    outcome_count,
    record_of,
    result,
    submit,
)


ADA = create_member(request_id="ada")


def test_jobs_that_wait_go_into_one_batch(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA) as (engine, gate):
        for number in range(5):
            submit(engine, earn(request_id=f"e{number}"))

    assert gate.sizes == [1, 5]


def test_callers_who_went_together_wait_a_moment_for_each_other(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As long as a batch takes, the next may wait: by this clock ten seconds.
    clock = SimpleNamespace(monotonic=count(0, 10).__next__, perf_counter=lambda: 0.0)
    monkeypatch.setattr(writer, "time", clock)
    held = held_engine(store, program, ADA, gather_seconds=10.0, batch_limit=8)
    with held as (engine, gate):
        for number in range(3):
            submit(engine, earn(request_id=f"e{number}"))
        gate.open.set()
        time.sleep(0.2)  # Without a wait the writer would have gone on by now.
        submit(engine, earn(request_id="e3"))

    assert gate.sizes == [1, 4]


def test_a_batch_takes_no_more_commands_than_its_limit(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA, batch_limit=2) as (engine, gate):
        for number in range(5):
            submit(engine, earn(request_id=f"e{number}"))

    assert gate.sizes == [1, 2, 2, 1]


def test_a_job_larger_than_a_batch_is_a_batch_of_its_own(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA, batch_limit=2) as (engine, _gate):
        large = submit(engine, *(earn(request_id=f"e{number}") for number in range(9)))

    assert [type(result(answer)) for answer in answers(large)] == [Transaction] * 9


def test_jobs_are_carried_out_in_the_order_in_which_they_came(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA, batch_limit=3) as (engine, _gate):
        futures = [submit(engine, earn(request_id=f"e{number}")) for number in range(9)]

    numbers = [record_of(only_answer(future)).number for future in futures]
    assert numbers == list(range(2, 11))


def test_a_full_queue_refuses_a_job(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA, queue_limit=2) as (engine, _gate):
        submit(engine, earn(request_id="e1"), earn(request_id="e2"))

        with pytest.raises(QueueFull) as refused:
            submit(engine, earn(request_id="e3"))

    assert refused.value == QueueFull(2)


def test_a_full_queue_refuses_a_job_that_would_not_fit_whole(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA, queue_limit=2) as (engine, _gate):
        submit(engine, earn(request_id="e1"))

        with pytest.raises(QueueFull):
            submit(engine, earn(request_id="e2"), earn(request_id="e3"))


def test_nothing_of_a_refused_job_is_queued(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA, queue_limit=1) as (engine, _gate):
        submit(engine, earn(request_id="e1"))
        with pytest.raises(QueueFull):
            submit(engine, earn(request_id="e2"))

    assert outcome_count(store) == 2


def test_an_idle_writer_takes_a_job_of_any_size(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA, queue_limit=2) as (engine, _gate):
        large = submit(engine, *(earn(request_id=f"e{number}") for number in range(9)))

    assert len(answers(large)) == 9


def test_a_queue_that_was_full_takes_jobs_again(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA, queue_limit=1) as (engine, gate):
        first = submit(engine, earn(request_id="e1"))
        gate.open.set()
        answers(first)

        second = submit(engine, earn(request_id="e2"))

    assert record_of(only_answer(second)).number == 3


def test_an_ending_writer_carries_out_all_that_waits(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA, batch_limit=2) as (engine, _gate):
        futures = [submit(engine, earn(request_id=f"e{number}")) for number in range(9)]

    assert [future.done() for future in futures] == [True] * 9
    assert outcome_count(store) == 10


def test_an_ended_writer_refuses_jobs(store: Store, program: Program) -> None:
    with running_engine(store, program) as engine:
        pass

    with pytest.raises(ServerStopping):
        submit(engine, ADA)


def test_an_ending_writer_refuses_jobs(store: Store, program: Program) -> None:
    with held_engine(store, program, ADA) as (engine, gate):
        stopping = threading.Thread(target=engine.writer.stop)
        stopping.start()
        refused = _refused_in_the_end(engine)
        gate.open.set()
        stopping.join()

    assert refused


def _refused_in_the_end(engine: Engine) -> bool:
    """Submits jobs until one is refused for the writer is ending."""
    for number in range(5_000):
        try:
            submit(engine, earn(request_id=f"e{number}"))
        except ServerStopping:
            return True
        time.sleep(0.001)
    return False


def test_many_threads_may_submit_at_once(
    store: Store, make_engine: Callable[..., Engine]
) -> None:
    engine = make_engine(store)
    carry_out(engine, ADA)

    def earn_some(name: str) -> None:
        for number in range(25):
            engine.execute(earn(request_id=f"{name}{number}", points=1))

    threads = [threading.Thread(target=earn_some, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (balance(engine), differences(store)) == (100, [])


def test_a_caller_that_gives_up_does_not_stop_the_writer(
    store: Store, make_engine: Callable[..., Engine]
) -> None:
    engine = make_engine(store)
    given_up: Future[object] = Future()
    given_up.cancel()
    engine.submit([(job(engine, ADA), given_up)])

    (answer,) = carry_out(engine, earn())

    assert isinstance(result(answer), Transaction)


def test_answers_that_cannot_be_delivered_do_not_stop_the_writer(
    store: Store, make_engine: Callable[..., Engine]
) -> None:
    def fail(_batch: object) -> None:
        raise RuntimeError

    unheard = make_engine(store, deliver=fail)
    submit(unheard, ADA)
    submit(unheard, earn())
    unheard.writer.stop()

    assert outcome_count(store) == 2


class PowerLossError(BaseException):
    """Is raised where nothing may be raised."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_takes_no_more_jobs(
    store: Store, make_engine: Callable[..., Engine]
) -> None:
    def fail(_batch: object) -> None:
        raise PowerLossError

    engine = make_engine(store, deliver=fail)
    submit(engine, ADA)
    engine.writer._thread.join(PATIENCE_SECONDS)  # noqa: SLF001 - nothing else tells

    with pytest.raises(ServerStopping):
        submit(engine, earn())


def test_without_a_clock_of_its_own_an_engine_tells_the_time_of_the_machine(
    store: Store, program: Program
) -> None:
    before = system_clock()
    with running_engine(store, program) as engine:
        outcome = engine.execute(ADA)

    assert before <= outcome.record.record_time <= system_clock()


def test_record_time_never_runs_backwards(engine: Engine, clock: Clock) -> None:
    first = engine.execute(ADA)
    clock.advance(-1_000_000)

    second = engine.execute(earn())

    assert second.record.record_time == first.record.record_time


def test_time_goes_on_once_the_clock_has_caught_up(
    engine: Engine, clock: Clock
) -> None:
    first = engine.execute(ADA)
    clock.advance(-1_000_000)
    engine.execute(earn())
    clock.advance(1_000_001)

    third = engine.execute(earn(request_id="r3"))

    assert third.record.record_time == first.record.record_time + 1
    assert differences(engine.store) == []
