"""`points serve` as a process: what it says, what it logs, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from points.client import PointsClient, Refused
from tests.cli.conftest import Points
from tests.serving import ServerProcess, clean_environment


REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder that the server of this module runs in."""
    return tmp_path_factory.mktemp("home [bold]")


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[ServerProcess]:
    """Yields the server process of this module."""
    server = ServerProcess.start("sqlite:///points.db", folder=home)
    yield server
    server.kill()


@pytest.fixture
def caller(running: ServerProcess) -> Iterator[PointsClient]:
    """Yields a client of the server of this module."""
    with PointsClient(running.address, timeout_seconds=20) as client:
        yield client


def said(server: ServerProcess, name: str) -> str:
    """Returns what the server has printed behind a name."""
    lines = server.output.read_text().splitlines()
    found = next(line for line in lines if line.startswith(name))
    return found.removeprefix(name).strip()


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line of a person in this repository."""
    return subprocess.run(  # noqa: S602 - as it was printed, quotes and all
        command,
        shell=True,
        cwd=REPOSITORY,
        env=clean_environment(UV_NO_SYNC="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_server_says_where_it_listens(running: ServerProcess) -> None:
    assert said(running, "listening on") == running.address
    assert running.address.startswith("127.0.0.1:")


def test_a_server_says_where_its_data_is(running: ServerProcess, home: Path) -> None:
    assert said(running, "data in") == f"{home / 'points.db'} (64 parts)"


def test_a_server_says_which_plugins_it_has(running: ServerProcess) -> None:
    assert re.search(r"\bcheckin [0-9.]+\b", said(running, "plugins"))


def test_the_command_to_try_works_as_it_is_printed(running: ServerProcess) -> None:
    ended = shell(said(running, "try"))

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["member"]["memberId"] == "alice"


def test_tools_can_list_the_methods_without_proto_files(
    running: ServerProcess,
) -> None:
    flags = "--protocol grpc --http2-prior-knowledge --list-methods"

    ended = shell(f"uv run buf curl {flags} http://{running.address}")

    assert ended.returncode == 0, ended.stderr
    assert "points.v1.LedgerService/Earn" in ended.stdout.split()


def lines_of(server: ServerProcess, request_id: str) -> list[dict[str, Any]]:
    """Returns the lines of the log that have a request id, once there are any."""
    deadline = time.monotonic() + 30
    found: list[dict[str, Any]] = []
    # Lines that are not urgent are written together, a moment later.
    while not found and time.monotonic() < deadline:
        lines = server.log.read_text().rpartition("\n")[0].splitlines()
        found = [
            line
            for line in map(json.loads, lines)
            if line.get("request_id") == request_id
        ]
        time.sleep(0.02)
    return found


def test_the_log_has_a_line_of_json_for_each_call(
    running: ServerProcess, caller: PointsClient
) -> None:
    caller.create_member("logged", request_id="logged-1")

    (line,) = lines_of(running, "logged-1")
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "rpc",
        "level": "info",
        "method": "CreateMember",
        "code": "OK",
        "request_id": "logged-1",
        "member_id": "logged",
    }


def test_the_log_has_the_code_of_a_refusal(
    running: ServerProcess, caller: PointsClient
) -> None:
    with pytest.raises(Refused):
        caller.burn("nobody", 5, reason="reward", request_id="logged-2")

    (line,) = lines_of(running, "logged-2")
    assert line["code"] == "NOT_FOUND"


def test_a_second_server_on_the_same_file_is_refused(
    running: ServerProcess, process: Points, home: Path
) -> None:
    assert running
    url = f"sqlite:///{home / 'points.db'}"

    ended = process("serve", "--address=127.0.0.1:0", f"--database-url={url}")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        f"points: another server has {home / 'points.db'} open: stop it,"
        " or give this one another --database-url\n"
    )


def test_a_second_server_on_the_same_port_is_refused(
    running: ServerProcess, process: Points
) -> None:
    ended = process("serve", f"--address={running.address}")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        f"points: cannot listen on {running.address}:"
        " is another server running there?\n"
    )


def test_a_server_without_its_own_checks_is_refused(folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-O", "-m", "points", "serve"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "points: python -O would switch off its own checks: run without -O\n"
    )


def test_the_command_is_installed_under_its_name() -> None:
    program = Path(sys.executable).parent / "points"

    assert os.access(program, os.X_OK)
