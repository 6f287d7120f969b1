"""Measures RecordActivity against Earn under the same program, in one process.

    uv run poe bench-activities [--rounds 7] [--json]

Each round measures both in turn, in batches of 256 through the writer, and then
their decisions alone, in memory; a ratio is the median of the rounds. Where rules
are loaded one of them is met, and it earns one lot, as the earn does. The worked
example `retail` makes two lots and moves a ladder as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import click

from points.cli.serve import spare_collector
from points.domain.commands import Command, RecordActivity
from points.domain.decisions import decide
from points.domain.program import Program
from points.engine.engine import running_engine
from points.program.bridge import to_program
from points.program.document.root import ProgramDocument
from points.program.shipped import shipped_document
from points.store.opening import open_store
from tests.domain.build import earn, member, stamp
from tests.domain.worlds import World
from tests.load.bench import databases
from tests.load.ledger_bench import Measured, Result, check_books, show
from tests.load.ledger_cases import BATCH, Ledger, Spent, spent
from tests.load.rules import MET, PER_EURO, UNMET
from tests.program.build import document, rule


TARGET: Final = 0.7
"""Of an earn's speed with a hundred rules loaded."""

HISTORY: Final = 20
"""Activities that each member has had before."""

_MEMBERS: Final = [f"member-{number:05d}" for number in range(BATCH)]


class Loaded(NamedTuple):
    """Is a program to measure under."""

    name: str
    document: ProgramDocument
    target: float | None = None


def with_rules(count: int) -> ProgramDocument:
    """Returns a document with so many rules for purchases, one of which is met."""
    rules = {
        f"r{number}": rule(PER_EURO, when=UNMET if number else MET)
        for number in range(count)
    }
    return document(rules=rules)


LOADED: Final = (
    Loaded("no rules", with_rules(0)),
    Loaded("1 rule", with_rules(1)),
    Loaded("100 rules", with_rules(100), TARGET),
    Loaded("retail", shipped_document("retail")),
)


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds of each pair.")
@click.option("--only", default="", help="Measure only what has this in its name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(*, rounds: int, only: str, as_json: bool) -> None:
    """Measures activities in memory and on both databases."""
    spare_collector()
    loaded = [each for each in LOADED if only in each.name]
    alone = [decided(each, rounds) for each in loaded]
    results = [Result("decisions alone", alone, {})]
    with TemporaryDirectory(prefix="points-bench-") as folder:
        for name, url in databases(Path(folder)):
            measured = [recorded(each, url, name, rounds) for each in loaded]
            results.append(Result(name, measured, {}))
    show(results, as_json=as_json)


def recorded(loaded: Loaded, url: str, name: str, rounds: int) -> Measured:
    """Measures batches of activities through the writer against those of earns."""
    measured = Measured(f"activity, {loaded.name}", "earn", BATCH, loaded.target)
    with ledger_under(to_program(loaded.document), url) as ledger:
        mine = [f"{loaded.name.replace(' ', '-')}-{each}" for each in _MEMBERS]
        ledger.create(*mine)
        for _ in range(HISTORY):
            ledger.carry_out(activities(ledger, mine))
        for _ in range(rounds):
            measured.of_that.append(ledger.time(ledger.earns(mine, 45)))
            measured.of_this.append(ledger.time(activities(ledger, mine)))
        check_books(ledger, name)
    return measured


@contextmanager
def ledger_under(program: Program, url: str) -> Iterator[Ledger]:
    """Runs an engine under a program, on a database that may have been used."""
    with (
        open_store(url, migrating=True) as store,
        running_engine(store, program) as engine,
    ):
        yield Ledger(engine)


def decided(loaded: Loaded, rounds: int) -> Measured:
    """Measures decisions of activities against those of earns, without a database."""
    program, world = to_program(loaded.document), World(members=[member()])
    measured = Measured(f"activity, {loaded.name}", "earn", BATCH, loaded.target)
    bought = _activity(member().member_id, "bought")

    def decide_all(command: Command) -> Spent:
        return spent(
            lambda: [decide(command, world, program, stamp()) for _ in range(BATCH)]
        )

    for _ in range(rounds):
        measured.of_that.append(decide_all(earn(points=45)))
        measured.of_this.append(decide_all(bought))
    return measured


def activities(ledger: Ledger, members: Sequence[str]) -> list[Any]:
    """Returns a purchase of each member."""
    return [_activity(name, ledger.next_id()) for name in members]


def _activity(member_id: str, request_id: str) -> RecordActivity:
    return RecordActivity(
        member_id=member_id,
        request_id=request_id,
        activity_type="purchase",
        money=4_590,
        channel="web",
    )


if __name__ == "__main__":
    bench()
