"""The servers for tests start, survive a kill and leave nothing behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, exc, text
from sqlalchemy.pool import NullPool

from tests.postgresql.cluster import ClusterError
from tests.postgresql.installation import (
    PostgresMissingError,
    first_installation,
    installations,
)
from tests.postgresql.keep import kept_server
from tests.postgresql.ports import LOOPBACK, free_port
from tests.postgresql.server import URL_VARIABLE, own_server, running_server


if TYPE_CHECKING:
    from tests.postgresql.server import OwnPostgresServer, PostgresServer


def ask(url: str, question: str) -> object:
    """Run one statement in a transaction of its own and return what it answers."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(question))
        return result.scalar() if result.returns_rows else None


def test_the_shared_server_answers(postgres_server: PostgresServer) -> None:
    url = postgres_server.url("postgres")

    assert url.startswith("postgresql+psycopg://")
    assert ask(url, "SELECT 1") == 1


def test_a_database_is_empty(postgres_database: str) -> None:
    count = ask(
        postgres_database,
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
    )

    assert count == 0


def test_a_database_is_a_copy_of_its_template(postgres_server: PostgresServer) -> None:
    with postgres_server.fresh_database() as template:
        ask(template, "CREATE TABLE account AS SELECT 7 AS points")

        name = template.rpartition("/")[2]
        with postgres_server.fresh_database(template=name) as copy:
            assert ask(copy, "SELECT points FROM account") == 7


def test_a_database_in_use_is_dropped_all_the_same(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.fresh_database() as url:
        engine = create_engine(url)
        connection = engine.connect()
        connection.execute(text("SELECT 1"))

    with pytest.raises(exc.OperationalError):
        connection.execute(text("SELECT 1"))
    connection.close()
    engine.dispose()


def test_a_database_that_is_not_there_is_dropped_in_silence(
    postgres_server: PostgresServer,
) -> None:
    postgres_server.drop_database("points_test_never_made")


def test_a_committed_row_survives_a_kill(
    own_postgres_server: OwnPostgresServer,
) -> None:
    url = own_postgres_server.url("postgres")
    ask(url, "CREATE TABLE account AS SELECT 7 AS points")

    own_postgres_server.kill()
    with pytest.raises(exc.OperationalError):
        ask(url, "SELECT 1")
    own_postgres_server.start()

    assert ask(url, "SELECT points FROM account") == 7


def test_a_transaction_in_flight_is_lost_in_a_kill(
    own_postgres_server: OwnPostgresServer,
) -> None:
    url = own_postgres_server.url("postgres")
    ask(url, "CREATE TABLE account (points int)")
    engine = create_engine(url, poolclass=NullPool)

    with engine.connect() as connection:
        connection.execute(text("INSERT INTO account VALUES (7)"))
        own_postgres_server.kill()
        with pytest.raises(exc.OperationalError):
            connection.commit()
    own_postgres_server.start()

    assert ask(url, "SELECT count(*) FROM account") == 0


def test_a_kill_ends_a_statement_that_runs(
    own_postgres_server: OwnPostgresServer,
) -> None:
    url = own_postgres_server.url("postgres")
    errors: list[Exception] = []

    def sleep() -> None:
        try:
            ask(url, "SELECT pg_sleep(60)")
        except exc.OperationalError as error:
            errors.append(error)

    sleeper = threading.Thread(target=sleep)
    sleeper.start()
    while not ask(url, "SELECT count(*) FROM pg_stat_activity WHERE query ~ '60[)]$'"):
        pass
    own_postgres_server.kill()
    sleeper.join(timeout=5)

    assert len(errors) == 1


def test_only_a_server_that_runs_is_killed(
    own_postgres_server: OwnPostgresServer,
) -> None:
    own_postgres_server.kill()

    with pytest.raises(RuntimeError, match="does not run"):
        own_postgres_server.kill()


def test_only_a_server_that_is_down_is_started(
    own_postgres_server: OwnPostgresServer,
) -> None:
    with pytest.raises(RuntimeError, match="runs already"):
        own_postgres_server.start()


def test_a_server_that_was_killed_leaves_no_file() -> None:
    with own_server() as server:
        server.kill()

    assert not server.cluster.directory.exists()


def test_a_test_run_that_is_killed_leaves_no_server_and_no_file() -> None:
    script = (
        "import os, tests.postgresql.server as server\n"
        "with server.own_server() as own:\n"
        "    print(own.url('postgres'), own.cluster.directory, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    url, directory = run.stdout.split()

    # The time limit of a test ends this wait.
    while Path(directory).exists():
        time.sleep(0.01)
    with pytest.raises(exc.OperationalError, match="refused"):
        ask(url, "SELECT 1")


@pytest.mark.parametrize("programs", list(installations()), ids=str)
def test_each_installation_of_this_machine_serves(programs: Path) -> None:
    with own_server(programs) as server:
        assert ask(server.url("postgres"), "SHOW fsync") == "on"


def test_programs_in_a_folder_closed_to_the_server_still_run(tmp_path: Path) -> None:
    programs = first_installation(installations())
    closed = tmp_path / "closed"
    closed.symlink_to(programs.parents[2])

    with own_server(closed / programs.relative_to(programs.parents[2])) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    programs = tmp_path / "installation" / "bin"
    programs.mkdir(parents=True)
    initdb = programs / "initdb"
    initdb.write_text("#!/bin/sh\necho no space left\nexit 1\n")
    initdb.chmod(0o755)

    with pytest.raises(ClusterError, match="no space left"), own_server(programs):
        pass


def test_a_server_that_the_environment_names_comes_first(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = postgres_server.url("postgres").replace("+psycopg", "")
    monkeypatch.setenv(URL_VARIABLE, named)

    with running_server() as server:
        assert not server.owned
        assert server.address == postgres_server.address
        with server.fresh_database() as url:
            assert ask(url, "SELECT 1") == 1


def test_a_server_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "mysql://user:secret@127.0.0.1/points")

    with pytest.raises(ValueError, match="must be the URL") as caught, running_server():
        pass

    assert "secret" not in str(caught.value)


def test_no_postgresql_at_all_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(PostgresMissingError, match=f"uv sync.*{URL_VARIABLE}"):
        first_installation([])


def test_a_kept_server_has_its_data_the_next_time() -> None:
    # Not below `tmp_path`: pytest lets nobody else enter it, nor the server.
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with kept_server(folder / "kept", free_port()) as url:
            ask(url, "CREATE TABLE account AS SELECT 7 AS points")

        with kept_server(folder / "kept", free_port()) as url:
            assert ask(url, "SELECT points FROM account") == 7


def test_a_kept_server_that_does_not_start_says_where_its_log_is() -> None:
    with socket.socket() as taken, TemporaryDirectory() as name:
        taken.bind((LOOPBACK, 0))
        port = taken.getsockname()[1]
        with (
            pytest.raises(RuntimeError, match="did not start"),
            kept_server(Path(name), port),
        ):
            pass
