"""Shows purchases under the worked example `retail`: play, count, audit, compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from points.demo.console import progress_bar
from points.demo.holdings import Holdings, checks, holdings_by_tier, told, total
from points.demo.purchases import Purchase, read_purchases
from points.demo.report import Check, render_checks
from points.demo.shop import DayClock, Played, Shop
from points.domain.commands import ApplyProgram
from points.engine.engine import Engine, running_engine
from points.program.bridge import program_of_text, to_program
from points.program.digests import canonical_text, digest_of
from points.program.shipped import shipped_document
from points.store.opening import open_store
from points.store.proof.audit import audit
from points.store.proof.findings import Audit
from points.store.reads.reader import open_snapshot


PROGRAM: Final = "retail"
OnCount = Callable[[int], None]


class LedgerInUseError(Exception):
    """Says that there is something in the ledger already."""

    def __init__(self) -> None:
        """Builds the message."""
        super().__init__("the clock follows the log: --database-url must be empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Is what came of a play: holdings by tier, the lowest first, and the checks."""

    played: Played
    holdings: Mapping[str, Holdings]
    checks: Sequence[Check]

    @property
    def holds(self) -> bool:
        """Says whether all checks hold."""
        return all(check.holds for check in self.checks)


def run_program(
    url: str,
    *,
    limit: int | None,
    as_json: bool,
    console: Console,
    progress_console: Console,
) -> bool:
    """Plays the purchases and returns whether everything is as it must be.

    Args:
        url: Database; it must be empty.
        limit: Only so many purchases, above zero; None means all.
        as_json: Whether to print JSON instead of tables.
        console: Where to show what came of it.
        progress_console: Where to show how far it is.

    Raises:
        PurchaseLogMissingError: The extra `demo` is not installed.
        LedgerInUseError: There is something in the database.
        StoreError: The database cannot be opened, or went away.
    """
    purchases = list(read_purchases(limit=limit))
    with open_shop(url) as (engine, clock):
        outcome = _play(engine, clock, purchases, progress_console)
    if as_json:
        console.print_json(as_text(outcome))
    else:
        _show(console, outcome)
    return outcome.holds


@contextmanager
def open_shop(url: str) -> Iterator[tuple[Engine, DayClock]]:
    """Runs an engine on an empty database, with a clock to be moved."""
    clock, document = DayClock(), shipped_document(PROGRAM)
    with (
        open_store(url, migrating=True) as store,
        running_engine(
            store,
            to_program(document),
            compile_document=program_of_text,
            clock=clock,
        ) as engine,
    ):
        with open_snapshot(store.backend) as snapshot:
            if any(head.last_number for head in snapshot.heads()):
                raise LedgerInUseError
        yield engine, clock


def apply_program(engine: Engine) -> None:
    """Applies the worked example, so that it is found in the ledger afterwards."""
    document = shipped_document(PROGRAM)
    command = ApplyProgram(
        request_id="apply",
        digest=digest_of(document),
        document=canonical_text(document),
        units=tuple((code, u.is_spendable) for code, u in document.units.items()),
        operator="points demo",
        reason=f"the worked example {PROGRAM}",
    )
    engine.execute_everywhere(command)


def as_text(outcome: Outcome) -> str:
    """Returns the outcome for programs."""
    played = asdict(outcome.played)
    del played["member_ids"]
    return json.dumps(
        {
            "program": PROGRAM,
            "played": played,
            "tiers": told(outcome.holdings),
            "total": asdict(total(outcome.holdings)),
            "checks": [
                asdict(check) | {"holds": check.holds} for check in outcome.checks
            ],
        }
    )


def _play(
    engine: Engine,
    clock: DayClock,
    purchases: Sequence[Purchase],
    console: Console,
) -> Outcome:
    clock.set_day(min(purchase.date for purchase in purchases))
    apply_program(engine)
    with _counting(console, "playing purchases", len(purchases)) as count:
        played = Shop(engine, clock).play(purchases, on_purchases=count)
    members = list(played.member_ids)
    with _counting(console, "counting members", len(members)) as count:
        holdings = holdings_by_tier(engine, members, on_members=count)
    audited = _audited(engine, console)
    with open_snapshot(engine.store.backend) as snapshot:
        lines = snapshot.trial_balance()
    found = checks(played, holdings, lines, audited)
    return Outcome(played=played, holdings=holdings, checks=found)


def _audited(engine: Engine, console: Console) -> Audit:
    with open_snapshot(engine.store.backend) as snapshot:
        records = sum(head.last_number for head in snapshot.heads())
    with _counting(console, "verifying records", records) as count:
        return audit(
            engine.store.backend, on_progress=lambda found: count(found.counts.records)
        )


@contextmanager
def _counting(console: Console, title: str, of: int) -> Iterator[OnCount]:
    """Shows a bar and yields what is told how far it has come."""
    with progress_bar(console) as progress:
        task = progress.add_task(title, total=of)
        yield lambda done: progress.update(task, completed=done)


def _show(console: Console, outcome: Outcome) -> None:
    played = outcome.played
    console.print(
        f"{played.purchases:,} purchases of {len(played.member_ids):,} members, "
        f"{played.arrivals:,} parcels received and {played.lost_parcels:,} lost, "
        f"{played.sweeps:,} sweeps, {played.cancelled:,} points cancelled"
    )
    console.print(_table(outcome.holdings))
    render_checks(console, "What must be true", outcome.checks)


def _table(holdings: Mapping[str, Holdings]) -> Table:
    table = Table(title="Members by tier, and their points", show_footer=True)
    of_all = asdict(total(holdings))
    table.add_column("tier", "total")
    for name, count in of_all.items():
        table.add_column(name, f"{count:,}", justify="right")
    for tier, each in holdings.items():
        table.add_row(tier, *(f"{count:,}" for count in asdict(each).values()))
    return table
