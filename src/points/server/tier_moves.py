"""Who would move from tier to tier under other ladders, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from points.domain.ladders import Climber, Ladders
from points.server.reads import View
from points.store.reads.reader import Snapshot
from points.store.reads.standings import FIRST
from points.v1.tier_service_pb2 import TierMove


_CLIMBERS_AT_A_TIME: Final = 500


def tier_moves(
    view: View,
    before: Ladders | None,
    after: Ladders | None,
    member_count: int,
    *,
    is_new: bool,
) -> list[TierMove]:
    """Returns how many would move on which ladder from where to where.

    Of all members, where the ladders `after` are of a document that `is_new`; of
    those whom a sweep would record elsewhere now, where they are not.
    """
    moves: Counter[tuple[str, str, str]] = Counter()
    seen = 0
    for climber in _climbers(view.snapshot):
        seen += 1
        settled = _settled(before, climber, view.now) if is_new else climber
        old, new = _tiers(None, settled, view.now), _tiers(after, settled, view.now)
        if not is_new:
            new = {name: tier for name, tier in new.items() if name in old}
        moves.update((name, *tiers) for name, tiers in _both(old, new))
    old, new = _begun(before), _begun(after)
    for name, tiers in _both(old, new) if is_new else ():
        moves[name, *tiers] += member_count - seen
    return [
        TierMove(ladder=ladder, from_tier=old, to_tier=new, member_count=count)
        for (ladder, old, new), count in sorted(moves.items())
        if count
    ]


def _climbers(snapshot: Snapshot) -> Iterator[Climber]:
    after: tuple[int, str] = FIRST
    while page := snapshot.climbers(after, _CLIMBERS_AT_A_TIME):
        yield from page
        after = (page[-1].member.part, page[-1].member.member_id)


def _settled(ladders: Ladders | None, climber: Climber, now: int) -> Climber:
    """Returns a member with all standings as they are now."""
    names = ladders.names if ladders else ()
    found = [ladders.standing(name, climber, now) for name in names if ladders]
    return climber._replace(standings=found)


def _tiers(ladders: Ladders | None, climber: Climber, now: int) -> dict[str, str]:
    """Returns the tier by ladder: as it is stored, or as ladders would have it."""
    if ladders is None:
        return {each.ladder: each.tier for each in climber.standings}
    found = (ladders.standing(name, climber, now) for name in ladders.names)
    return {each.ladder: each.tier for each in found}


def _begun(ladders: Ladders | None) -> dict[str, str]:
    return {name: ladders.begins(name) for name in ladders.names} if ladders else {}


def _both(
    old: dict[str, str], new: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yields the ladders on which the tiers differ, with both."""
    for name in sorted(old.keys() | new.keys()):
        pair = (old.get(name, ""), new.get(name, ""))
        if pair[0] != pair[1]:
            yield name, pair
