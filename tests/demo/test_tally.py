"""Counts and percentiles are exact."""

from __future__ import annotations

from array import array

import pytest

from points.demo.phases import Acknowledged
from points.demo.tally import ReplayReport, Tally, percentile


def acknowledged(points: int, *, replayed: bool = False) -> Acknowledged:
    """Returns an acknowledged earn, or a new member for zero points."""
    return Acknowledged(
        member_id="bob", request_id="p-1", points=points, replayed=replayed
    )


def test_members_and_transactions_are_counted_apart() -> None:
    tally = Tally(repeated=4, latencies_ns=array("q", [1_000_000, 3_000_000]))
    for command in (
        acknowledged(0),
        acknowledged(11),
        acknowledged(20, replayed=True),
    ):
        tally.count(command)

    report = tally.report(seconds=2.0)

    assert report == ReplayReport(
        members=1,
        transactions=2,
        points=31,
        replayed=1,
        calls=2,
        repeated=4,
        seconds=2.0,
        p50_ms=1.0,
        p99_ms=3.0,
    )
    assert report.acknowledged == tally.acknowledged == 3
    assert report.rate_per_second == 1.5


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, 0),
        ([7], 99, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 102)), 99, 100),
        ([1, 2, 3], 100, 3),
    ],
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    values: list[int], percent: int, expected: int
) -> None:
    assert percentile(values, percent) == expected
