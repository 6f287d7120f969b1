"""Measures unary Earn against a method that does nothing, side by side in one run.

    uv run poe bench-earn [--rounds 3] [--calls 20000] [--json]

Both run on the same server, in turn, under ghz with 64 calls in flight on each of
8 connections; afterwards the books must hold one transaction per OK.
"""

from __future__ import annotations

import json
import platform
import sqlite3
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import grpc
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from points.client import PointsClient
from tests.load.beds import ROOT, served
from tests.load.ghz import Run, run_ghz
from tests.load.tools import need_ghz
from tests.postgresql.server import running_server


MEMBERS: Final = 200
CONNECTIONS: Final = 8
IN_FLIGHT: Final = CONNECTIONS * 64
EARN: Final = ("points/v1/ledger_service.proto", "points.v1.LedgerService.Earn")
NOOP: Final = ("noop.proto", "points.load.NoopService.Earn")


@dataclass(frozen=True)
class Result:
    """Is what was measured on one database; the ratio is the median of the pairs."""

    database: str
    noop: list[Run]
    earn: list[Run]

    @property
    def ratio(self) -> float:
        """Returns how fast Earn is, as a share of the method that does nothing."""
        pairs = zip(self.earn, self.noop, strict=True)
        return statistics.median(earn.rate / noop.rate for earn, noop in pairs)


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Pairs of runs.")
@click.option("--calls", default=20_000, show_default=True, help="Calls of a run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(*, rounds: int, calls: int, as_json: bool) -> None:
    """Measures Earn against a method that does nothing, on both databases."""
    need_ghz()
    results = []
    with (
        TemporaryDirectory(prefix="points-bench-") as folder,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("measuring", total=rounds * 4)
        for name, url in databases(Path(folder)):
            measured = measure(name, url, Path(folder), rounds, calls)
            pairs = []
            for pair in measured:
                pairs.append(pair)
                progress.advance(task, 2)
            results.append(
                Result(name, [noop for noop, _ in pairs], [earn for _, earn in pairs])
            )
    show(results, as_json=as_json)


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields each kind of database with the URL of a fresh one."""
    yield f"SQLite {sqlite3.sqlite_version}", f"sqlite:///{folder / 'points.db'}"
    with running_server() as server, server.fresh_database() as url:
        yield "PostgreSQL", url


def measure(
    name: str, url: str, folder: Path, rounds: int, calls: int
) -> Iterator[tuple[Run, Run]]:
    """Yields pairs of runs: the method that does nothing, then Earn."""
    with serving(url, folder) as address:
        with PointsClient(address) as client:
            for number in range(MEMBERS):
                client.create_member(f"member-{number:05d}")
        for number in range(rounds):
            data = write_earns(folder, number, calls)
            noop, earn = (ghz(rpc, data, calls, address) for rpc in (NOOP, EARN))
            yield noop, earn
            check_books(address, points=(number + 1) * calls, name=name)


def write_earns(folder: Path, number: int, calls: int) -> Path:
    """Returns a file with the requests of a round."""
    data = folder / "data.json"
    data.write_text(json.dumps([_earn(number, call) for call in range(calls)]))
    return data


def _earn(number: int, call: int) -> dict[str, str]:
    return {
        "member_id": f"member-{call % MEMBERS:05d}",
        "unit": "points",
        "points": "1",
        "request_id": f"request-{number}-{call:07d}",
        "reason": "purchase",
    }


@contextmanager
def serving(url: str, folder: Path) -> Iterator[str]:
    """Runs the measured server in a process of its own and yields its address."""
    with served(url, folder) as server:
        yield server.address


def ghz(rpc: tuple[str, str], data: Path, calls: int, address: str) -> Run:
    """Returns what ghz measured; it must have had an OK for every call.

    Without a proto the server's reflection tells what the call takes.
    """
    proto, call = rpc
    paths = f"{ROOT / 'protos'},{Path(__file__).parent}"
    known = ("--proto", proto, "--import-paths", paths) if proto else ()
    flags = [
        *("--insecure", *known, "--call", call),
        *("--data-file", str(data), "--total", str(calls)),
        *("--concurrency", str(IN_FLIGHT), "--connections", str(CONNECTIONS)),
        *("--disable-template-functions", "--disable-template-data"),
        "--count-errors",
    ]
    run = run_ghz(*flags, address)
    if run.statuses != {"OK": calls}:
        sys.exit(f"{call} failed: {run.statuses}")
    return run


def check_books(address: str, *, points: int, name: str) -> None:
    """Ends the run unless exactly the acknowledged points are in the books."""
    with PointsClient(address, timeout_seconds=60) as client:
        books = client.get_trial_balance()
    lines = {line.account: line.points for line in books.lines}
    if not books.balanced or lines != {"issuance": -points, "member": points}:
        sys.exit(f"the books on {name} are wrong: {lines}")


def machine() -> dict[str, str]:
    """Returns what the numbers were measured on."""
    return {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
    }


def show(results: list[Result], *, as_json: bool) -> None:
    """Prints the results."""
    if as_json:
        runs = [asdict(result) | {"ratio": result.ratio} for result in results]
        click.echo(json.dumps({"machine": machine(), "results": runs}))
        return
    table = Table(title=", ".join(f"{k} {v}" for k, v in machine().items()))
    for column in ("database", "no-op/s", "Earn/s", "ratio", "Earn p50 ms", "p99 ms"):
        table.add_column(column, justify="left" if column == "database" else "right")
    for result in results:
        noop, earn = result.noop, result.earn
        table.add_row(
            result.database,
            f"{statistics.median(run.rate for run in noop):,.0f}",
            f"{statistics.median(run.rate for run in earn):,.0f}",
            f"{result.ratio:.2f}",
            f"{statistics.median(run.p50_ms for run in earn):.1f}",
            f"{statistics.median(run.p99_ms for run in earn):.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    bench()
