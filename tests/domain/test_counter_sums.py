"""Shared counters, worked out from the records of all parts."""

from __future__ import annotations

from random import Random

from points.domain.bounds import NEVER
from points.domain.counter_sums import CounterSums
from points.domain.counters import Counter, CounterMove, counter_part
from points.domain.funding import BudgetFunding, FiguresReport
from points.domain.values import Record
from tests.domain.build import member, record, transaction


def paid(points: int, part: int = 0) -> Record:
    """Returns the record of points that the prefunded budget has paid."""
    move = CounterMove("funds:ads", 0, NEVER, points)
    return record(part=part, result=transaction(counters=(move,)))


def funded(points: int) -> Record:
    """Returns the record of points paid ahead."""
    return record(result=BudgetFunding("ads", "points", points, 0, "olga", "x"))


def sums(*records: Record) -> CounterSums:
    """Returns where the counters stand after the records."""
    found = CounterSums(64)
    for each in records:
        found.add(each)
    return found


def test_moves_of_all_parts_add_up_in_any_order() -> None:
    report = FiguresReport("SALES", "DAY", 5, 9, 70, 30, "olga", "x")
    records = [funded(10), paid(3), paid(4, 7), record(result=report)]
    records += [paid(-2, 9), record(result=member())]
    name = "figures:SALES/DAY"
    expected = [
        Counter(counter_part("funds:ads", 64), "funds:ads", 0, NEVER, 5, 10),
        Counter(counter_part(name, 64), name, 5, 9, 0, 40),
    ]
    for seed in range(5):
        shuffled = Random(seed).sample(records, len(records))  # noqa: S311 - no secret
        assert sums(*shuffled).all() == sorted(expected)


def test_a_prefunded_account_that_was_overspent_is_found() -> None:
    assert list(sums(funded(10), paid(10)).broken()) == []
    part = counter_part("funds:ads", 64)
    told = "counter 'funds:ads' has used 11 of 10"
    assert list(sums(funded(10), paid(10), paid(1)).broken()) == [(part, told)]
