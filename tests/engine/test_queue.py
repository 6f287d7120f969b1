"""The queue: bounded, in order, and emptied before the writer ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import pytest

from points.domain.program import Program
from points.domain.refusals import QueueFull, ServerStopping
from points.domain.values import Transaction
from points.engine import gaps, writer
from points.engine.engine import Engine, running_engine, system_clock
from points.engine.gaps import Gaps
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import burn, create_member, earn
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


def stopped_clock() -> SimpleNamespace:
    """Returns the writer's modules of time, in which none passes."""
    return SimpleNamespace(monotonic=lambda: 0.0, perf_counter=lambda: 0.0)


def test_what_can_wait_goes_behind_callers_who_came_later(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "time", stopped_clock())
    with held_engine(store, program, ADA) as (engine, gate):
        waiting = submit(engine, earn(request_id="w"), can_wait=True)
        for number in range(2):
            submit(engine, earn(request_id=f"e{number}"))
        gate.open.set()
        last = record_of(only_answer(waiting)).number

    assert gate.sizes == [1, 2, 1]
    assert last == 4


def test_what_can_wait_goes_along_with_callers_who_leave_no_gap(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=count(0, 10).__next__, perf_counter=lambda: 0.0)
    monkeypatch.setattr(writer, "time", clock)
    with held_engine(store, program, ADA) as (engine, gate):
        for number in range(2):
            submit(engine, earn(request_id=f"w{number}"), can_wait=True)
            call = submit(engine, earn(request_id=f"e{number}"))
        gate.open.set()
        answers(call)

    assert gate.sizes == [1, 3, 1]


def wait_until_ending(engine: Engine) -> None:
    """Returns once the writer's queue has its end."""
    with suppress(ServerStopping):
        while True:
            engine.writer.submit([])


def test_what_can_wait_is_carried_out_once_at_the_end_though_some_of_it_takes_two(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(gaps, "SHARE", 1)
    with running_engine(store, program, clock=Clock()) as engine:
        carry_out(engine, ADA, *(earn(request_id=f"lot-{n}") for n in range(40)))
    with held_engine(store, program, earn()) as (engine, gate):
        submit(engine, burn(points=4_000, request_id="all"), can_wait=True)
        submit(engine, create_member(member_id="bob"), can_wait=True)
        ending = threading.Thread(target=engine.writer.stop)
        ending.start()
        wait_until_ending(engine)
        gate.open.set()
        ending.join()

    assert gate.sizes == [1, 1, 1]
    assert engine.writer.waiting_count == 0


def test_what_can_wait_fills_batches_while_nobody_calls(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=count(0, 10).__next__, perf_counter=lambda: 0.0)
    monkeypatch.setattr(writer, "time", clock)
    with held_engine(store, program, ADA, batch_limit=4) as (engine, gate):
        futures = [
            submit(engine, earn(request_id=f"w{number}"), can_wait=True)
            for number in range(6)
        ]
        gate.open.set()
        found = [only_answer(future) for future in futures]

    assert gate.sizes == [1, 4, 2]
    assert [record_of(each).number for each in found] == list(range(2, 8))


def test_what_can_wait_goes_on_by_itself_once_its_rest_is_over(
    make_engine: Callable[..., Engine], store: Store
) -> None:
    engine = make_engine(store)
    carry_out(engine, ADA)

    for number in range(3):
        carry_out(engine, earn(request_id=f"w{number}"), can_wait=True)

    assert outcome_count(store) == 4


def test_an_ending_writer_waits_for_no_gap(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "time", stopped_clock())
    never = Gaps(called=0.0, rest_end=float("inf"))
    monkeypatch.setattr(writer, "Gaps", lambda: never)
    with held_engine(store, program, ADA) as (engine, gate):
        waiting = submit(engine, earn(request_id="w"), can_wait=True)
        gate.open.set()
        carry_out(engine, earn(request_id="e"))
        assert not waiting.done()

    assert waiting.done()
    assert outcome_count(store) == 3


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
