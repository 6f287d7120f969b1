"""`points plugins purge`: asks, removes what a plugin has left, and says how much."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from points.testing.served import Served, running_served
from tests.cli.conftest import Ended, Points
from tests.plugin import greeter
from tests.plugin.greeter import Greetings, GreetRequest


OPERATOR = ("--operator=ann", "--reason=test")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Yields a server whose greeter has greeted two members, and is off."""
    url = f"sqlite:///{tmp_path / 'points.db'}"
    with running_served(url, greeter.host()) as running:
        for name in ("ada", "bob"):
            running.client.create_member(name)
            greet(running, name)
        running.client.disable_plugin("greeter", operator="ann", reason="test")
        yield running


def greet(running: Served, member_id: str) -> None:
    """Greets a member."""
    method = running.channel.unary_unary(
        f"/{greeter.SERVICE}/Greet",
        request_serializer=GreetRequest.SerializeToString,
        response_deserializer=Greetings.FromString,
    )
    method(GreetRequest(member_id=member_id, request_id="greet"), timeout=10)


def said(ended: Ended, start: str) -> list[str]:
    """Returns the lines that begin so: the server of the test logs there as well."""
    return [line for line in ended.out.splitlines() if line.startswith(start)]


def left(running: Served) -> int:
    """Returns how many documents the greeter has."""
    asked = {"operator": "ann", "reason": "test"}
    answer = running.client.purge_plugin("greeter", **asked, validate_only=True)
    return answer.remaining_documents


def test_a_purge_removes_all_that_is_left_and_says_how_much(
    points: Points, served: Served
) -> None:
    command = ("plugins", "purge", "greeter", f"--address={served.address}", *OPERATOR)
    ended = points(*command, "--yes")
    again = points(*command, "--json")

    assert ended.status == 0
    assert said(ended, "greeter") == ["greeter: 2 documents removed, 0 left"]
    assert left(served) == 0
    assert again.status == 0
    (told,) = map(json.loads, said(again, "{"))
    assert told == {"name": "greeter", "purged": 0, "remaining": 0}


@pytest.mark.parametrize(("answer", "documents"), [("n\n", 2), ("y\n", 0)])
def test_a_purge_asks_first(
    points: Points,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    documents: int,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    ended = points(
        "plugins", "purge", "greeter", f"--address={served.address}", *OPERATOR
    )

    assert "Remove 2 documents of greeter for ever?" in ended.err
    assert ended.status == (1 if documents else 0)
    assert left(served) == documents


def test_a_plugin_that_takes_part_is_not_purged(points: Points, served: Served) -> None:
    served.client.enable_plugin("greeter", operator="ann", reason="test")

    ended = points(
        "plugins",
        "purge",
        "greeter",
        f"--address={served.address}",
        *OPERATOR,
        "--yes",
    )

    assert ended.status == 1
    assert "plugin 'greeter' is enabled: disable it first" in ended.err
