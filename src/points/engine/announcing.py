"""Who will lose a tier before long: found in bounded pages, beside the writer."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex
from typing import Final

from points.domain.commands import Command, GiveDemotionNotice
from points.domain.identity import RESERVED_PREFIX
from points.domain.ladders import Climber, Ladders
from points.store.databases.backend import Backend
from points.store.reads.reader import open_snapshot
from points.store.reads.standings import FIRST


PAGE_SIZE: Final = 500
"""Members worked out at a time."""


def demotion_notices(
    backend: Backend, ladders: Ladders, now: int
) -> Iterator[list[Command]]:
    """Yields pages of notices for those who will lose a tier; raises StoreLost.

    Those who have gathered enough to stay are told nothing.
    """
    for ladder in ladders.names:
        for page in _near_an_end(backend, ladders, ladder, now):
            found = [each for each in page if _falls(ladders, ladder, each, now)]
            yield [_notice(each.member.member_id, ladder) for each in found]


def _near_an_end(
    backend: Backend, ladders: Ladders, ladder: str, now: int
) -> Iterator[list[Climber]]:
    until = ladders.notice_until(ladder, now)
    after: tuple[int, str] = FIRST
    while until > now:
        with open_snapshot(backend) as snapshot:
            page = snapshot.climbers_near_an_end(
                ladder, now=now, until=until, after=after, limit=PAGE_SIZE
            )
        if not page:
            return
        yield page
        after = (page[-1].member.part, page[-1].member.member_id)


def _falls(ladders: Ladders, ladder: str, climber: Climber, now: int) -> bool:
    standing = ladders.standing(ladder, climber, now)
    return ladders.demotion(standing, climber, now) is not None


def _notice(member_id: str, ladder: str) -> Command:
    request_id = f"{RESERVED_PREFIX}demotion/{token_hex(12)}"
    return GiveDemotionNotice(member_id=member_id, request_id=request_id, ladder=ladder)
