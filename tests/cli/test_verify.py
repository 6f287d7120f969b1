"""`points verify`: 0 all agrees, 1 cannot be read, 2 differs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Points
from tests.cli.ledgers import fill


SUMMARY = {"records": 3, "transactions": 2, "members": 1, "accounts": 3, "lots": 1}


@pytest.fixture
def ledger(database_url: str, folder: Path) -> str:
    """Returns the URL of a ledger on each database."""
    del folder
    fill(database_url)
    return database_url


@contextmanager
def damage(path: Path) -> Iterator[sqlite3.Connection]:
    """Yields a connection to a file, to do harm."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def damaged(folder: Path) -> str:
    """Returns the URL of a ledger whose books were changed by hand."""
    fill("sqlite:///points.db")
    with damage(folder / "points.db") as connection:
        connection.execute("UPDATE account SET balance = balance + 1")
    return "sqlite:///points.db"


def test_books_that_agree_are_said_to(points: Points, ledger: str) -> None:
    ended = points("verify", f"--database-url={ledger}")

    assert ended.status == 0
    assert ended.out.splitlines()[-1] == "everything agrees with the records"


def test_what_was_compared_is_counted(points: Points, ledger: str) -> None:
    rows = points("verify", f"--database-url={ledger}").out.splitlines()

    header = next(row for row in rows if "records" in row)
    counts = next(row for row in rows if "3" in row and "2" in row and "│" in row)
    assert [word for word in header.split() if word.isalpha()] == list(SUMMARY)
    assert [int(word) for word in counts.split() if word.isdigit()] == [
        *SUMMARY.values()
    ]


def test_programs_get_json(points: Points, ledger: str) -> None:
    ended = points("verify", "--json", f"--database-url={ledger}")

    assert ended.status == 0
    told = json.loads(ended.out)
    assert told["counts"] == {**SUMMARY, "holds": 0}
    assert (told["differences"], told["difference_count"]) == ([], 0)


def test_programs_get_the_last_link_of_every_chain(points: Points, ledger: str) -> None:
    told = json.loads(points("verify", "--json", f"--database-url={ledger}").out)

    written = [head for head in told["heads"] if head["number"]]
    assert len(told["heads"]) == 64
    assert [(head["number"], len(head["digest"])) for head in written] == [(3, 64)]


def test_books_that_differ_end_with_2(points: Points, damaged: str) -> None:
    ended = points("verify", f"--database-url={damaged}")

    assert ended.status == 2
    assert ended.out.splitlines()[-1] == "3 differences"


def test_each_difference_is_shown(points: Points, damaged: str) -> None:
    lines = points("verify", f"--database-url={damaged}").out.splitlines()

    shown = [line for line in lines if line.startswith("differs part ")]
    assert len(shown) == 3


def test_differences_are_in_the_json(points: Points, damaged: str) -> None:
    ended = points("verify", "--json", f"--database-url={damaged}")

    assert ended.status == 2
    assert len(json.loads(ended.out)["differences"]) == 3


def test_only_the_first_fifty_differences_are_shown(
    points: Points, folder: Path
) -> None:
    fill("sqlite:///points.db")
    with damage(folder / "points.db") as connection:
        connection.execute("UPDATE head SET last_time = last_time + 1")

    ended = points("verify", "--database-url=sqlite:///points.db")

    lines = ended.out.splitlines()
    assert sum(line.startswith("differs") for line in lines) == 50
    assert lines[-1] == "64 differences"


@pytest.mark.parametrize("member_id", ["[/bold]", "[red]", "[link=x]"])
def test_a_difference_shows_every_id_as_it_is(
    points: Points, folder: Path, member_id: str
) -> None:
    fill("sqlite:///points.db", member_id)
    with damage(folder / "points.db") as connection:
        connection.execute("UPDATE account SET balance = balance + 1")

    ended = points("verify", "--database-url=sqlite:///points.db")

    assert f"member:{member_id}" in ended.out


@pytest.mark.parametrize("name", ["[bold]", "[red]"])
def test_the_place_is_shown_as_it_is(points: Points, folder: Path, name: str) -> None:
    (folder / name).mkdir()
    fill(f"sqlite:///{name}/points.db")

    ended = points("verify", f"--database-url=sqlite:///{name}/points.db")

    assert f"/{name}/points.db" in ended.out.replace("\n", "")


def test_a_file_that_is_not_there_ends_with_1(points: Points, folder: Path) -> None:
    ended = points("verify", "--json", "--database-url=sqlite:///points.db")

    assert ended.status == 1
    assert ended.out == ""
    assert ended.err == (
        "points: points.db does not exist: start a server or give --database-url\n"
    )
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_read_ends_with_1(points: Points, folder: Path) -> None:
    fill("sqlite:///points.db")
    path = folder / "points.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:8_192] + b"\xff" * (len(whole) - 8_192))

    ended = points("verify", "--database-url=sqlite:///points.db")

    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1


def test_a_wrong_flag_is_no_difference(points: Points, ledger: str) -> None:
    ended = points("verify", "--nonsense", f"--database-url={ledger}")

    assert ended.status not in {0, 2}
