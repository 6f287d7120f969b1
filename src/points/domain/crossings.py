"""Pairs the halves of transfers, merges and pools: they may be in different parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from points.domain.identity import TRANSIT, Place
from points.domain.values import Kind, Record, Transaction


_OTHER_HALF: Final = {
    Kind.TRANSFER: Kind.TRANSFER_IN,
    Kind.TRANSFER_IN: Kind.TRANSFER,
    Kind.MERGE: Kind.MERGE_IN,
    Kind.MERGE_IN: Kind.MERGE,
    Kind.EARN: Kind.POOL_IN,
    Kind.POOL_IN: Kind.EARN,
    Kind.REVERSE: Kind.POOL_OUT,
    Kind.POOL_OUT: Kind.REVERSE,
}

_EARNING: Final = frozenset({Kind.EARN, Kind.ACTIVITY, Kind.CLAIM})
"""Kinds that have another half where a pool takes its share."""

_MAY_BE_SINGLE: Final = frozenset({Kind.EARN, Kind.REVERSE})
"""Kinds that have another half where a pool has a share, and none elsewhere."""


_MERGES: Final = frozenset({Kind.MERGE, Kind.MERGE_IN})
"""Kinds that take along what waits to be collected."""


class Half(NamedTuple):
    """Is what one half says: who it is of, and the points by unit on their way."""

    kind: Kind
    member_id: str
    counterparty: str
    in_transit: dict[str, int]

    def mirrored(self) -> Half:
        """Returns what the other half must say."""
        points = {unit: -points for unit, points in self.in_transit.items()}
        return Half(_OTHER_HALF[self.kind], self.counterparty, self.member_id, points)


class Crossings:
    """Is the halves whose other half has not been met, in whatever order they come."""

    def __init__(self) -> None:
        self._single: dict[tuple[Place, Place], Half] = {}

    def add(self, record: Record) -> Iterator[str]:
        """Adds a record and yields what is wrong with its two halves."""
        found = record.result
        kind = Kind.EARN if record.kind in _EARNING else record.kind
        if kind not in _OTHER_HALF or not isinstance(found, Transaction):
            return
        if kind in _MAY_BE_SINGLE and not found.counterparty:
            return
        here, there = record.place(), found.counterparty_place
        if there is None:
            yield f"transaction {here.transaction_id()} has no other half"
            return
        half = Half(
            kind, record.member_id, found.counterparty, _in_transit(kind, found)
        )
        other = self._single.pop((there, here), None)
        if other is None:
            self._single[here, there] = half
        elif other != half.mirrored():
            yield (
                f"transaction {here.transaction_id()} differs from its other half"
                f" {there.transaction_id()}"
            )

    def single(self) -> Iterator[tuple[Place, str]]:
        """Yields where the halves stand whose other half never came, and says so."""
        for here, there in sorted(self._single):
            names = here.transaction_id(), there.transaction_id()
            yield here, "transaction {} has no other half {}".format(*names)


def _in_transit(kind: Kind, found: Transaction) -> dict[str, int]:
    points: defaultdict[str, int] = defaultdict(int)
    for source, destination, unit, moved in found.postings:
        points[unit] += moved * ((destination == TRANSIT) - (source == TRANSIT))
    for claim in found.claims if kind in _MERGES else ():
        sign = 1 if kind is Kind.MERGE else -1
        points[f"claims of {claim.unit}"] += sign * claim.points
    return {unit: total for unit, total in points.items() if total}
