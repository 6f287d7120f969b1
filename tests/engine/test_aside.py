"""What can wait: put aside for callers, and carried out once for all that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from points.domain.program import Program
from points.domain.refusals import ServerStopping
from points.engine import gaps, writer
from points.engine.aside import Aside
from points.engine.engine import Engine, running_engine
from points.engine.gaps import WAYS_MAX, Gaps
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    answers,
    carry_out,
    differences,
    held_engine,
    only_answer,
    outcome_count,
    record_of,
    submit,
)


ADA = create_member(request_id="ada")


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


@pytest.fixture
def interrupted(store: Store, program: Program) -> Iterator[Interrupted]:
    with running_engine(store, program, clock=Clock()) as engine:
        carry_out(engine, ADA)
        yield Interrupted(engine)
        store.backend.on_statement = None


class Interrupted:
    """Has a caller come at the nth statement of a batch that can wait."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen = 0

    def alone(self) -> int:
        """Returns how many statements a batch takes that nobody disturbs."""
        record_of(only_answer(self._waiting(0, [])))
        return self.seen

    def at(self, place: int) -> tuple[int, int]:
        """Returns the numbers of the records: of the caller, and of what could wait."""
        calls: list[Future[Any]] = []
        later = record_of(only_answer(self._waiting(place, calls))).number
        return record_of(only_answer(calls[0])).number, later

    def _waiting(self, place: int, calls: list[Future[Any]]) -> Future[Any]:
        self.seen = 0

        def on_statement(_sql: str, _values: object) -> None:
            self.seen += 1
            if self.seen == place:
                calls.append(submit(self.engine, earn(request_id=f"e{place}")))

        self.engine.store.backend.on_statement = on_statement
        return submit(self.engine, earn(request_id=f"w{place}"), can_wait=True)


def test_what_can_wait_gives_way_to_a_caller_who_comes_before_it_is_committed(
    interrupted: Interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "LATE_SECONDS", 60.0)  # however busy the machine is
    tally = interrupted.engine.writer.tally
    places = interrupted.alone()
    assert places >= 5
    for place in range(1, places + 1):
        called, waited = interrupted.at(place)
        assert called < waited
        assert tally.gave_way == place

    assert outcome_count(interrupted.engine.store) == 2 * places + 2
    assert differences(interrupted.engine.store) == []


def test_what_gave_way_for_too_long_gives_way_no_more(
    interrupted: Interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(gaps, "SHARE", 1)

    called, waited = interrupted.at(1)

    assert waited < called
    assert interrupted.engine.writer.tally.gave_way == 0


def ended(aside: Aside, *, waiting: int) -> None:
    """Has a batch of one that can wait end, with so many callers behind it."""
    aside.batch_ended(0.0, 0.0, calls=0, others=1, waiting=waiting)


def test_what_no_gap_is_long_enough_for_tries_twice_and_then_no_more_for_a_while() -> (
    None
):
    aside = Aside(Gaps())

    tries = 0
    while aside.gives_way(0.0):
        aside.put_back([])
        tries += 1
    assert tries == WAYS_MAX
    ended(aside, waiting=1)
    assert not aside.gives_way(0.0)
    ended(aside, waiting=0)
    assert aside.gives_way(0.0)


def test_what_had_to_wait_for_nobody_gives_way_again() -> None:
    aside = Aside(Gaps())

    aside.put_back([])
    ended(aside, waiting=1)

    assert aside.gives_way(0.0)
    aside.put_back([])
    assert aside.gives_way(0.0)


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
