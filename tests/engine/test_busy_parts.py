"""Busy parts: what another server holds is left for later, and waited for at last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from typing import Final

import pytest

from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.values import Member, Transaction
from points.engine.engine import Engine, running_engine
from points.engine.writer import ROUNDS_MAX
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.clock import Clock
from tests.domain.build import create_member, earn
from tests.engine.build import answers, differences, held_engine, results, submit


BUSY: Final = "ada"
FREE: Final = "bob"


@contextmanager
def held_part(store: Store, member_id: str) -> Iterator[None]:
    """Holds the part of a member as another server would."""
    with open_batch(store.backend) as batch:
        batch.lock({part_of(member_id, store.part_count)}, wait=True)
        yield


def free_names(store: Store) -> Iterator[str]:
    """Yields members whose parts are free while that of the busy one is held."""
    busy = part_of(BUSY, store.part_count)
    names = (f"{FREE}{number}" for number in count())
    return (name for name in names if part_of(name, store.part_count) != busy)


@pytest.fixture
def engine(postgresql_store: Store, program: Program) -> Iterator[Engine]:
    """Yields an engine on PostgreSQL."""
    with running_engine(postgresql_store, program, clock=Clock()) as running:
        yield running


def test_a_job_of_a_busy_part_is_carried_out_once_it_is_free(engine: Engine) -> None:
    with held_part(engine.store, BUSY):
        waiting = submit(engine, create_member(member_id=BUSY))

    assert results(answers(waiting)) == [Member]


def test_a_job_with_one_busy_part_waits_as_a_whole(engine: Engine) -> None:
    with held_part(engine.store, BUSY):
        waiting = submit(
            engine,
            create_member(member_id=FREE),
            create_member(member_id=BUSY),
            earn(member_id=FREE, request_id="r2"),
        )

    assert results(answers(waiting)) == [Member, Member, Transaction]
    assert differences(engine.store) == []


def test_jobs_of_free_parts_do_not_wait_for_busy_ones(
    postgresql_store: Store, program: Program
) -> None:
    """But not for ever: after a few rounds the busy one is waited for."""
    start = create_member(member_id="start")
    with held_engine(postgresql_store, program, start, batch_limit=2) as (engine, gate):
        waiting = submit(engine, create_member(member_id=BUSY))
        others = [
            submit(engine, create_member(member_id=name))
            for name in islice(free_names(postgresql_store), ROUNDS_MAX + 1)
        ]
        with held_part(postgresql_store, BUSY):
            gate.open.set()
            meanwhile = [results(answers(other)) for other in others[:ROUNDS_MAX]]
            still_waiting = not waiting.done()

    assert (still_waiting, meanwhile) == (True, [[Member]] * ROUNDS_MAX)
    assert results(answers(waiting)) == results(answers(others[-1])) == [Member]
