"""Kills servers under load, starts them again, and checks what they had promised."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random
from typing import Final

import psycopg
from sqlalchemy import make_url

from points.client import PointsClient, Unavailable
from tests.crash.checks import (
    Findings,
    check_absent,
    check_books,
    check_general,
    check_outcomes,
    check_transactions,
    verify,
)
from tests.crash.journal import Journal, Key
from tests.crash.load import SECONDS_MAX, load, resend
from tests.crash.program import program_flag
from tests.crash.traffic import MEMBERS, opening
from tests.postgresql.server import OwnPostgresServer
from tests.serving import ServerProcess


_SAMPLE: Final = 1_000
"""Older outcomes looked up after each kill; at the end it is all of them."""

_RESENT: Final = 50
"""Requests with an answer that are sent again after each kill."""

SWEEPING: Final = "--sweep-interval-seconds=0.1"
"""How servers under this load are started: all that is due is recorded at the end."""

SERVER: Final = "points"
POSTMASTER: Final = "all of PostgreSQL"
BACKEND: Final = "a backend of PostgreSQL"


@dataclass
class Crashes:
    """Is a run of kills on one database, each under load.

    Where `postgres` is given the kills take turns: our server, all of PostgreSQL,
    and one of its backends, after which it restarts by itself.
    """

    database_url: str
    folder: Path
    threads: int = 6
    seconds_max: float = 0.8
    seed: int = 0
    minutes_max: float = inf
    postgres: OwnPostgresServer | None = None
    journal: Journal = field(default_factory=Journal)
    victims: list[str] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(
        self, kills: int, on_kill: Callable[[Findings], None] = lambda _: None
    ) -> Findings:
        """Kills so often, or until the minutes are over.

        Returns what was found of everything at the end; `on_kill` is called with
        what was found after each kill.
        """
        chance = Random(self.seed)  # noqa: S311 - chance, no secret
        deadline = time.monotonic() + self.minutes_max * 60
        wrong: list[str] = []
        with self._stack:
            server = self._start()
            with PointsClient(server.address, timeout_seconds=SECONDS_MAX) as client:
                client.ledger.BatchWrite(opening())
            for number in range(kills):
                if time.monotonic() > deadline:
                    break
                known = list(self.journal.acknowledged)
                server = self._load_and_kill(server, number, chance)
                recent = self.journal.acknowledged.keys() - set(known)
                sample = chance.sample(known, min(_SAMPLE, len(known)))
                findings = self._check(server, [*recent, *sample])
                wrong += findings.wrong
                on_kill(findings)
            total = check_everything(server.address, self.journal)
            total.add(verify(self.database_url, self.folder))
        total.wrong = wrong + total.wrong
        return total

    def _start(self) -> ServerProcess:
        server = ServerProcess.start(
            self.database_url,
            "--migrate",
            "--log-level=warning",
            SWEEPING,
            program_flag(self.folder),
            folder=self.folder,
        )
        self._stack.callback(server.kill)
        return server

    def _load_and_kill(
        self, server: ServerProcess, number: int, chance: Random
    ) -> ServerProcess:
        """Returns the server that runs after the kill."""
        victims = [SERVER, POSTMASTER, BACKEND] if self.postgres else [SERVER]
        victim = victims[number % len(victims)]
        self.victims.append(victim)
        before, after = chance.uniform(0, self.seconds_max), chance.uniform(0, 0.5)
        with load(
            [server.address],
            self.journal,
            threads=self.threads,
            seed=self.seed * 1_000 + number,
            is_enduring=victim != SERVER,
        ) as answered:
            answered.wait()
            time.sleep(before)
            self._kill(server, victim)
            # Nothing is left to send to once our own server is dead.
            time.sleep(0 if victim == SERVER else after)
        return self._start() if victim == SERVER else server

    def _kill(self, server: ServerProcess, victim: str) -> None:
        if victim == SERVER:
            server.kill()
            return
        assert self.postgres is not None
        if victim == POSTMASTER:
            self.postgres.kill()
            self.postgres.start()
        else:
            kill_backend(self.database_url)

    def _check(self, server: ServerProcess, keys: Collection[Key]) -> Findings:
        _wait_until_there(server)
        with PointsClient(server.address, timeout_seconds=SECONDS_MAX) as client:
            findings = check_outcomes(client, self.journal, keys)
            resend(client, self.journal, recent_count=_RESENT)
            findings.add(check_books(client, self.journal))
        self.journal.contradictions.clear()
        return findings


def kill_backend(database_url: str) -> None:
    """Kills one of the processes that serve this database, if there is one."""
    url = make_url(database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " ORDER BY random() LIMIT 1"
        ).fetchone()
    if found is not None:
        os.kill(found[0], signal.SIGKILL)


def check_everything(address: str, journal: Journal) -> Findings:
    """Checks all that was ever answered; nothing may be in doubt any more."""
    with PointsClient(address, timeout_seconds=SECONDS_MAX) as client:
        findings = check_outcomes(client, journal, journal.acknowledged)
        findings.add(check_absent(client, journal))
        findings.add(check_transactions(client, journal))
        findings.add(check_general(client, journal))
        findings.add(check_books(client, journal))
    return findings


def _wait_until_there(server: ServerProcess) -> None:
    """Waits until the server has its database back."""
    deadline = time.monotonic() + SECONDS_MAX
    with PointsClient(server.address) as client:
        while True:
            try:
                client.get_member(MEMBERS[0])
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
            else:
                return
