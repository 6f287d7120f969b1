"""`points export` and `points import`."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from points.cli.transport import _whole
from tests.cli.conftest import Points
from tests.cli.ledgers import fill
from tests.serving import clean_environment, points_command


@pytest.fixture
def ledger(folder: Path) -> Path:
    """Returns the export of a small ledger."""
    fill("sqlite:///points.db")
    return folder / "ledger.jsonl"


@pytest.fixture
def export(ledger: Path, points: Points) -> Path:
    """Returns the export of a small ledger."""
    assert points("export", f"--output={ledger}").status == 0
    return ledger


def test_an_export_goes_to_standard_output(points: Points, ledger: Path) -> None:
    del ledger
    ended = points("export")

    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert (ended.status, lines[0]["record_count"], len(lines)) == (0, 3, 5)
    assert ended.err.splitlines()[-1].startswith("exported 3 records of ")


def test_an_export_to_a_file_leaves_nothing_else(export: Path, folder: Path) -> None:
    assert export.read_bytes().count(b"\n") == 5
    assert not list(folder.glob("*.half"))


def test_two_exports_to_one_file_do_not_write_into_each_others(folder: Path) -> None:
    target = folder / "ledger.jsonl"
    with _whole(target) as first, _whole(target) as second:
        first.write(b"first")
        second.write(b"second")
        second.flush()

    assert target.read_bytes() == b"first"
    assert [each.name for each in folder.iterdir()] == [target.name]


def test_an_export_that_fails_leaves_what_was_there(folder: Path) -> None:
    target = folder / "ledger.jsonl"
    target.write_bytes(b"before")

    with suppress(KeyError), _whole(target) as file:
        file.write(b"half")
        raise KeyError

    assert target.read_bytes() == b"before"
    assert [each.name for each in folder.iterdir()] == [target.name]


@pytest.mark.parametrize("command", ["export", "--help"])
def test_an_output_that_is_full_ends_in_one_line(ledger: Path, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            points_command(command),
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ledger.parent,
            env=clean_environment(),
            check=False,
        )

    said = ended.stderr.decode().splitlines()
    assert ended.returncode == 1
    assert "".join(said) == (
        "points: cannot write: No space left on device: make room, or write elsewhere"
    )


def test_an_export_through_a_pipe_leaves_it_a_pipe(
    points: Points, ledger: Path, folder: Path
) -> None:
    """So does one to /dev/stdout, or to any device."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    ended = points("export", f"--output={pipe}")
    reader.join()

    assert ended.status == 0
    assert (pipe.is_fifo(), ledger.exists()) == (True, False)
    assert read[0].count(b"\n") == 5


def test_an_export_to_where_a_link_leads_leaves_the_link(
    points: Points, ledger: Path, folder: Path
) -> None:
    link = folder / "link"
    link.symlink_to(ledger)

    assert points("export", f"--output={link}").status == 0

    assert (link.is_symlink(), ledger.read_bytes().count(b"\n")) == (True, 5)


def test_an_import_is_the_same_ledger(
    points: Points, export: Path, database_url: str
) -> None:
    url = database_url.replace("points.db", "copy.db")

    imported = points("import", str(export), f"--database-url={url}")
    verified = points("verify", f"--database-url={url}")
    again = points("export", f"--database-url={url}")

    assert imported.out.startswith("imported 3 records into ")
    assert (imported.status, verified.status) == (0, 0)
    assert again.out == export.read_text()


def test_the_demo_moves_to_postgresql_and_back(
    points: Points, folder: Path, postgres_database: str
) -> None:
    demo = "sqlite:///demo.db"
    assert points("demo", "--limit=400", f"--database-url={demo}").status == 0

    exports = []
    for source, target in [
        (demo, postgres_database),
        (postgres_database, "sqlite:///back.db"),
    ]:
        path = folder / "moved.jsonl"
        points("export", f"--database-url={source}", f"--output={path}")
        exports.append(path.read_bytes())
        assert points("import", str(path), f"--database-url={target}").status == 0

    last = points("export", "--database-url=sqlite:///back.db").out.encode()
    assert exports == [last, last]
    assert points("verify", "--database-url=sqlite:///back.db").status == 0


def test_an_import_takes_the_number_of_parts_from_the_file(
    points: Points, folder: Path
) -> None:
    points("migrate", "--database-url=sqlite:///few.db", "--parts=3")
    points("export", "--database-url=sqlite:///few.db", "--output=few.jsonl")

    ended = points("import", "few.jsonl", "--database-url=sqlite:///copy.db")

    assert (folder / "copy.db").exists()
    assert points("migrate", "--database-url=sqlite:///copy.db").out.endswith(
        "(3 parts)\n"
    )
    assert ended.status == 0


def test_a_damaged_file_leaves_no_database(
    points: Points, export: Path, folder: Path
) -> None:
    export.write_bytes(export.read_bytes()[:-40])

    ended = points("import", str(export), "--database-url=sqlite:///copy.db")

    assert ended.status == 1
    assert ended.err.splitlines()[-1] == (
        "points: line 5 sums up other records: the file is damaged"
    )
    assert not list(folder.glob("copy.db*"))


def test_a_ledger_in_use_is_not_overwritten(points: Points, export: Path) -> None:
    ended = points("import", str(export), "--database-url=sqlite:///points.db")

    assert ended.status == 1
    assert "is not empty: give another --database-url" in ended.err
    assert points("verify").status == 0


def test_a_file_that_is_not_there_ends_with_1(points: Points, folder: Path) -> None:
    ended = points("import", "nowhere.jsonl")

    assert (ended.status, list(folder.iterdir())) == (1, [])


def test_an_export_to_where_nothing_can_be_written_ends_with_1(
    points: Points, ledger: Path
) -> None:
    del ledger
    ended = points("export", "--output=nowhere/ledger.jsonl")

    assert ended.status == 1
    assert "nowhere/ledger.jsonl cannot be written: No such file" in ended.err
