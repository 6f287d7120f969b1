"""`points program` with a running server, and `points serve --program`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from points.client import PointsClient
from points.program.bridge import to_program
from points.program.digests import digest_of
from points.program.loading.documents import load_document
from points.program.shipped import shipped_document, shipped_text
from points.server.serving import ServingOptions
from points.store.opening import Store
from tests.cli.conftest import Points
from tests.postgresql.ports import free_port
from tests.server.running import LoopThread, served_on
from tests.serving import ServerProcess


Start = Callable[..., ServerProcess]

SHOP = """program: shop
units:
  points: {kind: currency}
  qualifying_points: {kind: growth}
  stars: {kind: currency}
sinks: [redemption]
"""
WRONG = "program: x\nunits:\n  points: {kind: money}\n"
WHO_AND_WHY = ("--operator=olga", "--reason=spring")


@pytest.fixture
def server(sqlite_store: Store, loop_thread: LoopThread) -> Iterator[str]:
    """Yields the address of a server in this process, that nothing was applied to."""
    options = ServingOptions(address="127.0.0.1:0")
    built_in = to_program(shipped_document())
    with (
        # What the server logs is not what the command says.
        capture_logs(),
        served_on(loop_thread, sqlite_store, built_in, options) as running,
    ):
        yield running.address


@pytest.fixture
def shop(folder: Path) -> str:
    """Returns the name of a file with a document."""
    (folder / "shop.yaml").write_text(SHOP)
    return "shop.yaml"


def test_a_document_is_applied(points: Points, server: str, shop: str) -> None:
    ended = points("program", "apply", shop, f"--address={server}", *WHO_AND_WHY)

    assert ended.status == 0
    assert ended.out.startswith("the program is version 1, in force from 20")
    with PointsClient(server) as client:
        version = client.get_program().version
    assert (version.version, version.operator, version.reason) == (1, "olga", "spring")
    assert version.digest == digest_of(load_document(SHOP))


def test_what_is_in_force_already_is_told(
    points: Points, server: str, shop: str
) -> None:
    command = ("program", "apply", shop, f"--target={server}", *WHO_AND_WHY)
    points(*command)

    assert points(*command).out == ("nothing changes: version 1 has the same content\n")


def test_a_document_may_be_applied_from_an_instant_on(
    points: Points, server: str, shop: str
) -> None:
    start = "--from=2099-01-01T00:00:00+01:00"
    command = ("program", "apply", shop, f"--address={server}", *WHO_AND_WHY, start)

    tried = points(*command, "--validate-only")
    done = json.loads(points(*command, "--json").out)

    assert tried.out == (
        "the program would be version 1, in force from 2098-12-31 23:00:00+00:00\n"
    )
    assert done["version"]["effective_time"] == "2098-12-31T23:00:00Z"
    assert (
        json.loads(points("program", "history", f"--address={server}", "--json").out)[
            "version_in_force"
        ]
        == 0
    )


@pytest.mark.parametrize("command", ["apply", "plan"])
def test_a_wrong_document_ends_with_2(
    points: Points, folder: Path, command: str
) -> None:
    (folder / "bad.yaml").write_text(WRONG)
    more = WHO_AND_WHY if command == "apply" else ()

    ended = points("program", command, "bad.yaml", *more)

    assert ended.status == 2
    assert ended.out.startswith("bad.yaml:3:18: units.points.kind")


def test_what_a_server_refuses_ends_with_1(
    points: Points, server: str, shop: str
) -> None:
    ended = points(
        "program",
        "apply",
        shop,
        f"--address={server}",
        *WHO_AND_WHY,
        "--expected-version=3",
    )

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "Error: the program is at version 0, not 3\n"


def test_a_plan_compares_with_a_server(points: Points, server: str, shop: str) -> None:
    command = ("program", "plan", shop, f"--address={server}")
    before = points(*command)
    told = json.loads(points(*command, "--json").out)
    points("program", "apply", shop, f"--address={server}", *WHO_AND_WHY)

    (row,) = [line for line in before.out.splitlines() if "stars" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")][:3] == [
        "unit",
        "stars",
        "added",
    ]
    assert told["old_digest"] == digest_of(shipped_document())
    assert told["new_digest"] == digest_of(load_document(SHOP))
    assert points(*command).out == (
        "nothing changes\nnone of 0 members would change tier\n"
    )


def test_a_plan_counts_the_members_who_would_move(
    points: Points, folder: Path, server: str
) -> None:
    with PointsClient(server) as client:
        for name in ("ada", "bob"):
            client.create_member(name)
    (folder / "retail.yaml").write_text(shipped_text("retail"))
    command = ("program", "plan", "retail.yaml", f"--address={server}")

    told = json.loads(points(*command, "--json").out)

    assert told["member_count"] == 2
    assert told["moves"] == [
        {"ladder": "status", "to_tier": "bronze", "member_count": "2"}
    ]
    assert "bronze" in points(*command).out


def test_three_documents_are_too_many(points: Points) -> None:
    ended = points("program", "plan", "game", "game", "game")

    assert ended.status == 1
    assert "give one document" in ended.err


def test_the_document_of_a_server_is_shown(
    points: Points, server: str, shop: str
) -> None:
    points("program", "apply", shop, f"--address={server}", *WHO_AND_WHY)

    shown = points("program", "show", f"--address={server}").out
    told = json.loads(points("program", "show", f"--address={server}", "--json").out)
    first = points("program", "show", f"--address={server}", "--version=0").out

    assert load_document(shown) == load_document(SHOP)
    assert (told["version"]["version"], told["document"]) == ("1", json.loads(shown))
    assert load_document(first) == shipped_document()


def test_a_version_is_that_of_a_server(points: Points) -> None:
    ended = points("program", "show", "--version=1")

    assert ended.status == 1
    assert "give --address" in ended.err


def test_the_history_is_a_table(points: Points, server: str, shop: str) -> None:
    empty = points("program", "history", f"--address={server}").out
    points("program", "apply", shop, f"--address={server}", *WHO_AND_WHY)
    points("program", "apply", "built-in", f"--address={server}", *WHO_AND_WHY)

    lines = points("program", "history", f"--address={server}").out.splitlines()

    assert empty == "nothing was applied: the server works with its settings\n"
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    assert [row[0] for row in rows if "olga" in row] == ["2 *", "1"]


def test_a_server_that_is_not_there_ends_with_1(points: Points) -> None:
    ended = points("program", "history", f"--address=127.0.0.1:{free_port()}")

    assert ended.status == 1
    assert ended.err.startswith("Error: ")


def test_a_server_applies_its_file_once(
    start_server: Start, sqlite_url: str, shop: str, folder: Path
) -> None:
    file = f"--program={folder / shop}"
    first = start_server(sqlite_url, file)
    first.stop()
    second = start_server(sqlite_url, file)

    with PointsClient(second.address) as client:
        (version,) = client.list_program_versions()
    second.stop()

    assert "version 1, which was applied now" in first.output.read_text()
    assert "version 1, which is in force already" in second.output.read_text()
    assert (version.operator, version.reason) == ("points serve", "--program shop.yaml")


def test_a_server_does_not_start_with_a_wrong_file(
    process: Points, folder: Path, sqlite_url: str
) -> None:
    (folder / "bad.yaml").write_text(WRONG)

    ended = process("serve", f"--database-url={sqlite_url}", "--program=bad.yaml")

    assert (ended.status, ended.out) == (2, "")
    assert "bad.yaml:3:18: units.points.kind must be" in ended.err


def test_a_server_does_not_start_without_its_file(
    process: Points, sqlite_url: str
) -> None:
    ended = process("serve", f"--database-url={sqlite_url}", "--program=gone.yaml")

    assert ended.status == 1
    assert ended.err.endswith("Error: gone.yaml: No such file or directory\n")


def test_a_version_beyond_all_counting_ends_with_1(points: Points) -> None:
    ended = points("program", "show", "--version=99999999999999999999")

    assert ended.status == 1
    assert "is not in the range 0<=x<=9223372036854775807" in ended.err
