"""Where ghz is missing h2load stands in, and is told apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from points.client import PointsClient
from points.domain.program import Program
from points.server.serving import ServingOptions
from points.v1.ledger_service_pb2 import EarnRequest
from tests.load.h2load import framed, read_output, repeat, run_h2load
from tests.load.load import load
from tests.load.prepare import prepare
from tests.load.profiles import load_profile
from tests.load.sending import Sender
from tests.load.tools import GHZ, H2LOAD, load_tool
from tests.server.running import LoopThread, served


SAID = """starting benchmark...
progress: 100% done

finished in 752.86ms, 664.13 req/s, 147.66KB/s
requests: 500 total, 500 started, 500 done, 498 succeeded, 2 failed, 0 errored, \
0 timeout
status codes: 498 2xx, 0 3xx, 0 4xx, 2 5xx
"""
SAID_OF_TWO = """
finished in 1.50s, 1.33 req/s, 1.66KB/s
requests: 2 total, 2 started, 2 done, 2 succeeded, 0 failed, 0 errored, 0 timeout
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a folder that is all there is to find programs in."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_program(folder: Path, name: str, *lines: str) -> None:
    """Writes a program of the shell."""
    file = folder / name
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)


def write_h2load(folder: Path, said: str = SAID_OF_TWO) -> None:
    """Writes a program that keeps what it was told, and says what h2load would."""
    write_program(
        folder,
        H2LOAD,
        f'for each in "$@"; do echo "$each" >> {folder}/told; done',
        'for each in "$@"; do case $each in --log-file=*)',
        r'printf "1\t200\t4000\n2\t200\t8000\n" > "${each#--log-file=}";; esac; done',
        f'echo "{said}"',
    )


def test_ghz_is_taken_wherever_it_is(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (GHZ, H2LOAD):
        write_program(programs, name)

    assert (load_tool(), capsys.readouterr().err) == (GHZ, "")


def test_h2load_stands_in_for_ghz_and_says_what_it_cannot_tell(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_program(programs, H2LOAD)

    assert load_tool() == H2LOAD
    said = capsys.readouterr().err
    assert "go install github.com/bojand/ghz" in said
    assert "whether a call was OK is not seen" in said


@pytest.mark.usefixtures("programs")
def test_without_both_it_is_told_where_they_come_from() -> None:
    with pytest.raises(SystemExit, match="nghttp2-client"):
        load_tool()


@pytest.mark.parametrize("flags", [["--knee"], ["--rps", "5"]])
def test_calls_at_a_rate_need_ghz(programs: Path, flags: list[str]) -> None:
    write_program(programs, H2LOAD)

    done = CliRunner().invoke(load, flags)

    assert done.exit_code == 2
    assert "need ghz" in done.output


def test_a_message_is_framed_as_grpc_has_it() -> None:
    message = EarnRequest(member_id="ada")

    assert framed(message) == b"\0\0\0\0\x05" + message.SerializeToString()


def test_what_h2load_says_is_read() -> None:
    log = [f"17\t200\t{number * 1_000}" for number in range(101)]

    run = read_output(SAID, log)

    assert (run.rate, run.p50_ms, run.p99_ms) == (664.13, 50.0, 99.0)
    assert (run.accepted, run.call_count) == (498, 500)


def test_other_words_are_not_taken_for_a_run() -> None:
    with pytest.raises(ValueError, match="cannot connect"):
        read_output("cannot connect", [])


def test_h2load_is_told_what_grpc_needs(programs: Path, tmp_path: Path) -> None:
    write_h2load(programs)
    message = EarnRequest(member_id="ada")

    run = run_h2load("points.v1.L/Earn", message, 2, "127.0.0.1:9", tmp_path)

    told = (programs / "told").read_text().splitlines()
    assert "http://127.0.0.1:9/points.v1.L/Earn" in told
    assert {"--requests=2", "--header=te: trailers"} <= {*told}
    assert (tmp_path / "body").read_bytes() == framed(message)
    assert (run.rate, run.p50_ms, run.accepted) == (1.33, 6.0, 2)


@pytest.fixture
def sender(sqlite_url: str, program: Program, tmp_path: Path) -> Iterator[Sender]:
    """Yields what sends to a server in this process, on a new ledger."""
    thread = LoopThread()
    thread.start()
    options = ServingOptions(address="127.0.0.1:0")
    with (
        served(thread, sqlite_url, program, options) as running,
        PointsClient(running.address) as client,
    ):
        prepare(client)
        yield Sender(running.address, "sqlite", client, tmp_path)
    thread.stop()


def test_a_request_that_is_repeated_is_recorded_once(
    programs: Path, sender: Sender
) -> None:
    write_h2load(programs)

    line = repeat(sender, load_profile("earn"), 2)

    assert (line.problems, line.run.accepted) == ([], 2)
    assert sender.client.get_outcome("load-0", "earn-0").outcome.member_id == "load-0"


def test_what_failed_is_told(programs: Path, sender: Sender) -> None:
    write_h2load(programs, SAID)

    line = repeat(sender, load_profile("burn"), 500)

    assert line.problems == ["2 failed"]
