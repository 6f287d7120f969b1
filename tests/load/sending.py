"""Sends profiles with ghz to a server of its own, and looks at the ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from points.client import PointsClient
from tests.load.accounting import Account
from tests.load.ghz import Run, run_ghz
from tests.load.prepare import open_holds
from tests.load.profiles import Profile
from tests.load.programs import write_program
from tests.serving import ServerProcess


STEP_SECONDS: Final = 5
"""How long each rate is held when the knee is looked for."""

STEP_FACTOR: Final = 1.5
"""How much more each step offers than the one before."""

BEHIND: Final = 0.9
"""Share of the offered rate below which a server has fallen behind."""

WATCH_SECONDS: Final = 1.0
"""How long streams are given to begin before anything is sent."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Is what one run of one profile came to; no `problems` if the ledger agrees."""

    profile: str
    database: str
    offered: int
    run: Run
    problems: list[str]


@contextmanager
def serving(url: str, folder: Path, *flags: str) -> Iterator[str]:
    """Runs `points serve` on a database and yields its address."""
    program = f"--program={write_program(folder)}"
    server = ServerProcess.start(url, program, *flags, folder=folder)
    try:
        yield server.address
    finally:
        server.kill()


@dataclass
class Sender:
    """Sends profiles to a server, each request with a number of its own."""

    address: str
    database: str
    client: PointsClient
    folder: Path
    sent: int = 0

    def send(self, profile: Profile, total: int, rps: int) -> Line:
        """Sends so many calls, at a rate unless that is 0, and looks at the ledger."""
        file = self._configuration(profile, total, rps)
        account = Account.open(self.client)
        run = run_ghz("--config", file, self.address)
        problems = account.problems(profile, run.accepted, run.call_count)
        return Line(
            profile=profile.name,
            database=self.database,
            offered=rps,
            run=run,
            problems=problems,
        )

    def knee(self, profile: Profile) -> Iterator[Line]:
        """Yields a line for each rate, the last one where the server fell behind."""
        rate = 100.0
        while True:
            offered = int(rate)
            line = self.send(profile, offered * STEP_SECONDS, offered)
            yield line
            if line.problems or line.run.rate < BEHIND * offered:
                return
            rate *= STEP_FACTOR

    def watched(self, watch: Profile, profile: Profile) -> Iterator[Line]:
        """Yields what streams saw of a profile that was sent while they watched.

        Each stream ends after its time, which is no failure of the server's.
        """
        with ThreadPoolExecutor(1) as beside:
            watching = beside.submit(run_ghz, "--config", watch.file, self.address)
            time.sleep(WATCH_SECONDS)
            yield self.send(profile, profile.call_count, 0)
            run = watching.result()
        ended = run.statuses.get("OK", 0) + run.statuses.get("Canceled", 0)
        problems = (
            [] if ended == watch.call_count else [f"streams ended {run.statuses}"]
        )
        yield Line(
            profile=watch.name,
            database=self.database,
            offered=0,
            run=run,
            problems=problems,
        )

    def _requests(self, profile: Profile, total: int) -> list[dict[str, Any]]:
        if profile.name == "capture-hold":
            return open_holds(self.client, total)
        first = 0 if profile.distinct else self.sent
        self.sent += total
        return [profile.request(first + number) for number in range(total)]

    def _configuration(self, profile: Profile, total: int, rps: int) -> Path:
        """Returns a file with the profile's configuration, its data written out.

        Templates cost ghz more than a call costs the server.
        """
        requests = self._requests(profile, total)
        data, file = self.folder / "data.json", self.folder / "ghz.json"
        data.write_text(json.dumps(requests))
        config = json.loads(profile.file.read_text()) | {
            "data-file": str(data),
            "total": len(requests),
            "disable-template-functions": True,
            "disable-template-data": True,
        }
        del config["data"]
        file.write_text(json.dumps(config | _open_loop(rps)))
        return file


def _open_loop(rps: int) -> dict[str, Any]:
    """Returns what has ghz keep a rate instead of waiting for answers."""
    return {"async": True, "rps": rps} if rps else {}
