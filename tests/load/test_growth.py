"""A ledger is filled once, however often that is begun."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from points.client import PointsClient
from points.domain.program import Program
from points.server.serving import ServingOptions
from tests.load import growth
from tests.load.growth import Growth, first_missing, grow
from tests.server.running import LoopThread, served


GROWTH = Growth(member_count=16, transaction_count=90)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "BATCH", 4)


@pytest.fixture
def client(sqlite_url: str, program: Program) -> Iterator[PointsClient]:
    """Yields a client of a server in this process, on a new ledger."""
    thread = LoopThread()
    thread.start()
    options = ServingOptions(address="127.0.0.1:0")
    with served(thread, sqlite_url, program, options) as running:  # noqa: SIM117
        with PointsClient(running.address) as found:
            yield found
    thread.stop()


def balances(client: PointsClient) -> list[int]:
    """Returns what every member has."""
    return [
        client.get_balances(f"grown-{number}").balances[0].available
        for number in range(GROWTH.member_count)
    ]


def test_a_growth_that_was_broken_off_goes_on(client: PointsClient) -> None:
    list(islice(grow(client, GROWTH), 9))
    before = first_missing(client, GROWTH)

    counts = list(grow(client, GROWTH))

    # Rounds of sixteen: four earnings, a burn, and ten members begin the sixth.
    assert balances(client) == [49] * 10 + [39] * 6
    assert 7 <= before < 27
    assert counts[-1] == 27 * 4


def test_a_growth_that_is_complete_adds_nothing(client: PointsClient) -> None:
    list(grow(client, GROWTH))
    revision = client.get_trial_balance().revision

    list(grow(client, GROWTH))

    assert client.get_trial_balance().revision == revision
