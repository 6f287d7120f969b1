"""Kills servers under load, starts them again, and checks what they have promised."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


SAMPLE: Final = 1_000
"""Older outcomes looked up after each kill; at the end it is all of them."""


@dataclass
class Crashes:
    """Is a run of kills of one server on one database."""

    database_url: str
    folder: Path
    threads: int = 6
    seconds_max: float = 0.8
    seed: int = 0
    journal: Journal = field(default_factory=Journal)
    kills: int = 0

    def run(self, kills: int, on_kill: Callable[[Findings], None]) -> Findings:
        """Kills the server so many times; returns all findings together.

        `on_kill` is called with the findings after each kill.
        """
        total = Findings()
        chance = Random(self.seed)  # noqa: S311 - chance, no secret
        for _ in range(kills):
            known = list(self.journal.acknowledged)
            with self._server() as server:
                self._load_and_kill(server, chance.uniform(0.02, self.seconds_max))
            recent = self.journal.acknowledged.keys() - set(known)
            sample = chance.sample(known, min(SAMPLE, len(known)))
            findings = self._check([*recent, *sample])
            total.add(findings)
            on_kill(findings)
        total.add(self._check_all())
        return total

    def _load_and_kill(self, server: ServerProcess, seconds: float) -> None:
        with PointsClient(server.address) as client:
            client.ledger.BatchWrite(opening())
        loading = load(
            [server.address], self.journal, threads=self.threads, seed=self.kills
        )
        with loading as answered:
            answered.wait()
            time.sleep(seconds)
            server.kill()
        self.kills += 1

    def _check(self, keys: list[Key]) -> Findings:
        """Checks with a new server what the one that was killed has answered."""
        with self._server() as server, PointsClient(server.address) as client:
            findings = check_outcomes(client, self.journal, keys)
            resend(client, self.journal)
        findings.add(verify(self.database_url, self.folder))
        return findings

    def _check_all(self) -> Findings:
        with self._server() as server, PointsClient(server.address) as client:
            findings = check_outcomes(client, self.journal, self.journal.acknowledged)
            findings.add(check_absent(client, self.journal))
            findings.add(check_transactions(client, self.journal))
        return findings

    @contextmanager
    def _server(self) -> Iterator[ServerProcess]:
        server = ServerProcess.start(
            self.database_url, "--migrate", "--log-level=warning", folder=self.folder
        )
        try:
            yield server
        finally:
            server.kill()
