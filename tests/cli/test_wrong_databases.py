"""A database that cannot be served is refused in one line that says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import points.cli.serve  # noqa: F401 - who may read little can import nothing new
from points.store.opening import open_store
from tests.cli.conftest import Ended, Points
from tests.cli.ledgers import fill
from tests.postgresql.ports import free_port
from tests.store.processes import humble, open_folder


NONSENSE = (
    "'nonsense' is not a database URL: use sqlite:///FILE"
    " or postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE,"
    " with %2F for a / in a password, %40 for an @ and %3A for a :"
)
UNSUPPORTED = (
    "'mysql' is not supported: use sqlite:///FILE"
    " or postgresql+psycopg://USER@HOST/DATABASE"
)


def refused(line: str) -> Ended:
    """Returns how a command ends that says one line."""
    return Ended(1, "", f"points: {line}\n")


def serve(points: Points, url: str) -> Ended:
    """Runs a server that must not start."""
    return points("serve", "--address=127.0.0.1:0", f"--database-url={url}")


@pytest.fixture
def ledger(folder: Path) -> Path:
    """Returns a file with an empty ledger."""
    path = folder / "points.db"
    with open_store(f"sqlite:///{path}"):
        pass
    return path


def test_a_file_that_is_not_ours_is_refused(points: Points, folder: Path) -> None:
    path = folder / "letter.txt"
    path.write_text("Dear reader")

    assert serve(points, f"sqlite:///{path}") == refused(
        f"{path} is not a points database: give another --database-url"
    )


def test_a_file_that_is_not_ours_is_left_as_it_is(points: Points, folder: Path) -> None:
    path = folder / "letter.txt"
    path.write_text("Dear reader")

    serve(points, f"sqlite:///{path}")

    assert path.read_text() == "Dear reader"


@pytest.mark.parametrize(
    ("name", "mode", "what"),
    [
        ("", 0o555, "cannot be written to: give another --database-url"),
        ("points.db", 0o444, "cannot be written to: change its permissions"),
        ("points.db.lock", 0o444, "cannot be written to: change its permissions"),
    ],
    ids=["folder", "file", "lock"],
)
def test_what_cannot_be_written_to_is_refused(
    points: Points,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    mode: int,
    what: str,
) -> None:
    with open_folder() as common:
        monkeypatch.chdir(common)
        with open_store(f"sqlite:///{common}/points.db"):
            pass
        (common / "points.db").chmod(0o666)
        (common / "points.db.lock").chmod(0o666)
        (common / name).chmod(mode)

        with humble():
            ended = serve(points, f"sqlite:///{common}/points.db")

    assert ended == refused(f"{common / name} {what}")


def test_a_file_of_a_newer_version_is_refused(points: Points, ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version_core SET version_num = 'future'")

    assert serve(points, f"sqlite:///{ledger}") == refused(
        f"{ledger} was written by a newer version of points (future): update points"
    )


def test_a_file_that_a_server_has_open_is_refused(points: Points, ledger: Path) -> None:
    with open_store(f"sqlite:///{ledger}"):
        ended = serve(points, f"sqlite:///{ledger}")

    assert ended == refused(
        f"another server has {ledger} open: stop it,"
        " or give this one another --database-url"
    )


def test_a_damaged_text_of_a_record_is_not_shown(points: Points, folder: Path) -> None:
    fill("sqlite:///points.db")
    with closing(sqlite3.connect("points.db", isolation_level=None)) as connection:
        connection.execute("UPDATE record SET body = CAST(x'5aff5a' AS TEXT)")

    ended = points("export", f"--output={folder / 'ledger.jsonl'}")

    assert ended.status == 1
    assert ended.err.strip() == (
        "points: the database is damaged (a text is no UTF-8): restore a backup"
    )


def test_a_damaged_page_is_told_with_what_to_do(points: Points, folder: Path) -> None:
    fill("sqlite:///points.db")
    path = folder / "points.db"
    with closing(sqlite3.connect(path)) as connection:
        where = "SELECT rootpage FROM sqlite_master WHERE name = 'record'"
        (page,) = connection.execute(where).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xff" * 4_096)

    ended = points("verify")

    assert ended.status == 1
    assert ended.err.strip() == (
        "points: the database is damaged (database disk image is malformed):"
        " restore a backup"
    )


def test_bytes_that_are_no_text_are_refused(process: Points) -> None:
    ended = process("verify", "--database-url=postgresql://ada@db/a\udcffb")

    assert ended == refused("the database URL is not UTF-8: write bytes as %XX")


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("nonsense", NONSENSE),
        ("sqlite://", "a ledger in memory is not durable: use sqlite:///FILE"),
        ("mysql://localhost/points", UNSUPPORTED),
        (
            "sqlite:////not/there/points.db",
            "/not/there does not exist: make it, or give another --database-url",
        ),
    ],
)
def test_a_url_that_cannot_be_served_is_refused(
    points: Points, url: str, line: str
) -> None:
    assert serve(points, url) == refused(line)


def test_a_postgresql_that_is_down_is_refused(points: Points) -> None:
    url = f"postgresql+psycopg://nobody:secret@127.0.0.1:{free_port()}/points"

    ended = serve(points, url)

    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith("points: cannot open postgresql+psycopg://nobody:***@")


def test_a_postgresql_database_that_is_not_migrated_is_refused(
    points: Points, postgres_database: str
) -> None:
    ended = serve(points, postgres_database)

    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1
    assert "needs a migration: run points migrate with the same --data" in ended.err


def test_a_refusal_shows_no_trace(points: Points) -> None:
    assert "Traceback" not in serve(points, "nonsense").err
