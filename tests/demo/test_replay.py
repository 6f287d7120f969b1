"""A replay leads to the known books on a real server, even over a crash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from points.client import PointsClient, Refused
from points.demo.purchases import Purchase, read_purchases
from points.demo.replay import ReplaySettings, replay
from points.demo.report import check_books, check_replay, read_books, truths_of
from tests.serving import ServerProcess


LIMIT = 200

either_way = pytest.mark.parametrize("batch", [None, 30], ids=["unary", "batch"])


@pytest.fixture(scope="module")
def purchases() -> list[Purchase]:
    """Returns the first purchases of the log."""
    return list(read_purchases(limit=LIMIT))


@pytest.fixture
def target(start_server: Callable[..., ServerProcess], sqlite_url: str) -> str:
    """Returns the address of a server on an empty SQLite file."""
    return start_server(sqlite_url).address


@either_way
def test_a_replay_leads_to_the_books_that_the_purchases_say(
    purchases: list[Purchase],
    server_address: str,
    client: PointsClient,
    batch: int | None,
) -> None:
    report = replay(purchases, ReplaySettings(target=server_address, batch=batch))

    truths = truths_of(purchases)
    checks = [*check_replay(report, truths), *check_books(read_books(client), truths)]
    assert [check for check in checks if not check.holds] == []


def test_a_second_replay_finds_everything_done_whether_in_batches_or_not(
    purchases: list[Purchase], target: str
) -> None:
    with PointsClient(target) as client:
        first = replay(purchases, ReplaySettings(target=target))
        books = read_books(client)

        again = [
            replay(purchases, ReplaySettings(target=target, batch=batch))
            for batch in (None, 30)
        ]

        assert read_books(client).lines == books.lines
    assert first.replayed == 0
    assert [report.replayed for report in again] == [first.acknowledged] * 2


@either_way
def test_the_journal_names_every_acknowledged_command_once(
    purchases: list[Purchase], target: str, tmp_path: Path, batch: int | None
) -> None:
    journal = tmp_path / "journal"

    report = replay(
        purchases, ReplaySettings(target=target, batch=batch, journal=journal)
    )

    lines = journal.read_text().splitlines()
    assert len(lines) == len(set(lines)) == report.acknowledged
    assert f"{purchases[0].member_id}\tcreate" in lines
    assert f"{purchases[0].member_id}\t{purchases[0].request_id}" in lines


def test_progress_ends_at_the_total(purchases: list[Purchase], target: str) -> None:
    steps: list[tuple[int, int]] = []

    report = replay(
        purchases,
        ReplaySettings(target=target),
        on_progress=lambda done, total: steps.append((done, total)),
    )

    assert steps == sorted(steps)
    assert steps[-1] == (report.acknowledged, report.acknowledged)


@either_way
def test_a_refusal_ends_the_replay(
    purchases: list[Purchase], target: str, batch: int | None
) -> None:
    with PointsClient(target) as client:
        client.create_member(purchases[0].member_id, request_id="of somebody else")

    with pytest.raises(Refused) as caught:
        replay(purchases, ReplaySettings(target=target, batch=batch))

    assert caught.value.reason == "MEMBER_EXISTS"
    assert caught.value.request_id == "create"


@pytest.mark.parametrize(
    ("batch", "in_flight", "size"),
    [(None, 64, 64), (None, 1, 1), (500, 64, 16), (10_000, 64, 2), (10_000, 1, 1)],
)
def test_large_batches_share_the_queue_of_the_server(
    batch: int | None, in_flight: int, size: int
) -> None:
    settings = ReplaySettings(target="", batch=batch, in_flight=in_flight)

    assert settings.window_size == size


@pytest.mark.parametrize("batch", [None, 5], ids=["unary", "batch"])
def test_a_crash_in_the_middle_loses_nothing_that_was_acknowledged(
    purchases: list[Purchase],
    start_server: Callable[..., ServerProcess],
    sqlite_url: str,
    tmp_path: Path,
    batch: int | None,
) -> None:
    servers = [start_server(sqlite_url)]
    target = servers[0].address

    def crash(done: int, total: int) -> None:
        if done >= total // 2 and len(servers) == 1:
            servers[0].kill()
            servers.append(start_server(sqlite_url, f"--address={target}"))

    settings = ReplaySettings(
        target=target, batch=batch, in_flight=8, journal=tmp_path / "journal"
    )
    report = replay(purchases, settings, on_progress=crash)

    truths = truths_of(purchases)
    with PointsClient(target) as client:
        checks = [
            *check_replay(report, truths),
            *check_books(read_books(client), truths),
        ]
        for line in (tmp_path / "journal").read_text().splitlines():
            client.get_outcome(*line.split("\t"))
    assert [check for check in checks if not check.holds] == []
    assert len(servers) == 2
    assert report.repeated > 0
