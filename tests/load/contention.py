"""Measures 500 callers on one auction, and on one wheel, against the same spread out.

    uv run poe contention [--rounds 3] [--calls 2000] [--database sqlite] [--json]

Each round sends both profiles in turn, neither always first, and a ratio is the
median of theirs: how much longer the slowest one in a hundred waits where all meet.
After each run there is one record for each call that was answered OK, and the ledger
proves right; the run fails if not, or if the ratio of a pair is above its bound.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from points.client import PointsClient
from tests.load.bench import machine
from tests.load.databases import DATABASES, fresh_database
from tests.load.prepare import main as prepare
from tests.load.profiles import load_profile
from tests.load.sending import Line, Sender, serving
from tests.load.tools import need_ghz


PAIRS: Final = (("spin-hot", "spin-spread"), ("bid-hot", "bid-spread"))
"""Where all callers meet, and the same calls where they do not."""

BOUND: Final = 3.0
"""Most times that p99 may be longer where all meet."""


@dataclass(frozen=True, kw_only=True)
class Contended:
    """Is what a pair came to on a database; latencies are medians of the rounds."""

    profile: str
    against: str
    database: str
    rate: float
    p99_ms: float
    spread_rate: float
    spread_p99_ms: float
    ratio: float
    problems: list[str]

    @classmethod
    def of(cls, hot: list[Line], spread: list[Line]) -> Contended:
        """Returns what the rounds of a pair came to."""
        pairs = zip(hot, spread, strict=True)
        ratio = median(one.run.p99_ms / other.run.p99_ms for one, other in pairs)
        problems = [each for line in (*hot, *spread) for each in line.problems]
        if ratio > BOUND:
            problems.append(f"p99 is {ratio:.2f} times the one of spread-out calls")
        return cls(
            profile=hot[0].profile,
            against=spread[0].profile,
            database=hot[0].database,
            rate=round(median(line.run.rate for line in hot), 1),
            p99_ms=round(median(line.run.p99_ms for line in hot), 1),
            spread_rate=round(median(line.run.rate for line in spread), 1),
            spread_p99_ms=round(median(line.run.p99_ms for line in spread), 1),
            ratio=round(ratio, 2),
            problems=problems,
        )


@click.command(help=__doc__)
@click.option("--rounds", default=3, show_default=True, help="Rounds of each pair.")
@click.option("--calls", default=2_000, show_default=True, help="Calls of a run.")
@click.option(
    "--database",
    "names",
    multiple=True,
    type=click.Choice(DATABASES),
    help="Database to serve from, both by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def bench(*, rounds: int, calls: int, names: tuple[str, ...], as_json: bool) -> None:
    """Measures both pairs on both databases."""
    need_ghz()
    found = [
        pair for name in names or DATABASES for pair in measured(name, rounds, calls)
    ]
    told: dict[str, Any] = {"machine": machine(), "pairs": [*map(asdict, found)]}
    click.echo(json.dumps(told) if as_json else _table(found))
    if any(each.problems for each in found):
        sys.exit("contention is not what it should be")


def measured(database: str, rounds: int, calls: int) -> list[Contended]:
    """Returns what the pairs came to on a new server."""
    with (
        TemporaryDirectory(prefix="points-contention-") as name,
        fresh_database(database, Path(name)) as url,
        serving(url, Path(name)) as address,
        PointsClient(address, timeout_seconds=60) as client,
    ):
        prepare(address)
        sender = Sender(address, database, client, Path(name))
        return [_pair(sender, *pair, rounds, calls) for pair in PAIRS]


def _pair(sender: Sender, hot: str, spread: str, rounds: int, calls: int) -> Contended:
    lines: dict[str, list[Line]] = {hot: [], spread: []}
    for turn in range(rounds):
        for name in (hot, spread) if turn % 2 else (spread, hot):
            lines[name].append(sender.send(load_profile(name), calls, 0))
    return Contended.of(lines[hot], lines[spread])


def _table(found: list[Contended]) -> str:
    return "\n".join(
        f"{each.database:<11} {each.profile:<9} {each.rate:>7,.1f}/s"
        f" p99 {each.p99_ms:>7,.1f} ms   spread {each.spread_rate:>7,.1f}/s"
        f" p99 {each.spread_p99_ms:>7,.1f} ms   ratio {each.ratio:.2f}"
        f"   {'; '.join(each.problems) or 'holds'}"
        for each in found
    )


if __name__ == "__main__":
    bench()
