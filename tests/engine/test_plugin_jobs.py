"""Jobs of plugins: they run once, when they are due, and end if they keep failing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from points.engine.engine import Engine
from points.engine.jobs import Job
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.job_runner import run_due_jobs
from points.engine.sweeper import sweep
from points.plugin import Context, Run
from points.store.opening import Store
from tests.clock import NOON, SECOND
from tests.engine.build import balance, carry_out, differences
from tests.engine.build_plugins import MakeEngine, documents, with_members
from tests.engine.ledger import advance
from tests.engine.shop import Message, Shop, call
from tests.store.build import rows


def later(context: Context, request: Message) -> Message:
    """Has the job stamp a board later."""
    context.schedule("close", request.at, owner="b", body={"by": request.member_id})
    return Message()


def close(context: Context, run: Run) -> None:
    """Gives whoever has asked a point."""
    context.ledger.earn(1, member_id=run.body["by"])


def run_jobs(engine: Engine) -> list[Any]:
    """Runs what is due, and returns what the runs came to."""
    found: list[Any] = []
    run_due_jobs(engine, found.append, threading.Event())
    return found


def test_a_job_runs_once_it_is_due(make_engine: MakeEngine, store: Store) -> None:
    shop = Shop(extra={"Later": later}, jobs={"close": close})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    carry_out(engine, call("Later", at=NOON + SECOND))

    assert run_jobs(engine) == []
    advance(engine, SECOND)
    assert sweep(engine).run_jobs == 1
    assert run_jobs(engine) == []

    assert balance(engine) == 101
    assert documents(store, "job:close") == {}
    assert differences(store) == []


def test_a_job_that_was_called_off_does_not_run(
    make_engine: MakeEngine, store: Store
) -> None:
    def off(context: Context, _request: Message) -> Message:
        context.unschedule("close", owner="b")
        return Message()

    shop = Shop(extra={"Later": later, "Off": off}, jobs={"close": close})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    carry_out(engine, call("Later", at=NOON))

    carry_out(engine, call("Off", request_id="o"))

    assert run_jobs(engine) == []


def in_chunks(count: int) -> Shop:
    """Returns a shop with a job that runs so many times, each one at once."""

    def chunk(context: Context, run: Run) -> None:
        left = run.body["left"]
        context.ledger.earn(1, member_id="ada")
        if left > 1:
            body = {"left": left - 1}
            context.schedule("chunk", run.due_time, owner=run.owner, body=body)

    def begin(context: Context, _request: Message) -> Message:
        context.schedule("chunk", context.now, owner="b", body={"left": count})
        return Message()

    return Shop(extra={"Begin": begin}, jobs={"chunk": chunk})


def test_a_job_may_have_itself_run_again_at_once(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = with_members(make_engine(store, plugins=in_chunks(5).plugins()))
    carry_out(engine, call("Begin"))

    assert len(run_jobs(engine)) == 5
    assert balance(engine) == 105


def test_a_run_of_a_job_waits_for_a_gap_that_callers_leave(
    make_engine: MakeEngine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_members(make_engine(store, plugins=in_chunks(2).plugins()))
    carry_out(engine, call("Begin"))
    queued, submit_now = list[Job](), engine.writer.submit

    def note(jobs: Sequence[tuple[Job, object]]) -> None:
        queued.extend(each for each, _ in jobs)
        submit_now(jobs)

    monkeypatch.setattr(engine.writer, "submit", note)
    run_jobs(engine)

    assert [each.can_wait for each in queued] == [True, True]


def test_two_servers_run_a_job_once(
    make_engine: MakeEngine, postgresql_store: Store
) -> None:
    shop = Shop(extra={"Later": later}, jobs={"close": close})
    engines = [make_engine(postgresql_store, plugins=shop.plugins()) for _ in range(2)]
    with_members(engines[0])
    for number in range(10):
        body = call("Later", request_id=f"l{number}", at=NOON)
        carry_out(engines[0], body)
        threads = [threading.Thread(target=run_jobs, args=(e,)) for e in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert balance(engines[0]) == 110
    assert differences(postgresql_store) == []


class NeverOpen(Breaker):
    """Leaves nothing alone."""

    def is_open(self, hook: tuple[str, str], home: str) -> bool:
        """Says no."""
        del hook, home
        return False


def test_a_job_that_fails_is_tried_again_with_longer_pauses_and_given_up(
    make_engine: MakeEngine, store: Store
) -> None:
    def fail(context: Context, _run: Run) -> None:
        context.ledger.earn(1, member_id="ada")
        raise RuntimeError

    shop = Shop(extra={"Later": later}, jobs={"close": fail})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    engine.plugins.breaker = NeverOpen()
    carry_out(engine, call("Later", at=NOON))

    pauses = []
    while documents(store, "job:close"):
        run_jobs(engine)
        due = rows(
            store, "SELECT due_time FROM document WHERE collection = 'job:close'"
        )
        pauses += [each - engine.clock() for (each,) in due]
        advance(engine, pauses[-1])

    assert pauses == [SECOND << n for n in range(9)]
    assert documents(store, "failed:close")["b"]["attempt"] == 10
    assert balance(engine) == 100
    assert differences(store) == []
