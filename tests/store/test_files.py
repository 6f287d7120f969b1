"""SQLite files: ours, of others, of nobody, and out of reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, QueuePool

from points.store.databases.sqlite import APPLICATION_ID, SqliteBackend
from points.store.opening import open_store, open_store_to_read
from tests.domain.build import record
from tests.store.build import put, rows
from tests.store.processes import OtherPython, humble, open_folder
from tests.store.test_opening import refusal, refusal_to_read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Returns where there is no file yet."""
    return tmp_path / "points.db"


@pytest.fixture
def common_folder() -> Iterator[Path]:
    """Yields a folder that users other than root may enter."""
    with open_folder() as folder:
        yield folder


def url_of(path: Path) -> str:
    """Returns the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def make_ledger(path: Path) -> None:
    """Makes a ledger with one record."""
    with open_store(url_of(path)) as store:
        put(store, record())


def count_records(path: Path) -> int:
    """Returns how many records a server finds."""
    with open_store(url_of(path)) as store:
        return len(rows(store, "SELECT number FROM record"))


def make_database(path: Path, *statements: str) -> None:
    """Makes a SQLite file with these statements."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_all_readers_together_keep_no_more_of_a_file_than_twice_the_writer(
    path: Path,
) -> None:
    def kept_kib(database: Engine) -> int:
        with database.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
        return -int(found)

    with open_store(url_of(path)) as store:
        backend = store.backend
        pool = backend.reading.pool
        assert isinstance(pool, QueuePool)
        readers = pool.size() * kept_kib(backend.reading)
        writer = kept_kib(backend.writing)

    assert 0 < readers <= 2 * writer


def test_a_new_file_is_marked_as_ours(path: Path) -> None:
    make_ledger(path)

    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("PRAGMA application_id").fetchone()
    assert found == (APPLICATION_ID,)


def test_an_empty_file_becomes_a_ledger(path: Path) -> None:
    path.touch()

    make_ledger(path)

    assert count_records(path) == 1


def test_a_server_that_died_in_its_first_start_can_start_again(path: Path) -> None:
    """The first connection has written a header, the migration is not committed."""
    backend = SqliteBackend(path)
    with backend.writing.connect():
        pass
    backend.close()

    make_ledger(path)

    assert count_records(path) == 1


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41b", "a b", "a+b", "é"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    make_ledger(path)

    assert count_records(path) == 1


@pytest.mark.parametrize("name", ["50% off #1", "why?"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    make_ledger(folder / "points.db")

    assert count_records(folder / "points.db") == 1


NOT_OURS = "is not a points database: give another --database-url"


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_text("a letter to grandmother")

    assert refusal(url_of(path)) == f"{path} {NOT_OURS}"


def test_a_damaged_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 16)

    assert refusal(url_of(path)) == f"{path} {NOT_OURS}"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda whole: whole[:5_000],
    "emptied": lambda whole: whole[:4_096].ljust(len(whole), b"\0"),
    "no schema": lambda whole: whole.replace(b"CREATE TABLE head", b"CREATE TABLE (ea"),
    "no text": lambda whole: whole.replace(
        b"CREATE TABLE head", b"CREATE TAB\xcb\xcb h "
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_ledger_that_is_damaged_is_not_taken_for_another_file(
    path: Path, damage: str
) -> None:
    make_ledger(path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))

    for said in (refusal(url_of(path)), refusal_to_read(url_of(path))):
        assert said.startswith(f"cannot open {path}: the database is damaged (")
        assert said.endswith("): restore a backup")


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE song (title TEXT)"],
        ["CREATE TABLE record (title TEXT)"],
        ["CREATE TABLE song (title TEXT)", "PRAGMA application_id = 7"],
        ["PRAGMA journal_mode = WAL", "CREATE TABLE song (title TEXT)"],
    ],
)
def test_a_database_of_another_program_is_left_alone(
    path: Path, statements: list[str]
) -> None:
    make_database(path, *statements)

    assert refusal(url_of(path)) == f"{path} {NOT_OURS}"


def test_a_database_of_another_program_is_not_read(path: Path) -> None:
    make_database(path, "CREATE TABLE song (title TEXT)")

    assert refusal_to_read(url_of(path)) == f"{path} {NOT_OURS}"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert NOT_OURS in refusal(url_of(tmp_path))


def test_a_file_that_is_missing_is_not_read(path: Path) -> None:
    assert refusal_to_read(url_of(path)) == (
        f"{path} does not exist: start a server or give --database-url"
    )


def test_reading_makes_no_file(path: Path) -> None:
    refusal_to_read(url_of(path))

    assert not path.exists()


def test_an_empty_file_is_not_read(path: Path) -> None:
    path.touch()

    assert "needs a migration" in refusal_to_read(url_of(path))


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "missing"

    assert refusal(url_of(folder / "points.db")) == (
        f"{folder} does not exist: make it, or give another --database-url"
    )


def test_a_folder_that_cannot_be_written_to_is_named(common_folder: Path) -> None:
    common_folder.chmod(0o555)

    with humble():
        said = refusal(url_of(common_folder / "points.db"))

    assert said == f"{common_folder} cannot be written to: give another --database-url"


def test_a_file_that_cannot_be_written_to_is_named(common_folder: Path) -> None:
    path = common_folder / "points.db"
    make_ledger(path)
    path.chmod(0o444)

    with humble():
        said = refusal(url_of(path))

    assert said == f"{path} cannot be written to: change its permissions"


def test_a_lock_that_cannot_be_written_to_is_named(common_folder: Path) -> None:
    lock = common_folder / "points.db.lock"
    lock.touch(0o444)

    with humble():
        said = refusal(url_of(common_folder / "points.db"))

    assert said == f"{lock} cannot be written to: change its permissions"


def test_a_file_that_cannot_be_written_to_can_be_read(common_folder: Path) -> None:
    path = common_folder / "points.db"
    make_ledger(path)
    path.chmod(0o444)

    with humble(), open_store_to_read(url_of(path)) as store:
        assert rows(store, "SELECT number FROM record") == [(1,)]


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patched, for one process has one SQLite."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 9))

    assert "is too old: 3.38 is needed" in refusal(url_of(path))


def test_a_second_server_on_the_same_file_is_refused(path: Path) -> None:
    with open_store(url_of(path)):
        said = refusal(url_of(path))

    assert said == (
        f"another server has {path} open: stop it,"
        " or give this one another --database-url"
    )


HOLDING = """
import sys
from points.store.opening import open_store
with open_store(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_second_server_process_is_refused_until_the_first_is_gone(
    path: Path,
) -> None:
    other = OtherPython(HOLDING, url_of(path))
    other.hear()
    said = refusal(url_of(path))
    other.kill()

    assert said.startswith("another server has")
    assert count_records(path) == 0


LOOKING_AT_A_LARGE_FILE = """
import resource, sys
from points.store.opening import open_store
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
with open_store(sys.argv[1]):
    pass
"""


def test_a_large_file_is_not_read_whole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(64 << 30)

    said = OtherPython(LOOKING_AT_A_LARGE_FILE, url_of(path)).last_words()

    assert said.endswith(NOT_OURS)
