"""`points demo`: a short tour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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

    assert ended.status == 1
    assert ended.err.startswith("points: 'nonsense' is not a database URL: use")


def test_a_shop_under_rules_holds_and_is_verified_afterwards(points: Points) -> None:
    url = "--database-url=sqlite:///shop.db"

    ended = points("demo", "--program=retail", "--purchases=60", "--json", url)

    assert ended.status == 0, ended.out + ended.err
    told = json.loads(ended.out)
    assert told["played"]["purchases"] == 60
    assert [each["tier"] for each in told["tiers"]] == ["bronze", "silver", "gold"]
    assert told["total"]["expired"] > 0
    assert told["total"]["redeemed"] > 0
    assert all(check["holds"] for check in told["checks"])
    assert "playing purchases" in ended.err

    verified = points("verify", "--json", url)

    assert verified.status == 0, verified.out + verified.err
    counts = json.loads(verified.out)["counts"]
    assert counts["members"] == told["total"]["members"]


def test_a_shop_under_rules_is_shown_as_tables(points: Points) -> None:
    ended = points("demo", "--program=retail", "--limit=5")

    assert ended.status == 0, ended.out + ended.err
    assert "Members by tier, and their points" in ended.out
    assert "differences found by the audit" in ended.out


def test_a_shop_needs_an_empty_ledger(points: Points, folder: Path) -> None:
    url = f"sqlite:///{folder / 'points.db'}"
    fill(url)

    ended = points("demo", "--program=retail", "--limit=5", f"--database-url={url}")

    assert ended.status == 1
    assert "--database-url must be empty" in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--program=retail", "--target=127.0.0.1:1"), "--program takes no server"),
        (("--program=retail", "--batch=5"), "--program takes no server"),
        (("--json",), "--json is for --program"),
    ],
)
def test_a_shop_has_no_server(
    points: Points, options: tuple[str, ...], said: str
) -> None:
    ended = points("demo", *options)

    assert ended.status != 0
    assert said in ended.err
