"""What counters get back of an activity that is returned, whole or by item.

Caps and the times a rule was met go back in proportion to the points of the awards
that they count, minted or waiting to be collected, as far as these have been
returned; what budgets have paid goes back with what was minted of it, and with the
claims that become less. Never into a window that is over. So a whole return gives all
of a move back, be it of points, of money or of a count, and an item takes back what it
used of a cap of its own rule alone. Nothing goes back with an item for points of it
that were collected: they stay, and so does their use of a cap until the last of the
activity is returned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from points.domain.activities import Award
from points.domain.claims import Claim, ClaimState
from points.domain.counters import FUNDS_PREFIX, CounterKey, CounterMove, returned
from points.domain.progress import COUNTED, Move, Progress
from points.domain.returns import Returned, part_of_move
from points.domain.values import Transaction


_BUDGETS: Final = ("budget/", "budget:", FUNDS_PREFIX)
"""Begin the names of counters of what budgets have paid."""

_KEPT: Final = (ClaimState.CLAIMED, ClaimState.MERGED)
"""States of claims of which a return takes nothing: somebody has the points, or may."""


@dataclass(frozen=True)
class Uncounting:
    """Works out what one return of an activity gives back to counters, at `now`.

    `items` are returned now, and with `is_whole` all that is left; `done` is what was
    before. `waiting` are the claims of the activity as they are, by their positions,
    and `claims` those that become less, each with its points. `counts` says whether a
    counter, by its name, counts an award. `progress` and `used` tell where the
    member's own counters stand and those that are shared: no more goes back than is
    there, whatever a return gave back before.
    """

    earned: Transaction
    done: Returned
    items: tuple[str, ...]
    is_whole: bool
    waiting: Mapping[int, Claim]
    claims: Sequence[tuple[Claim, int]]
    counts: Callable[[str, Award], bool]
    progress: Progress
    used: Callable[[CounterKey], int]
    now: int

    def moves(self) -> Iterator[Move]:
        """Yields what the member's own counters go back by."""
        for name, by, end_time in self.earned.moves:
            if not name.startswith(COUNTED) or self.now >= end_time:
                continue
            back = self._back(name, by - self._reserved_of_member[name])
            back = min(back, max(self.progress.used(name), 0))
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
                used = max(self.used(move.key()), 0)
                yield back._replace(used=max(back.used, -used))
        for claim, less in self.claims:
            yield from claim.reserve.back(less, self.now)[1]

    def _back(self, name: str, by: int) -> int:
        """Returns what of a counter's move goes back now."""
        awards = self._counted(name)
        total = max(_points(awards), 1)
        before = self._gone(awards, self.done.items)
        after = self._gone(awards, (*self.done.items, *self.items))
        return part_of_move(by, before, total if self.is_whole else after, total)

    def _counted(self, name: str) -> list[Award]:
        """Returns the awards in proportion to which a counter's move goes back.

        A budget's are those that were minted: what waits has a reserve of its own.
        """
        awards: Iterable[Award] = self.earned.awards
        if name.startswith(_BUDGETS):
            awards = [each for each in awards if not each.claim_position]
        counted = [each for each in awards if self.counts(name, each)]
        return counted if _points(counted) else list(awards)

    def _gone(self, awards: Iterable[Award], items: Iterable[str]) -> int:
        """Returns the points of awards that are gone once these items are."""
        chosen = frozenset(items)
        return sum(self._gone_of(award, chosen) for award in awards)

    def _gone_of(self, award: Award, items: frozenset[str]) -> int:
        claim = self.waiting.get(award.claim_position)
        if claim is not None and claim.state in _KEPT:
            return award.points - claim.points
        return sum(points for item_id, points in award.shares if item_id in items)

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


def _points(awards: Iterable[Award]) -> int:
    return sum(award.points for award in awards)
