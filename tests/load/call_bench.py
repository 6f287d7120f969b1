"""Measures main calls against Earn, of plugins and of many lots, over gRPC.

    uv run poe bench-calls [--rounds 3] [--calls 2000] [--only Spin] [--json]

ghz sends both in turn, with 64 calls in flight on each of 8 connections, and a ratio
is the median of the rounds. A check-in is a member's first one, a spin costs a point
and may win some, a bid takes the lead from another member, an event counts in a
task. A burn or hold of so many lots takes all that its member has, who was given it
for that alone. The CPU is that of the server's process: of PostgreSQL it leaves out the
database.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import yaml

from points.client import PointsClient
from points.client.requests import (
    batch_command,
    create_member_request,
    earn_request,
)
from tests.load.beds import ROOT
from tests.load.bench import CONNECTIONS, IN_FLIGHT
from tests.load.databases import DATABASES, fresh_database
from tests.load.ghz import run_ghz
from tests.load.ledger_bench import Measured, Result, show
from tests.load.ledger_cases import FEW, MANY, Spent
from tests.load.prepare import BATCH, prepare
from tests.load.profiles import MEMBERS
from tests.load.tools import need_ghz
from tests.serving import ServerProcess


EARN: Final = "points.v1.LedgerService/Earn"
WARM_UP: Final = 500
"""Calls before anything is measured."""

Requests = list[dict[str, Any]]


@dataclass
class Bench:
    """Is a server, and what sends it requests that are written out beforehand."""

    server: ServerProcess
    client: PointsClient
    folder: Path
    ids: Iterator[int] = field(default_factory=count)

    def send(self, call: str, requests: Requests) -> Spent:
        """Returns what the requests took: wall time, and the server's CPU."""
        for request in requests:
            request["request_id"] = f"bench-{next(self.ids):07d}"
        data = self.folder / "data.json"
        data.write_text(json.dumps(requests))
        before = self._cpu_seconds()
        run = run_ghz(
            *("--insecure", "--call", call, "--data-file", data),
            *("--total", str(len(requests)), "--concurrency", str(IN_FLIGHT)),
            *("--connections", str(CONNECTIONS), "--count-errors"),
            *("--disable-template-functions", "--disable-template-data"),
            self.server.address,
        )
        if run.statuses != {"OK": len(requests)}:
            sys.exit(f"{call} failed: {run.statuses}")
        return Spent(len(requests) / run.rate, self._cpu_seconds() - before)

    def create(self, names: Sequence[str]) -> None:
        """Creates members."""
        commands = (create_member_request(name, request_id="bench") for name in names)
        self.client.batch_write(list(map(batch_command, commands)))

    def earn(self, names: Sequence[str], points: int, *, lots: int) -> None:
        """Gives each member so many lots."""
        commands = [
            batch_command(
                earn_request(name, points, reason="bench", request_id=f"lot-{number}")
            )
            for name in names
            for number in range(lots)
        ]
        for start in range(0, len(commands), BATCH):
            self.client.batch_write(commands[start : start + BATCH])

    def _cpu_seconds(self) -> float:
        """Returns what all threads of the server have used so far."""
        told = Path(f"/proc/{self.server.process.pid}/stat").read_text()
        user, system = told.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Case:
    """Is a call with the ratio it has to reach.

    `requests` makes those of a round, after all that has to go before them.
    """

    name: str
    call: str
    target: float
    requests: Callable[[Bench, int, int], Requests]


def _earns(calls: int) -> Requests:
    points = {"unit": "points", "points": "1", "reason": "purchase"}
    return [{"member_id": _member(number), **points} for number in range(calls)]


def _check_ins(bench: Bench, turn: int, calls: int) -> Requests:
    names = [f"comes-{turn}-{number}" for number in range(calls)]
    bench.create(names)
    return [{"member_id": name, "campaign": "load-0"} for name in names]


def _spins(bench: Bench, turn: int, calls: int) -> Requests:
    if not turn:
        seeds = [{"member_id": _member(number)} for number in range(MEMBERS)]
        bench.send("points.plugins.wheel.v1.WheelService/RotateSeed", seeds)
    return [
        {"member_id": _member(number), "wheel_id": "daily"} for number in range(calls)
    ]


def _bids(bench: Bench, turn: int, calls: int) -> Requests:
    if not turn:
        end_time = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        terms = {"form": "AUCTION_FORM_ENGLISH", "end_time": end_time}
        auctions = [
            {"auction_id": f"bench-{number}", "terms": terms} for number in range(calls)
        ]
        bench.send("points.plugins.auction.v1.AuctionService/CreateAuction", auctions)
        bench.send("points.plugins.auction.v1.AuctionService/Bid", _raise(1, calls))
    return _raise(turn + 2, calls)


