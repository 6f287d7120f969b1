"""`points serve` on PostgreSQL: migrated first, and there again when it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from grpc import StatusCode

from points.client import PointsClient, Unavailable, earn_request
from tests.cli.conftest import Points
from tests.crash.checks import verify
from tests.crash.crashes import SWEEPING, check_everything
from tests.crash.journal import Journal
from tests.crash.load import load, resend, send
from tests.crash.program import program_flag
from tests.crash.traffic import Traffic, opening
from tests.postgresql.server import OwnPostgresServer
from tests.serving import ServerProcess


StartServer = Callable[..., ServerProcess]


def test_a_database_is_served_once_it_is_migrated(
    points: Points, start_server: StartServer, postgres_database: str
) -> None:
    with pytest.raises(AssertionError, match="needs a migration"):
        start_server(postgres_database)
    points("migrate", f"--database-url={postgres_database}")

    server = start_server(postgres_database)

    assert server.address


@pytest.fixture
def hardy(
    start_server: StartServer, own_postgres_server: OwnPostgresServer, tmp_path: Path
) -> ServerProcess:
    """Returns a server process with little patience on a PostgreSQL to be killed."""
    url, program = own_postgres_server.url("postgres"), program_flag(tmp_path)
    flags = ("--migrate", SWEEPING, "--patience-seconds=0.1", program)
    return start_server(url, *flags)


def answers(client: PointsClient, journal: Journal) -> bool:
    """Says whether one more request is answered."""
    return send(client, Traffic(time.time_ns(), journal.targets).next(), journal)


def test_a_database_that_goes_away_under_load_is_waited_for(
    hardy: ServerProcess, own_postgres_server: OwnPostgresServer, tmp_path: Path
) -> None:
    journal = Journal()
    dark = earn_request("member-1", 1, reason="into the dark", request_id="dark")
    with PointsClient(hardy.address, timeout_seconds=30) as client:
        client.ledger.BatchWrite(opening())
        loading = load([hardy.address], journal, threads=4, seed=time.time_ns())
        with loading as answered:
            answered.wait()
            time.sleep(0.3)
            own_postgres_server.kill()
            with pytest.raises(Unavailable) as raised:
                client.get_member("member-1")
            assert not send(client, dark, journal)
        own_postgres_server.start()
        while not answers(client, journal):
            time.sleep(0.05)
        resend(client, journal)
        # Done once, whatever became of the first try.
        assert send(client, dark, journal)

    findings = check_everything(hardy.address, journal)
    findings.add(verify(own_postgres_server.url("postgres"), tmp_path))
    assert raised.value.code is StatusCode.UNAVAILABLE
    assert findings.wrong == []
    assert findings.found == findings.acknowledged
    assert hardy.process.poll() is None
