"""Scores many members and moves them to other tiers, while points are earned.

    uv run poe retier [--members 100000] [--database sqlite] [--json]

An engine in this process gets so many members with a purchase each, and a clock of
its own. A day later all are scored. Then a document that asks for less is applied:
one sweep brings everybody to the tier that is theirs now, while one caller earns,
command by command. At the end all state is worked out anew from the records.

Seconds are of the clock and of this process's CPU, memory is the most it ever had.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from points.domain.commands import ApplyProgram, Earn, RecordActivity
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.program.bridge import program_of_text, to_program
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.loading.documents import load_document
from points.store.opening import open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, NOON, Clock
from tests.load.databases import DATABASES, fresh_database
from tests.load.ledger_cases import Ledger, Spent, spent


BEFORE: Final = 100
AFTER: Final = 40
"""Points that the upper tier asks for, before and after."""

_DOCUMENT: Final = """
program: shop
money: {{currency: EUR}}
units: {{points: {{kind: currency}}, merits: {{kind: growth}}}}
scores: {{activities: [purchase], within: P12M}}
ladders:
  status:
    qualifying: {{unit: merits}}
    period: {{kind: CALENDAR, span: YEAR}}
    term: P12M
    tiers: [{{name: silver, threshold: 0}}, {{name: gold, threshold: {gold}}}]
rules:
  purchase:
    activities: [purchase]
    awards:
      - {{unit: points, points: {{per_money: {{each: 100, points: 1}}}}}}
      - {{unit: merits, points: {{per_money: {{each: 100, points: 1}}}}}}
