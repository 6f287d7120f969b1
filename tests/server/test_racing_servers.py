"""Several server processes on one database share what there is once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from points.client import PointsClient, Refused
from points.store.opening import open_store_to_read
from points.store.proof.audit import audit
from tests.serving import ServerProcess


DOCUMENT: Final = """
program: one_gift
units: {points: {kind: currency}}
rules:
  gift:
    activities: [gift]
    awards: [{unit: points, points: {fixed: 1}}]
    budget: gifts
budgets:
  gifts: {unit: points, fixed: {points: POINTS}}
"""
MEMBERS: Final = 24


def asked_for(address: str, names: Sequence[str]) -> list[str]:
    """Asks one server for a gift for each member, and returns what came of it."""
    with PointsClient(address) as client, ThreadPoolExecutor(len(names)) as threads:

        def ask(name: str) -> str:
            try:
                client.record_activity(name, "gift")
            except Refused as refused:
                return refused.reason
            return "OK"

        return list(threads.map(ask, names))


@pytest.mark.parametrize("points", [1, 5])
def test_two_servers_never_pay_a_point_more_than_a_budget_has(
    start_server: Callable[..., ServerProcess], postgres_database: str, points: int
) -> None:
    first = start_server(postgres_database, "--migrate")
    second = start_server(postgres_database)
    names = [f"m{number}" for number in range(MEMBERS)]
    with PointsClient(first.address) as client:
        document = DOCUMENT.replace("POINTS", str(points))
        client.apply_program(document, operator="olga", reason="a race")
        for name in names:
            client.create_member(name)

    half = MEMBERS // 2
    with ThreadPoolExecutor(2) as racers:
        races = [
            racers.submit(asked_for, first.address, names[:half]),
            racers.submit(asked_for, second.address, names[half:]),
        ]
        found = [answer for race in races for answer in race.result()]

    assert found.count("OK") == points
    assert found.count("BUDGET_EXHAUSTED") == MEMBERS - points
    with open_store_to_read(postgres_database) as store:
        assert audit(store.backend).differences == []
