"""Closing trial balances: what stood on the accounts when a period ended.

A period takes in what happened before its end, whenever that was recorded. Members,
holds and shortfalls stand together on one line each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from points.domain.identity import account_kind
from points.domain.values import Posting


Lines: TypeAlias = tuple[tuple[str, str, int], ...]
"""Account, unit and balance, in this order; accounts at zero are left out."""

Sums: TypeAlias = Counter[tuple[str, str]]
"""Balances by kind of account and unit."""


def sums_of(postings: Iterable[Posting]) -> Sums:
    """Returns what postings add to each kind of account."""
    sums: Sums = Counter()
    for source, destination, unit, points in postings:
        sums[account_kind(source), unit] -= points
        sums[account_kind(destination), unit] += points
    return sums


def lines_of(sums: Mapping[tuple[str, str], int]) -> Lines:
    """Returns the balances as the lines of a trial balance."""
    return tuple(
        (account, unit, points)
        for (account, unit), points in sorted(sums.items())
        if points
    )


class ClosingSums:
    """Adds postings up by the periods in which they happened; `ends` are known."""

    def __init__(self, ends: Iterable[int] = ()) -> None:
        self._ends = sorted(ends)
        self._sums: list[Sums] = [Counter() for _ in range(len(self._ends) + 1)]

    def add(self, effective_time: int, postings: Iterable[Posting]) -> None:
        """Adds postings of something that happened at an instant."""
        if self._ends:
            period = bisect_right(self._ends, effective_time)
            self._sums[period].update(sums_of(postings))

    def lines_until(self, end: int) -> Lines | None:
        """Returns the trial balance as of an end so far, None for unknown ends."""
        if end not in self._ends:
            return None
        sums: Sums = Counter()
        for period in self._sums[: self._ends.index(end) + 1]:
            sums.update(period)
        return lines_of(sums)
