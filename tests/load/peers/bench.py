"""Measures Earn against a naive ledger and against pgbench, on one PostgreSQL.

    uv run poe bench-peers [--rounds 3] [--calls 10000] [--peer host:port]

All run in turn, one at a time, under ghz with 64 calls in flight on each of 8
connections; TPC-B under pgbench with prepared statements and 16 clients. A peer is
any server that answers `points.v1.LedgerService/Earn` for the members `member-00000`
to `member-00199`.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import make_url

from points.client import PointsClient
from tests.load.beds import ROOT
from tests.load.bench import (
    EARN,
    MEMBERS,
    ghz,
    machine,
    serving,
    write_earns,
)
from tests.load.tools import need_ghz
from tests.postgresql.installation import first_installation, installations
from tests.postgresql.server import running_server


CLIENTS: Final = 16
_TPS = re.compile(r"tps = ([0-9.]+)")


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Runs of each.")
@click.option("--calls", default=10_000, show_default=True, help="Calls of a run.")
@click.option("--peer", default="", help="Address of another server to measure.")
def bench_peers(*, rounds: int, calls: int, peer: str) -> None:
    """Measures this engine, a naive ledger and pgbench side by side."""
    need_ghz()
    rates: dict[str, list[float]] = {}
    with (
        TemporaryDirectory(prefix="points-peers-") as name,
        running_server() as server,
        server.fresh_database() as ours,
        server.fresh_database() as theirs,
        server.fresh_database() as tpc,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        folder = Path(name)
        task = progress.add_task("measuring", total=rounds)
        pgbench(tpc, "--initialize", "--scale=10", "--quiet")
        with served(ours, theirs, folder) as own:
            addresses = own | ({"peer": peer} if peer else {})
            for number in range(rounds):
                for who, address in addresses.items():
                    data = write_earns(folder, number, calls)
                    rates.setdefault(who, []).append(
                        ghz(EARN, data, calls, address).rate
                    )
                rates.setdefault("pgbench TPC-B", []).append(tpc_b(tpc))
                progress.advance(task)
    show(rates)


@contextmanager
def served(ours: str, theirs: str, folder: Path) -> Iterator[dict[str, str]]:
    """Yields the addresses of both ledgers, each with its members."""
    for url in (ours, theirs):
        with serving(url, folder) as address, PointsClient(address) as client:
            for number in range(MEMBERS):
                client.create_member(f"member-{number:05d}")
    with serving(ours, folder) as address, naive(theirs) as other:
        yield {"points": address, "naive": other}


@contextmanager
def naive(url: str) -> Iterator[str]:
    """Runs the naive ledger in a process of its own and yields its address."""
    command = [sys.executable, "-m", "tests.load.peers.naive", url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.kill()
        process.wait()


def tpc_b(url: str, seconds: int = 10) -> float:
    """Returns the transactions a second of TPC-B, prepared, in so many seconds."""
    time = f"--time={seconds}"
    said = pgbench(url, "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2", time)
    match = _TPS.search(said)
    assert match is not None, said
    return float(match[1])


def pgbench(url: str, *flags: str) -> str:
    """Returns what pgbench says; raises CalledProcessError."""
    where = make_url(url)
    program = first_installation(installations()) / "pgbench"
    command = [
        *(str(program), f"--host={where.host}", f"--port={where.port}"),
        *(f"--username={where.username}", *flags, str(where.database)),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def show(rates: dict[str, list[float]]) -> None:
    """Prints the median rates, and each as a share of the naive ledger's."""
    table = Table(title=", ".join(f"{k} {v}" for k, v in machine().items()))
    table.add_column("what")
    for column in ("a second", "to naive"):
        table.add_column(column, justify="right")
    base = statistics.median(rates["naive"])
    for who, found in rates.items():
        rate = statistics.median(found)
        table.add_row(who, f"{rate:,.0f}", f"{rate / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    bench_peers()