def _raise(turn: int, calls: int) -> Requests:
    """Returns a bid in every auction, each time by another member."""
    return [
        {
            "auction_id": f"bench-{number}",
            "member_id": _member(number + turn),
            "points": str(10 * turn),
        }
        for number in range(calls)
    ]


def _events(_bench: Bench, turn: int, calls: int) -> Requests:
    return [
        {
            "member_id": _member(number),
            "event_id": f"event-{turn}-{number}",
            "name": "level",
        }
        for number in range(calls)
    ]


def _drawing(name: str, lots: int) -> Callable[[Bench, int, int], Requests]:
    """Returns what makes members with so many lots each, drawn once all together."""

    def requests(bench: Bench, turn: int, calls: int) -> Requests:
        names = [f"{name}-{lots}-{turn}-{number}" for number in range(calls)]
        bench.create(names)
        bench.earn(names, MANY // lots, lots=lots)
        points = {"unit": "points", "points": str(MANY), "reason": "purchase"}
        return [{"member_id": name, **points} for name in names]

    return requests


def _member(number: int) -> str:
    return f"load-{number % MEMBERS}"


CASES: Final = (
    Case(
        "CheckIn", "points.plugins.checkin.v1.CheckinService/CheckIn", 0.6, _check_ins
    ),
    Case(
        "ReportEvent", "points.plugins.tasks.v1.TasksService/ReportEvent", 0.6, _events
    ),
    Case("Spin", "points.plugins.wheel.v1.WheelService/Spin", 0.5, _spins),
    Case("Bid", "points.plugins.auction.v1.AuctionService/Bid", 0.4, _bids),
    *(
        Case(
            f"{call} of lots: {lots}",
            f"points.v1.LedgerService/{call}",
            0.6,
            _drawing(call.lower(), lots),
        )
        for call in ("Burn", "PlaceHold")
        for lots in (1, FEW, MANY)
    ),
)


@click.command(help=__doc__)
@click.option("--rounds", default=3, show_default=True, help="Rounds of each pair.")
@click.option("--calls", default=2_000, show_default=True, help="Calls of a round.")
@click.option("--only", default="", help="Measure only what has this in its name.")
@click.option(
    "--database",
    "names",
    multiple=True,
    type=click.Choice(DATABASES),
    help="Database to serve from, both by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(
    *, rounds: int, calls: int, only: str, names: tuple[str, ...], as_json: bool
) -> None:
    """Measures the calls on both databases."""
    need_ghz()
    results = []
    for name in names or DATABASES:
        with running(name) as found:
            found.send(EARN, _earns(WARM_UP))
            cases = [case for case in CASES if only.lower() in case.name.lower()]
            measured = [against_earn(found, case, rounds, calls) for case in cases]
            if not found.client.get_trial_balance().balanced:
                sys.exit(f"the books on {name} are wrong")
        results.append(Result(name, measured, {}))
    show(results, as_json=as_json)


@contextmanager
def running(database: str) -> Iterator[Bench]:
    """Runs a server under a program for all the calls, with members and their funds."""
    with (
        TemporaryDirectory(prefix="points-bench-") as name,
        fresh_database(database, Path(name)) as url,
    ):
        folder = Path(name)
        program = folder / "program.yaml"
        program.write_text(json.dumps(_program()))
        server = ServerProcess.start(url, f"--program={program}", folder=folder)
        try:
            with PointsClient(server.address, timeout_seconds=60) as client:
                prepare(client)
                yield Bench(server, client, folder)
        finally:
            server.kill()


def _program() -> dict[str, Any]:
    """Returns a program with what the plugins' own load profiles need."""
    sections = {}
    for name in ("checkin", "tasks", "wheel"):
        text = (ROOT / f"plugins/{name}/load/program.yaml").read_text()
        sections[name] = yaml.safe_load(text)["plugins"][name]
    units = {"points": {"kind": "currency"}}
    return {
        "program": "bench-calls",
        "units": units,
        "sinks": ["redemption"],
        "plugins": sections,
    }


def against_earn(bench: Bench, case: Case, rounds: int, calls: int) -> Measured:
    """Measures a call against Earn, round after round."""
    measured = Measured(case.name, "Earn", calls, case.target)
    for turn in range(rounds):
        requests = case.requests(bench, turn, calls)
        measured.of_that.append(bench.send(EARN, _earns(calls)))
        measured.of_this.append(bench.send(case.call, requests))
    return measured


if __name__ == "__main__":
    bench()
