"""`points demo`: a short tour."""

from __future__ import annotations

from pathlib import Path

from points.store.opening import open_store
from tests.cli.conftest import Points
from tests.cli.ledgers import fill
from tests.postgresql.ports import free_port


def test_a_short_tour_holds(points: Points) -> None:
    ended = points("demo", "--limit=30", "--batch=10")

    assert ended.status == 0, ended.out + ended.err


def test_a_tour_of_a_ledger_that_others_use_does_not_hold(
    points: Points, folder: Path
) -> None:
    url = f"sqlite:///{folder / 'points.db'}"
    fill(url)

    ended = points("demo", "--limit=20", f"--database-url={url}")

    assert ended.status == 1, ended.out + ended.err


def test_a_tour_needs_its_server(points: Points) -> None:
    ended = points("demo", f"--target=127.0.0.1:{free_port()}")

    assert ended.status == 1
    assert ended.err.startswith("Error: ")


def test_a_tour_needs_a_database_that_can_be_served(
    points: Points, folder: Path
) -> None:
    with open_store("sqlite:///points.db"):
        ended = points("demo", "--database-url=sqlite:///points.db")

    assert ended.status == 1
    assert f"another server has {folder / 'points.db'} open" in ended.err
    assert "the server did not start" in ended.err


def test_a_tour_is_of_one_server(points: Points) -> None:
    ended = points("demo", "--database-url=sqlite:///a.db", "--target=127.0.0.1:1")

    assert ended.status != 0
    assert "--database-url starts a server, --target names one" in ended.err


def test_a_tour_checks_its_url_before_it_starts(points: Points) -> None:
    ended = points("demo", "--database-url=nonsense")

    assert (ended.status, ended.err) == (
        1,
        "points: 'nonsense' is not a database URL: try sqlite:///points.db\n",
    )
