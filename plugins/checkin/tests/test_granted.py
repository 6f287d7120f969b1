"""Milestones are kept as long as they are of use, and not for ever."""

from __future__ import annotations

import json
from typing import Any, Final

from plugins.checkin.tests.members import campaign, come, revert

from points.domain.identity import part_of
from points.store.reads.reader import open_snapshot
from points.testing.bench import PARTS, Bench


DAYS: Final = 200
WEEKLY: Final = [
    {"name": f"day-{at}", "count": at, "once": "CYCLE", "rewards": [{"points": 2}]}
    for at in range(1, 8)
]


def granted(bench: Bench) -> list[Any]:
    """Returns what is stored of Alice's milestones."""
    place = (part_of("alice", PARTS), "checkin", "calendar", "alice")
    with open_snapshot(bench.engine.store.backend) as snapshot:
        (stored,) = snapshot.all_documents(place)
    found: list[Any] = json.loads(stored.body)["granted"]
    return found


def test_milestones_of_long_ago_are_kept_no_more(bench: Bench) -> None:
    bench.configure("checkin", campaign(mode="CYCLE", milestones=WEEKLY))
    bench.member()
    come(bench, DAYS)

    assert len(granted(bench)) < 92 + 2 * 31
    assert bench.available() == DAYS * (5 + 2)
    bench.call(revert(date="2026-06-01"))
    assert bench.available() == (DAYS - 1) * (5 + 2)
