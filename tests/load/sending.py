"""Sends profiles with ghz to a server of its own, and looks at the ledger."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from points.client import PointsClient
from tests.load.accounting import Account
from tests.load.ghz import Run, run_ghz
from tests.load.knee import Step, rates
from tests.load.prepare import new_holds
from tests.load.profiles import Profile
from tests.load.programs import write_program
from tests.serving import ServerProcess


CALLS_LEAST: Final = 64
"""Calls that ghz sends at least: one for each that is in flight."""

_ROUND: Final = 1_000

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
    sent: Counter[str] = field(default_factory=Counter)

    def send(
        self, profile: Profile, total: int, rps: int, *, proving: bool = True
    ) -> Line:
        """Sends so many calls, at a rate unless that is 0, and looks at the ledger."""
        file = self._configuration(profile, total, rps)
        account = Account.open(self.client)
        run = run_ghz("--config", file, self.address)
        # Whoever sends at a rate may send too much: nothing is due for what is turned
        # away then.
        problems = account.problems(
            profile,
            run.accepted,
            run.call_count,
            turned_away=run.turned_away if rps else 0,
            proving=proving,
        )
        return Line(
            profile=profile.name,
            database=self.database,
            offered=rps,
            run=run,
            problems=problems,
        )

    def knee(self, profile: Profile, calls: int, step_seconds: int) -> Iterator[Line]:
        """Yields a line for each rate, the last one where the server fell behind.

        The first line is that of callers who wait for their answers. The books are
        proved once, behind the last step: that would soon take longer than the steps.
        """
        line = self.send(profile, calls, 0, proving=False)
        for offered in rates(line.run.rate):
            yield line
            total = max(offered * step_seconds, CALLS_LEAST)
            line = self.send(profile, total, offered, proving=False)
            if line.problems or Step(offered, line.run).is_behind:
                break
        books = Account.open(self.client).of_the_books()
        yield replace(line, problems=[*line.problems, *books])

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

    def requests(self, profile: Profile, total: int) -> list[dict[str, Any]]:
        """Returns so many requests that were never sent before, unless they repeat."""
        if profile.name == "capture-hold":
            return new_holds(self.client, self._number(profile, total), total)
        first = self._number(profile, total)
        if profile.distinct:
            return [_again(profile.request(number), first) for number in range(total)]
        return [profile.request(first + number) for number in range(total)]

    def _number(self, profile: Profile, total: int) -> int:
        """Returns the first of so many numbers that the profile has not had yet.

        A round one: what profiles do with one in ten of the numbers begins anew.
        """
        first = self.sent[profile.name]
        self.sent[profile.name] += -(-total // _ROUND) * _ROUND
        return first

    def _configuration(self, profile: Profile, total: int, rps: int) -> Path:
        """Returns a file with the profile's configuration, its data written out.

        Templates cost ghz more than a call costs the server.
        """
        requests = self.requests(profile, total)
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


def _again(request: dict[str, Any], first: int) -> dict[str, Any]:
    """Returns a request of a run that repeats its own ids, and none of another run."""
    return request | {"request_id": f"{request['request_id']}-{first}"}


def _open_loop(rps: int) -> dict[str, Any]:
    """Returns what has ghz keep a rate instead of waiting for answers."""
    return {"async": True, "rps": rps} if rps else {}
