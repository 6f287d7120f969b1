"""No answer is lost when a server is killed, and nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from points.client import PointsClient, batch_command, earn_request
from tests.crash.checks import check_outcomes, verify
from tests.crash.crashes import (
    BACKEND,
    POSTMASTER,
    SERVER,
    SWEEPING,
    Crashes,
    check_everything,
)
from tests.crash.journal import Journal
from tests.crash.load import load, resend
from tests.crash.program import program_flag
from tests.crash.traffic import opening
from tests.postgresql.server import OwnPostgresServer
from tests.serving import ServerProcess


# Processes take their time to start on a busy machine, and these start many.
pytestmark = pytest.mark.timeout(300)


def test_nothing_acknowledged_is_lost_when_a_server_is_killed(
    sqlite_url: str, tmp_path: Path
) -> None:
    crashes = Crashes(sqlite_url, tmp_path, seconds_max=0.4, seed=time.time_ns())

    # Each took 6 s where two cores had three times their work to do, most of it the
    # start of the next server; more than 40 s is for the soak.
    findings = crashes.run(kills=6)

    assert findings.wrong == []
    assert findings.found == findings.acknowledged > 100
    assert findings.unasked["LAPSE"] > 0
    assert findings.unasked["EXPIRE"] > 0


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed(
    own_postgres_server: OwnPostgresServer, tmp_path: Path
) -> None:
    crashes = Crashes(
        own_postgres_server.url("postgres"),
        tmp_path,
        seconds_max=0.4,
        seed=time.time_ns(),
        postgres=own_postgres_server,
    )

    findings = crashes.run(kills=4)

    assert findings.wrong == []
    assert findings.found == findings.acknowledged > 100
    assert set(crashes.victims) == {SERVER, POSTMASTER, BACKEND}


@pytest.fixture
def two_servers(
    start_server: Callable[..., ServerProcess], postgres_database: str, tmp_path: Path
) -> list[ServerProcess]:
    """Returns two server processes on one database."""
    flags = ["--migrate", SWEEPING, program_flag(tmp_path)]
    return [start_server(postgres_database, *flags) for _ in range(2)]


def test_two_servers_on_one_database_keep_exact_books_though_one_is_killed(
    two_servers: list[ServerProcess], postgres_database: str, tmp_path: Path
) -> None:
    killed, survivor = two_servers
    journal = Journal()
    with PointsClient(survivor.address) as client:
        client.ledger.BatchWrite(opening())

    addresses = [killed.address, survivor.address]
    with load(addresses, journal, threads=6, seed=time.time_ns()) as answered:
        answered.wait()
        time.sleep(0.5)
        killed.kill()
        time.sleep(0.3)
    with PointsClient(survivor.address) as client:
        resend(client, journal)

    findings = check_everything(survivor.address, journal)
    findings.add(verify(postgres_database, tmp_path))
    assert findings.wrong == []
    assert findings.found == findings.acknowledged > 100


def test_answers_that_are_lost_or_changed_are_found(
    start_server: Callable[..., ServerProcess], sqlite_url: str
) -> None:
    lost = earn_request("member-1", 10, reason="never sent", request_id="lost")
    sent = earn_request("member-1", 10, reason="sent", request_id="changed")
    journal = Journal()
    with PointsClient(start_server(sqlite_url).address) as client:
        client.ledger.BatchWrite(opening())
        answer = client.ledger.Earn(sent)
        answer.transaction.balance_after += 1
        journal.accept(sent, answer)
        answer.transaction.request_id = "lost"
        journal.accept(lost, answer)

        findings = check_outcomes(client, journal, journal.acknowledged)

    assert (findings.acknowledged, findings.found, len(findings.wrong)) == (2, 0, 2)


def test_an_independent_batch_goes_on_after_a_crash(
    start_server: Callable[..., ServerProcess], sqlite_url: str, tmp_path: Path
) -> None:
    commands = [
        batch_command(earn_request("ada", 1, reason="x", request_id=str(number)))
        for number in range(10_000)
    ]
    server = start_server(sqlite_url)
    with PointsClient(server.address) as client, ThreadPoolExecutor(1) as thread:
        client.create_member("ada")
        sent = thread.submit(client.batch_write, commands, request_id="batch")
        while not client.get_balances("ada", unit="points").balances[0].available:
            time.sleep(0.001)
        server.kill()
        assert sent.exception() is not None

    server = start_server(sqlite_url)
    with PointsClient(server.address) as client:
        before = client.get_balances("ada", unit="points").balances[0].available
        answers = [client.batch_write(commands, request_id="batch") for _ in range(2)]
        after = client.get_balances("ada", unit="points").balances[0].available

    assert 0 < before < after == 10_000
    assert sum(item.replayed for item in answers[0].outcomes) == before
    assert [answer.replayed for answer in answers] == [False, True]
    assert verify(sqlite_url, tmp_path).wrong == []
