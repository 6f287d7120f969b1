"""Where members stand under a program that has changed: found in bounded pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from points.domain.ladders import Climber, Ladders
from points.store.databases.backend import Backend
from points.store.reads.reader import open_snapshot
from points.store.reads.standings import FIRST


PAGE_SIZE: Final = 500
"""Members worked out at a time."""


def climbers_that_moved(
    backend: Backend, ladders: Ladders, now: int
) -> Iterator[list[Climber]]:
    """Yields pages of members who do not stand where it is stored; raises StoreLost.

    Each page is a snapshot of its own: writing goes on meanwhile.
    """
    for page in all_climbers(backend):
        yield [each for each in page if has_moved(ladders, each, now)]


def all_climbers(backend: Backend) -> Iterator[list[Climber]]:
    """Yields all members with standings, page by page; raises StoreLost."""
    after: tuple[int, str] = FIRST
    while True:
        with open_snapshot(backend) as snapshot:
            page = snapshot.climbers(after, PAGE_SIZE)
        if page:
            yield page
        if len(page) < PAGE_SIZE:
            return
        after = (page[-1].member.part, page[-1].member.member_id)


def has_moved(ladders: Ladders, climber: Climber, now: int) -> bool:
    """Says whether a member stands otherwise than is stored on any ladder."""
    stored = {each.ladder: each for each in climber.standings}
    return any(
        ladders.standing(name, climber, now) != stored[name]
        for name in ladders.names
        if name in stored
    )
