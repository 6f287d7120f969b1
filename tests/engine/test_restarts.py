"""Restarts: a PostgreSQL that is killed under load loses nothing it acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

import pytest

from points.domain.program import Program
from points.domain.refusals import StoreUnavailable
from points.engine.engine import Engine, running_engine
from points.engine.writer import WriterLimits
from points.store.opening import open_store
from tests.domain.build import create_member, earn
from tests.engine.build import balance, differences, outcome_count
from tests.postgresql.server import OwnPostgresServer


THREADS: Final = 4
SECONDS: Final = 0.3


@pytest.fixture
def own_engine(
    own_postgres_server: OwnPostgresServer, program: Program
) -> Iterator[Engine]:
    """Yields an engine that knows Ada, on a server that may be killed."""
    own_postgres_server.create_database("points")
    url = own_postgres_server.url("points")
    limits = WriterLimits(patience_seconds=0.05)
    with (
        open_store(url, migrating=True) as store,
        running_engine(store, program, limits=limits) as engine,
    ):
        engine.execute(create_member(request_id="ada"))
        yield engine


@dataclass
class Load:
    """Is what callers have sent, and which of it was acknowledged or refused."""

    engine: Engine
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Starts to earn points for Ada from several threads."""
        names = [f"thread{number}" for number in range(THREADS)]
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in names]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the threads."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str) -> None:
        number = 0
        while not self._ending.is_set():
            number += 1
            request_id = f"{name}-{number}"
            try:
                self.engine.execute(earn(request_id=request_id, points=1))
            except StoreUnavailable:
                self.refused.append(request_id)
            else:
                self.acknowledged.append(request_id)


@pytest.fixture
def load(own_engine: Engine, own_postgres_server: OwnPostgresServer) -> Load:
    """Returns a load during which the server was killed and started again."""
    with Load(own_engine) as load:
        time.sleep(SECONDS)
        own_postgres_server.kill()
        time.sleep(SECONDS)
        own_postgres_server.start()
        time.sleep(SECONDS)
    # The connections of the readers are those to the killed server.
    own_engine.store.backend.reading.dispose()
    return load


def test_a_killed_database_loses_nothing_that_was_acknowledged(load: Load) -> None:
    for request_id in load.refused:
        load.engine.execute(earn(request_id=request_id, points=1))

    sent = len(load.acknowledged) + len(load.refused)
    assert (load.acknowledged != [], load.refused != []) == (True, True)
    assert (balance(load.engine), outcome_count(load.engine.store)) == (sent, sent + 1)
    assert differences(load.engine.store) == []


def test_what_was_acknowledged_is_replayed(load: Load) -> None:
    replayed = [
        load.engine.execute(earn(request_id=request_id, points=1)).replayed
        for request_id in load.acknowledged
    ]

    assert replayed == [True] * len(load.acknowledged)
