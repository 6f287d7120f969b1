"""Kills a server under load, starts it again, and checks what it had promised."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from points.client import PointsClient
from tests.crash.checks import (
    Findings,
    check_absent,
    check_outcomes,
    check_transactions,
    verify,
)
from tests.crash.journal import Journal, Key
from tests.crash.load import load, resend
from tests.crash.traffic import opening
from tests.serving import ServerProcess


_SAMPLE: Final = 1_000
"""Older outcomes looked up after each kill; at the end it is all of them."""


@dataclass
class Crashes:
    """Is a run of kills of one server after the other on one database."""

    database_url: str
    folder: Path
    threads: int = 6
    seconds_max: float = 0.8
    seed: int = 0
    journal: Journal = field(default_factory=Journal)

    def run(
        self, kills: int, on_kill: Callable[[Findings], None] = lambda _: None
    ) -> Findings:
        """Kills so many servers; returns what was found of everything at the end.

        `on_kill` is called with what was found after each kill.
        """
        chance = Random(self.seed)  # noqa: S311 - chance, no secret
        wrong: list[str] = []
        with ExitStack() as stack:
            server = self._start(stack)
            with PointsClient(server.address) as client:
                client.ledger.BatchWrite(opening())
            for number in range(kills):
                known = list(self.journal.acknowledged)
                seconds = chance.uniform(0.0, self.seconds_max)
                self._load_and_kill(server, seconds, seed=number)
                server = self._start(stack)
                recent = self.journal.acknowledged.keys() - set(known)
                sample = chance.sample(known, min(_SAMPLE, len(known)))
                findings = self._check(server, [*recent, *sample])
                wrong += findings.wrong
                on_kill(findings)
            total = check_everything(server.address, self.journal)
        total.wrong = wrong + total.wrong
        return total

    def _start(self, stack: ExitStack) -> ServerProcess:
        server = ServerProcess.start(
            self.database_url, "--migrate", "--log-level=warning", folder=self.folder
        )
        stack.callback(server.kill)
        return server

    def _load_and_kill(
        self, server: ServerProcess, seconds: float, *, seed: int
    ) -> None:
        addresses = [server.address]
        with load(addresses, self.journal, threads=self.threads, seed=seed) as answered:
            answered.wait()
            time.sleep(seconds)
            server.kill()

    def _check(self, server: ServerProcess, keys: Collection[Key]) -> Findings:
        with PointsClient(server.address) as client:
            findings = check_outcomes(client, self.journal, keys)
            resend(client, self.journal)
        findings.add(verify(self.database_url, self.folder))
        return findings


def check_everything(address: str, journal: Journal) -> Findings:
    """Checks all that was ever answered; nothing may be in doubt any more."""
    with PointsClient(address, timeout_seconds=30) as client:
        findings = check_outcomes(client, journal, journal.acknowledged)
        findings.add(check_absent(client, journal))
        findings.add(check_transactions(client, journal))
    return findings
