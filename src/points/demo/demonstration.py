"""Shows the whole demonstration on a console: replay, check, replay again, check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from points.client import PointsClient
from points.demo.console import progress_bar
from points.demo.purchases import Purchase, read_purchases
from points.demo.replay import ReplaySettings, replay
from points.demo.report import (
    TRUTHS_OF_ALL,
    check_books,
    check_busiest_member,
    check_members,
    check_repetition,
    check_replay,
    read_books,
    render_checks,
    render_report,
    truths_of,
)
from points.demo.tally import ReplayReport


# Summing the books of a large ledger may take a while.
READ_TIMEOUT_SECONDS = 60.0


def run(
    target: str,
    *,
    batch: int | None,
    limit: int | None,
    in_flight: int,
    console: Console,
    journal: Path | None = None,
) -> bool:
    """Replays the purchases twice and returns whether everything is as it must be.

    The server must hold nothing else, except what an earlier run has left.

    Args:
        target: Address of the server.
        batch: Commands of a batch, 1 to 10,000; None means a call for each.
        limit: Only so many purchases, above zero; None means all.
        in_flight: Calls in flight at most, above zero.
        console: Where to show it.
        journal: File to which each acknowledged command of the first replay is
            appended; None means no file.

    Raises:
        PurchaseLogMissingError: The extra `demo` is not installed.
        PointsError: A call failed for good; `Unavailable` at once if no server
            answers at first.
        StalledError: The server stayed away for too long during a replay.
    """
    purchases = list(read_purchases(limit=limit))
    truths = TRUTHS_OF_ALL if limit is None else truths_of(purchases)
    settings = ReplaySettings(
        target=target,
        batch=batch,
        in_flight=in_flight,
        journal=journal,
    )
    with PointsClient(target, timeout_seconds=READ_TIMEOUT_SECONDS) as client:
        # A replay is patient with a server that is away: better to know it now.
        read_books(client)

        first = _replay(purchases, settings, title="Replay", console=console)
        before = read_books(client)
        checks = [
            *check_replay(first, truths),
            *check_books(before, truths),
            *check_members(client, purchases),
            *check_busiest_member(client, purchases),
        ]
        render_checks(console, "What must be true", checks)

        settings = replace(settings, journal=None)
        again = _replay(purchases, settings, title="Same replay again", console=console)
        repetition = check_repetition(again, before=before, after=read_books(client))
        render_checks(console, "What must not change", repetition)
    return all(check.holds for check in [*checks, *repetition])


def _replay(
    purchases: Sequence[Purchase],
    settings: ReplaySettings,
    *,
    title: str,
    console: Console,
) -> ReplayReport:
    """Replays with a progress bar and prints how it went."""
    with progress_bar(console) as progress:
        task = progress.add_task(title, total=None)
        report = replay(
            purchases,
            settings,
            on_progress=lambda done, total: progress.update(
                task,
                completed=done,
                total=total,
            ),
        )
    render_report(console, title, report)
    return report
