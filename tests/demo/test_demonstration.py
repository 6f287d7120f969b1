"""The demonstration shows both replays and tells whether every check held."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from points.client import PointsClient, Unavailable
from points.demo import run
from points.demo.purchases import read_purchases
from points.demo.report import TRUTHS_OF_ALL, Check, Truths, truths_of
from tests.serving import ServerProcess


@pytest.fixture
def console() -> Console:
    """Returns a console whose output can be read with `shown`."""
    return Console(file=io.StringIO(), width=100)


def shown(console: Console) -> str:
    """Returns what was printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("batch", [None, 50], ids=["unary", "batch"])
def test_everything_holds_on_an_empty_server(
    server_address: str, console: Console, tmp_path: Path, batch: int | None
) -> None:
    journal = tmp_path / "journal"

    holds = run(
        server_address,
        batch=batch,
        limit=100,
        in_flight=8,
        console=console,
        journal=journal,
    )

    assert holds, shown(console)
    assert "fails" not in shown(console)
    assert "Same replay again" in shown(console)
    assert len(journal.read_text().splitlines()) > 100


def test_points_from_elsewhere_are_noticed(
    start_server: Callable[..., ServerProcess], sqlite_url: str, console: Console
) -> None:
    target = start_server(sqlite_url).address
    with PointsClient(target) as client:
        client.create_member("alice")
        client.earn("alice", 1, reason="gift")

    holds = run(target, batch=50, limit=20, in_flight=8, console=console)

    assert not holds
    assert "fails" in shown(console)


def test_without_a_server_it_ends_at_once(console: Console) -> None:
    # Nobody listens on port 1.
    with pytest.raises(Unavailable):
        run("127.0.0.1:1", batch=None, limit=20, in_flight=8, console=console)


def test_the_truths_of_the_whole_log_are_what_its_purchases_say() -> None:
    assert truths_of(read_purchases()) == TRUTHS_OF_ALL


def test_there_is_nothing_true_of_no_purchases() -> None:
    assert truths_of([]) == Truths(members=0, transactions=0, points=0)


def test_a_check_holds_only_if_both_numbers_are_the_same() -> None:
    assert Check(name="points", expected=1, actual=1).holds
    assert not Check(name="points", expected=1, actual=2).holds
