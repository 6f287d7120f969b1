"""What counters get back of an activity that is returned, whole or by item.

Caps, budgets and the times a rule was met go back in proportion to the points of the
awards that they count, as far as these have been returned, but never into a window
that is over. So a whole return gives all of a move back, be it of points, of money
or of a count, and an item takes back what it used of a cap of its own rule alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from points.domain.activities import Award
from points.domain.claims import Claim
from points.domain.counters import CounterKey, CounterMove, returned
from points.domain.progress import COUNTED, Move
from points.domain.returns import Returned, earned_by, earned_in_all, part_of_move
from points.domain.values import Transaction


@dataclass(frozen=True)
class Uncounting:
    """Works out what one return of an activity gives back to counters, at `now`.

    `items` are returned now, and with `is_whole` all that is left; `done` is what was
    before. `claims` are those that become less, each with its points, and `counts`
    says whether a counter, by its name, counts an award.
    """

    earned: Transaction
    done: Returned
    items: tuple[str, ...]
    is_whole: bool
    claims: Sequence[tuple[Claim, int]]
    counts: Callable[[str, Award], bool]
    now: int

    def moves(self) -> Iterator[Move]:
        """Yields what the member's own counters go back by."""
        for name, by, end_time in self.earned.moves:
            if not name.startswith(COUNTED) or self.now >= end_time:
                continue
            back = self._back(name, by - self._reserved_of_member[name])
            if back:
                yield Move(name, -back, end_time)
        for claim, less in self.claims:
            yield from claim.reserve.back(less, self.now)[0]

    def counters(self) -> Iterator[CounterMove]:
        """Yields what shared counters go back by."""
        for move in self.earned.counters:
            paid = move.used - self._reserved[move.key()]
            back = returned(move, self._back(move.name, paid), self.now)
            if back is not None:
                yield back
        for claim, less in self.claims:
            yield from claim.reserve.back(less, self.now)[1]

    def _back(self, name: str, by: int) -> int:
        """Returns what of a counter's move goes back now."""
        awards = [each for each in self.earned.awards if self.counts(name, each)]
        if not _sum(earned_in_all(awards)):
            awards = list(self.earned.awards)
        total = max(_sum(earned_in_all(awards)), 1)
        before = _sum(earned_by(awards, self.done.items))
        now = _sum(earned_by(awards, self.items))
        return part_of_move(by, before, total if self.is_whole else before + now, total)

    @cached_property
    def _reserved(self) -> Counter[CounterKey]:
        """Returns what shared counters moved by for awards that were to be collected.

        What has paid for these goes back with the claims.
        """
        found: Counter[CounterKey] = Counter()
        for claim in self.earned.claims:
            if not claim.reserve.is_own:
                found[claim.reserve.name, claim.reserve.start_time] += claim.points
        return found

    @cached_property
    def _reserved_of_member(self) -> Counter[str]:
        """Returns the same of the member's own counters."""
        found: Counter[str] = Counter()
        for claim in self.earned.claims:
            if claim.reserve.is_own:
                found[claim.reserve.name] += claim.points
        return found


def _sum(points: dict[str, int]) -> int:
    return sum(points.values())