"""
_BASELINE_SECONDS: Final = 5.0
_AT_A_TIME: Final = 5_000
_EARNERS: Final = 1_000


@dataclass(slots=True)
class Found:
    """Is what came of it: tiers by member count, times, and what the audit found."""

    members: int
    database: str
    tiers_before: dict[str, int] = field(default_factory=dict)
    tiers_after: dict[str, int] = field(default_factory=dict)
    filling: Spent | None = None
    scoring: Spent | None = None
    scored: int = 0
    scoring_again: Spent | None = None
    sweeping: Spent | None = None
    swept: int = 0
    memory_filled_mb: int = 0
    memory_scored_mb: int = 0
    memory_swept_mb: int = 0
    earns_meanwhile: int = 0
    earn_ms_before: tuple[float, float] = (0.0, 0.0)
    earn_ms_meanwhile: tuple[float, float] = (0.0, 0.0)
    differences: int = -1

    @property
    def holds(self) -> bool:
        """Says whether all members were scored once, and stand where they should."""
        due = sum(money_of(n) >= AFTER * 100 for n in range(self.members))
        return (
            self.scored == self.members
            and self.tiers_after.get("gold", 0) == due
            and not self.differences
        )


@click.command()
@click.option("--members", default=100_000, show_default=True, help="How many.")
@click.option(
    "--database",
    type=click.Choice(DATABASES),
    default="sqlite",
    show_default=True,
    help="Kind of database.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def retier(*, members: int, database: str, as_json: bool) -> None:
    """Scores members and moves them to other tiers, while points are earned."""
    with (
        TemporaryDirectory(prefix="points-retier-") as folder,
        fresh_database(database, Path(folder)) as url,
    ):
        found = measured(url, Found(members, database))
    if as_json:
        click.echo(json.dumps(asdict(found) | {"holds": found.holds}))
    else:
        for name, value in asdict(found).items():
            click.echo(f"{name:18} {value}")
        click.echo("holds" if found.holds else "DOES NOT HOLD")
    if not found.holds:
        raise SystemExit(2)


def measured(url: str, found: Found) -> Found:
    """Fills a ledger, scores and re-tiers its members, and returns what was seen."""
    clock = Clock()
    first = to_program(load_document(_DOCUMENT.format(gold=BEFORE)))
    with (
        open_store(url, migrating=True) as store,
        running_engine(
            store, first, compile_document=program_of_text, clock=clock
        ) as engine,
    ):
        ledger = Ledger(engine)
        found.filling = spent(lambda: fill(ledger, found.members))
        found.memory_filled_mb = memory_mb()
        clock.now = NOON + DAY
        score(engine, found)
        found.tiers_before = tiers(engine)
        move(engine, found)
        found.tiers_after = tiers(engine)
        found.differences = audit(store.backend).finding_count
    return found


def fill(ledger: Ledger, count: int) -> None:
    """Creates members, each with a purchase."""
    names = iter(range(count))
    while numbers := list(islice(names, _AT_A_TIME)):
        ledger.create(*map(name_of, numbers))
        ledger.carry_out(
            RecordActivity(
                member_id=name_of(number),
                request_id=ledger.next_id(),
                activity_type="purchase",
                money=money_of(number),
            )
            for number in numbers
        )


def score(engine: Engine, found: Found) -> None:
    """Scores all members, and once more when nothing has changed."""

    def scored() -> int:
        return sweep(engine, restands=False, announces=False).scored_members

    counts: list[int] = []
    found.scoring = spent(lambda: counts.append(scored()))
    found.memory_scored_mb = memory_mb()
    found.scoring_again = spent(lambda: counts.append(scored()))
    found.scored = sum(counts)


def move(engine: Engine, found: Found) -> None:
    """Applies the document that asks for less, and sweeps while points are earned."""
    with earning(engine) as before:
        time.sleep(_BASELINE_SECONDS)
    apply(engine, load_document(_DOCUMENT.format(gold=AFTER)))
    swept: list[int] = []
    with earning(engine) as meanwhile:
        found.sweeping = spent(
            lambda: swept.append(sweep(engine, scores=False).swept_standings)
        )
    found.swept, found.memory_swept_mb = swept[0], memory_mb()
    found.earns_meanwhile = len(meanwhile)
    found.earn_ms_before = percentiles(before)
    found.earn_ms_meanwhile = percentiles(meanwhile)


def apply(engine: Engine, document: ProgramDocument) -> None:
    """Makes a document the program."""
    engine.execute_everywhere(
        ApplyProgram(
            request_id="apply",
            digest=digest_of(document),
            document=canonical_text(document),
            units=tuple((c, u.is_spendable) for c, u in document.units.items()),
            operator="poe retier",
            reason="less is asked for",
        )
    )


@contextmanager
def earning(engine: Engine) -> Iterator[list[float]]:
    """Has one caller earn for the length of the block; yields milliseconds of each."""
    took: list[float] = []
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            start = time.perf_counter()
            engine.execute(_earn(f"{id(took)}-{len(took)}", len(took)))
            took.append((time.perf_counter() - start) * 1_000)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def _earn(request_id: str, number: int) -> Earn:
    return Earn(
        member_id=name_of(number % _EARNERS),
        request_id=request_id,
        unit="points",
        points=1,
        reason="meanwhile",
    )


def tiers(engine: Engine) -> dict[str, int]:
    """Returns how many members are in each tier, as it is stored."""
    counts: Counter[str] = Counter()
    after: tuple[int, str] = (-1, "")
    while True:
        with open_snapshot(engine.store.backend) as snapshot:
            page = snapshot.climbers(after, 1_000)
        counts.update(each.tier for climber in page for each in climber.standings)
        if not page:
            return dict(sorted(counts.items()))
        after = (page[-1].member.part, page[-1].member.member_id)


def percentiles(took: list[float]) -> tuple[float, float]:
    """Returns the median and the 99th percentile."""
    found: Any = quantiles(took, n=100)
    return round(found[49], 2), round(found[98], 2)


def memory_mb() -> int:
    """Returns the most memory that this process has had so far."""
    return getrusage(RUSAGE_SELF).ru_maxrss // 1024


def name_of(number: int) -> str:
    """Returns the id of a member."""
    return f"member-{number:06d}"


def money_of(number: int) -> int:
    """Returns what a member has paid: up to 99 euro, in no order."""
    return number * 7_919 % 100 * 100


if __name__ == "__main__":
    retier()
