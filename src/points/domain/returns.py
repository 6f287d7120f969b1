"""What has been returned of an activity: its items, and what they had earned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from points.domain.activities import Activity, Award


class Returned(NamedTuple):
    """Is the items of an activity that were returned, in that order, and the points.

    `points` are what was taken back so far, by unit: less than the items had
    earned where a lot was cancelled before. Nothing is left of what `is_whole`.
    `pooled` is what came out of a pool that had a share of it, by unit, and alone
    told of earnings that are no activity.
    """

    items: tuple[str, ...] = ()
    points: tuple[tuple[str, int], ...] = ()
    is_whole: bool = False
    pooled: tuple[tuple[str, int], ...] = ()

    def after(
        self,
        items: Iterable[str],
        points: Mapping[str, int],
        *,
        is_whole: bool,
        pooled: Mapping[str, int],
    ) -> Returned:
        """Returns what has been returned once these were, too."""
        return Returned(
            (*self.items, *items),
            _added(self.points, points),
            self.is_whole or is_whole,
            _added(self.pooled, pooled),
        )


NOTHING_RETURNED: Final = Returned()
"""Is what has been returned of all that is no activity and has not been pooled."""


def earned_by(awards: Iterable[Award], items: Iterable[str]) -> dict[str, int]:
    """Returns what these items have earned, by unit; what waits is not earned."""
    found: Counter[str] = Counter()
    chosen = frozenset(items)
    for award in _granted(awards):
        found[award.unit] += sum(
            points for item_id, points in award.shares if item_id in chosen
        )
    return dict(found)


def earned_in_all(awards: Iterable[Award]) -> dict[str, int]:
    """Returns what an activity has earned, by unit; what waits is not earned."""
    found: Counter[str] = Counter()
    for award in _granted(awards):
        found[award.unit] += award.points
    return dict(found)


def money_of(activity: Activity, returned: Returned) -> int:
    """Returns the money of what has been returned, in the activity's currency."""
    if returned.is_whole:
        return activity.money
    gone = frozenset(returned.items)
    return sum(item.money for item in activity.items if item.id in gone)


def part_of_move(by: int, before: int, after: int, total: int) -> int:
    """Returns what of a move goes back as `before` of `total` grows to `after`.

    All steps up to the total together are the whole move, however many there are.
    """
    return by * after // total - by * before // total


def _added(
    before: Iterable[tuple[str, int]], more: Mapping[str, int]
) -> tuple[tuple[str, int], ...]:
    total = Counter(dict(before))
    total.update(more)
    return tuple(sorted((unit, each) for unit, each in total.items() if each))


def _granted(awards: Iterable[Award]) -> Iterable[Award]:
    """Returns the awards that were minted: those that wait have no points yet."""
    return (award for award in awards if not award.claim_position)
