"""Measures commands and reads of the ledger against each other, in one process.

    uv run poe bench-ledger [--rounds 7] [--transactions 200000] [--json]

Every command goes through the writer, in batches of 256. What is compared is
measured in turn, round after round, and a ratio is the median of the rounds. The
CPU is that of this process: of PostgreSQL it leaves out the server.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from points.cli.serve import spare_collector
from points.domain.bounds import NEVER
from points.domain.identity import part_of
from points.domain.program import program_of
from points.engine.engine import running_engine
from points.store.opening import open_store
from points.store.reads.reader import Snapshot, open_snapshot
from points.store.reads.statements import StatementPlace
from tests.load.bench import databases, machine
from tests.load.ledger_cases import (
    BATCH,
    CASES,
    EARN,
    Case,
    Ledger,
    Spent,
    create_members,
    spent,
)
from tests.store.build import statements


SIZES: Final = (1, 64, BATCH)
FEW_LOTS: Final = 10
MANY_LOTS: Final = 10_000
FEW_TRANSACTIONS: Final = 100
PAGE: Final = 50
PAGES: Final = 30
_PROGRAM: Final = program_of(
    currency_units=("points",), growth_units=(), sinks=("redemption",)
)

Read = Callable[[Snapshot, int, str], Sequence[object]]


@dataclass(frozen=True)
class Measured:
    """Is what was measured of one thing and of what it is compared with, in turn.

    `count` is how many commands or pages each of them took.
    """

    name: str
    against: str
    count: int
    target: float | None = None
    of_this: list[Spent] = field(default_factory=list)
    of_that: list[Spent] = field(default_factory=list)

    def microseconds(self, clock: str) -> float:
        """Returns what one of this takes at the median: of `wall` or `cpu`."""
        times: list[float] = [getattr(one, clock) for one in self.of_this]
        return statistics.median(times) / self.count * 1e6

    def ratio(self, clock: str) -> float:
        """Returns how fast this is, as a share of what it is compared with."""
        pairs = zip(self.of_that, self.of_this, strict=True)
        ratios: list[float] = [
            getattr(that, clock) / getattr(this, clock) for that, this in pairs
        ]
        return statistics.median(ratios)


@dataclass(frozen=True)
class Result:
    """Is everything measured on one database; statements are by case and size."""

    database: str
    measured: list[Measured]
    statements: dict[str, list[int]]


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds of each pair.")
@click.option(
    "--transactions",
    default=200_000,
    show_default=True,
    help="Transactions of the member with a long statement.",
)
@click.option("--only", default="", help="Measure only what has this in its name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(*, rounds: int, transactions: int, only: str, as_json: bool) -> None:
    """Measures the ledger on both databases."""
    spare_collector()
    results = []
    with TemporaryDirectory(prefix="points-bench-") as folder:
        for name, url in databases(Path(folder)):
            with running_ledger(url) as ledger:
                create_members(ledger)
                plan = plans(ledger, transactions, only)
                measured = [one for run in plan for one in run(rounds)]
                counts = {case.name: counted(ledger, case) for case in (EARN, *CASES)}
                check_books(ledger, name)
            results.append(Result(name, measured, counts))
    show(results, as_json=as_json)


@contextmanager
def running_ledger(url: str) -> Iterator[Ledger]:
    """Runs an engine on a fresh database."""
    with (
        open_store(url, migrating=True) as store,
        running_engine(store, _PROGRAM) as engine,
    ):
        yield Ledger(engine)


def plans(
    ledger: Ledger, transactions: int, only: str
) -> Iterator[Callable[[int], Iterator[Measured]]]:
    """Yields what takes the number of rounds and measures something."""
    cases = [case for case in CASES if only in case.name]
    yield lambda rounds: (against_earn(ledger, case, rounds) for case in cases)
    if only in "open lots":
        yield lambda rounds: by_open_lots(ledger, rounds)
    if only in "page of a statement":
        yield lambda rounds: by_history(ledger, transactions, rounds)


def against_earn(ledger: Ledger, case: Case, rounds: int) -> Measured:
    """Measures a batch of a case against one of earns."""
    measured = Measured(case.name, "earn", BATCH, case.target)
    for _ in range(rounds):
        commands = case.prepare(ledger, case.members())
        measured.of_that.append(ledger.time(EARN.prepare(ledger, EARN.members())))
        measured.of_this.append(ledger.time(commands))
    return measured


def by_open_lots(ledger: Ledger, rounds: int) -> Iterator[Measured]:
    """Measures burns of a member with many open lots against one with few."""
    lots = {"few-lots": FEW_LOTS, "many-lots": MANY_LOTS}
    ledger.create(*lots)
    for name, number in lots.items():
        ledger.carry_out(ledger.earns([name], 1_000_000, lots=number))
    for size, number in ((1, 32), (BATCH, BATCH)):
        measured = Measured(
            f"burn, {MANY_LOTS:,} open lots, batches of {size}",
            f"{FEW_LOTS} open lots",
            number,
        )
        for _ in range(rounds):
            times = [
                ledger.time(ledger.burns([name] * number, 1), size=size)
                for name in lots
            ]
            measured.of_that.append(times[0])
            measured.of_this.append(times[1])
        yield measured


def by_history(ledger: Ledger, transactions: int, rounds: int) -> Iterator[Measured]:
    """Measures pages of a long statement against those of a short one."""
    ledger.create("short", "long")
    ledger.carry_out(ledger.earns(["short"], 1, lots=FEW_TRANSACTIONS))
    ledger.carry_out(ledger.earns(["long"], 1, lots=transactions))
    for name, read in READS.items():
        measured = Measured(
            f"{name} page of {transactions:,}",
            f"first page of {FEW_TRANSACTIONS}",
            PAGES,
        )
        for _ in range(rounds):
            measured.of_that.append(pages(ledger, "short", _first))
            measured.of_this.append(pages(ledger, "long", read))
        yield measured


def pages(ledger: Ledger, member_id: str, read: Read) -> Spent:
    """Returns what reading the same page takes, each time from a new snapshot."""
    store = ledger.engine.store
    part = part_of(member_id, store.part_count)

    def read_all() -> None:
        for _ in range(PAGES):
            with open_snapshot(store.backend) as snapshot:
                assert len(read(snapshot, part, member_id)) == PAGE

    return spent(read_all)


def _first(snapshot: Snapshot, part: int, member_id: str) -> Sequence[object]:
    return snapshot.transactions(
        part, member_id, before=NEVER, conditions=(), limit=PAGE
    )


def _middle(snapshot: Snapshot, part: int, member_id: str) -> Sequence[object]:
    # Of a part in which nobody else does much.
    before = snapshot.head(part).last_number // 2
    return snapshot.transactions(
        part, member_id, before=before, conditions=(), limit=PAGE
    )


def _by_time(snapshot: Snapshot, part: int, member_id: str) -> Sequence[object]:
    return snapshot.transactions_by_effective_time(
        part, member_id, place=StatementPlace(), conditions=(), limit=PAGE
    )


READS: Final[dict[str, Read]] = {
    "first": _first,
    "middle": _middle,
    "first by effective time": _by_time,
}


def counted(ledger: Ledger, case: Case) -> list[int]:
    """Returns how many statements a batch of each size takes."""
    counts = []
    for size in SIZES:
        commands = case.prepare(ledger, case.members(size))
        with statements(ledger.engine.store.backend) as seen:
            ledger.time(commands, size=size)
        counts.append(len(seen))
    return counts


def check_books(ledger: Ledger, name: str) -> None:
    """Ends the run unless all accounts together sum to zero."""
    with open_snapshot(ledger.engine.store.backend) as snapshot:
        lines = snapshot.trial_balance()
    if sum(line.points for line in lines):
        sys.exit(f"the books on {name} are wrong: {lines}")


def show(results: list[Result], *, as_json: bool) -> None:
    """Prints the results."""
    if as_json:
        told = [_told(result) for result in results]
        click.echo(json.dumps({"machine": machine(), "results": told}))
        return
    console = Console()
    console.print(", ".join(f"{k} {v}" for k, v in machine().items()))
    for result in results:
        console.print(_ratios(result))
        if result.statements:
            console.print(_statements(result))


def _told(result: Result) -> dict[str, Any]:
    told = asdict(result)
    for one, shown in zip(result.measured, told["measured"], strict=True):
        shown["ratio"] = {clock: one.ratio(clock) for clock in Spent._fields}
    return told


def _ratios(result: Result) -> Table:
    table = Table(title=result.database)
    table.add_column("what")
    table.add_column("against")
    for column in ("µs", "ratio", "CPU µs", "CPU ratio", "target"):
        table.add_column(column, justify="right")
    for one in result.measured:
        table.add_row(
            one.name,
            one.against,
            *(
                shown
                for clock in Spent._fields
                for shown in (
                    f"{one.microseconds(clock):,.0f}",
                    f"{one.ratio(clock):.2f}",
                )
            ),
            f"{one.target:.2f}" if one.target else "",
        )
    return table


def _statements(result: Result) -> Table:
    table = Table(title=f"{result.database}: statements of a batch")
    table.add_column("commands")
    for size in SIZES:
        table.add_column(f"of {size}", justify="right")
    for name, counts in result.statements.items():
        table.add_row(name, *map(str, counts))
    return table


if __name__ == "__main__":
    bench()
