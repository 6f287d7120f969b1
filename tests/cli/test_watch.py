"""`points watch`: a line per change."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import click
import pytest

from points.cli.watch import SHOWN, line
from points.client import PointsClient, Refused, batch_command, earn_request
from points.program.shipped import shipped_text
from points.v1.change_pb2 import Change
from points.v1.outcome_pb2 import Outcome, PluginCall
from tests.cli.conftest import Points
from tests.serving import ServerProcess, clean_environment, points_command


@pytest.fixture
def target(start_server: Callable[..., ServerProcess], sqlite_url: str) -> str:
    """Returns the address of a server where things have happened."""
    address = start_server(sqlite_url).address
    with PointsClient(address) as client:
        client.create_member("alice")
        client.create_member("bob")
        client.earn("alice", 120, reason="purchase")
        with pytest.raises(Refused):
            client.burn("alice", 500, reason="voucher")
    return address


Lines = Callable[..., list[str]]


@pytest.fixture
def lines(target: str) -> Iterator[Lines]:
    """Yields a function that returns so many lines of a watch."""
    running: list[subprocess.Popen[str]] = []

    def watch(count: int, *flags: str) -> list[str]:
        process = subprocess.Popen(
            points_command("watch", f"--target={target}", *flags),
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        running.append(process)
        assert process.stdout is not None
        return [process.stdout.readline().rstrip("\n") for _ in range(count)]

    yield watch
    for process in running:
        process.terminate()
        process.communicate()


def test_each_change_is_one_line(lines: Lines) -> None:
    found = lines(4)

    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", line) for line in found)
    assert [line[21:] for line in found] == [
        "CREATE_MEMBER     alice",
        "CREATE_MEMBER     bob",
        "EARN              alice  120 points issuance -> member:alice  (purchase)",
        "BURN              alice  refused: INSUFFICIENT_POINTS",
    ]


def test_what_moves_no_points_is_one_line_too(target: str, lines: Lines) -> None:
    with PointsClient(target) as client:
        token = client.list_changes(from_now=True).resume_token
        client.set_limits("bob", operator="olga", reason="looks odd", ceiling=9)
        earn = earn_request("bob", 1, reason="visit", request_id="e")
        client.batch_write([batch_command(earn)], request_id="b")
        past = datetime(2020, 1, 1, tzinfo=UTC)
        client.close_books(past, operator="olga", reason="2019")
        client.apply_program(shipped_text(), operator="olga", reason="spring")

    found = lines(3 + 64 + 64, f"--resume-token={token}")

    assert {line[21:] for line in found} == {
        "SET_LIMITS        bob",
        "BATCH               1 commands",
        "EARN              bob  1 points issuance -> member:bob  (visit)",
        "CLOSE_BOOKS",
        "APPLY_PROGRAM       version 1",
    }


@pytest.mark.parametrize(
    "result",
    [field.name for field in Outcome.DESCRIPTOR.oneofs_by_name["result"].fields],
)
def test_whatever_may_happen_has_a_line(result: str) -> None:
    outcome = Outcome(member_id="alice")
    getattr(outcome, result).SetInParent()
    if result == "notice":
        outcome.notice.lots.add()

    told = click.unstyle(line(Change(kind="ANY", outcome=outcome)))

    assert told.startswith("1970-01-01 00:00:00  ANY")
    assert result in SHOWN


def test_a_call_of_a_plugin_says_which() -> None:
    call = PluginCall(
        plugin="wheel", method="points.plugins.wheel.v1.WheelService/Spin"
    )
    change = Change(kind="CALL_PLUGIN", outcome=Outcome(plugin_call=call))

    assert line(change).endswith("wheel: Spin")


def test_what_is_not_utf8_ends_with_1(target: str) -> None:
    command = points_command("watch", f"--target={target}", "--member=\udcff")
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, env=clean_environment()
    )

    assert ended.returncode == 1
    assert "is not UTF-8: no server takes it" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_only_one_member_is_shown(lines: Lines) -> None:
    assert lines(1, "--member=bob")[0].endswith("CREATE_MEMBER     bob")


def test_only_one_kind_is_shown(lines: Lines) -> None:
    assert "purchase" in lines(1, "--kind=EARN")[0]


def test_programs_get_a_line_of_json(lines: Lines) -> None:
    (first, second) = map(json.loads, lines(2, "--json"))

    assert first["outcome"]["member_id"] == "alice"
    (after,) = lines(1, "--json", f"--resume-token={first['resume_token']}")
    assert json.loads(after) == second


def test_a_token_leaves_out_what_was_there(target: str, lines: Lines) -> None:
    with PointsClient(target) as client:
        token = client.list_changes(from_now=True).resume_token
        client.earn("bob", 7, reason="later")

    assert "later" in lines(1, f"--resume-token={token}")[0]


def test_a_wrong_token_ends_with_1(points: Points, target: str) -> None:
    ended = points("watch", f"--target={target}", "--resume-token=x")

    assert ended.status == 1
    assert "resume_token is not one that this ledger has given" in ended.err
