"""Standings beside the writer, as they are stored, with what they are worked out from.

Readers ask the ladders of the program what has become of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)

from points.domain.bounds import TIME_MAX
from points.domain.ladders import Climber
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.values import Member
from points.store.reads.fetcher import Fetcher
from points.store.schema import member, progress, standing
from points.store.texts.rows import Row, member_of, progress_of
from points.store.texts.standings import standing_of


_PART: Final = bindparam("part", type_=Integer)
_MEMBER_ID: Final = bindparam("member_id", type_=Text)
_OF_MEMBER: Final = select(standing).where(
    standing.c.part == _PART, standing.c.member_id == _MEMBER_ID
)
_PROGRESS: Final = select(progress).where(
    progress.c.part == _PART, progress.c.member_id == _MEMBER_ID
)
_ORDER: Final = (standing.c.part, standing.c.member_id)
_BEHIND: Final = tuple_(*_ORDER) > tuple_(_PART, _MEMBER_ID)
_LISTED: Final = (
    select(standing)
    .where(standing.c.ladder == bindparam("ladder", type_=Text), _BEHIND)
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
_MEMBERS: Final = (
    select(*_ORDER)
    .where(_BEHIND)
    .group_by(*_ORDER)
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
_NOW: Final = bindparam("now", type_=BigInteger)
_UNTIL: Final = bindparam("until", type_=BigInteger)


def _unannounced(end: ColumnElement[int]) -> ColumnElement[bool]:
    """Says whether an end of a tier is near, and nobody has been told of it."""
    return and_(end > _NOW, end <= _UNTIL, standing.c.noticed_time < end)


_ENDING: Final = (
    select(*_ORDER)
    .where(standing.c.ladder == bindparam("ladder", type_=Text), _BEHIND)
    .where(
        or_(
            _unannounced(standing.c.lose_time),
            _unannounced(standing.c.floor_until_time),
        )
    )
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
_MEMBER_COUNT: Final = select(func.count()).select_from(member)

FIRST: Final = (-1, "")
"""Is the place before the first member."""


class StandingReads(Fetcher):
    """Reads standings within one snapshot."""

    def climber(self, found: Member) -> Climber:
        """Returns a member with all standings and all that was gathered."""
        part, member_id = found.part, found.member_id
        key = {"part": part, "member_id": member_id}
        standings = [standing_of(row) for row in self._all(_OF_MEMBER, **key)]
        row = self._one(_PROGRESS, **key)
        gathered = progress_of(row) if row else Progress(part, member_id)
        return Climber(found, standings, gathered)

    def climbers(self, after: Row, limit: int) -> list[Climber]:
        """Returns the members with standings behind (part, member_id), in order."""
        part, member_id = after
        keys = self._all(_MEMBERS, part=part, member_id=member_id, limit=limit)
        return self.climbers_of([tuple(key) for key in keys])

    def climbers_near_an_end(
        self, ladder: str, *, now: int, until: int, after: Row, limit: int
    ) -> list[Climber]:
        """Returns those behind (part, member_id) of whom a tier may end soon.

        Up to an instant, and not announced yet; in order.
        """
        part, member_id = after
        place = {"part": part, "member_id": member_id, "limit": limit}
        near = {"ladder": ladder, "now": now, "until": min(until, TIME_MAX)}
        keys = self._all(_ENDING, **place, **near)
        return self.climbers_of([tuple(key) for key in keys])

    def climbers_of(self, keys: Sequence[Row]) -> list[Climber]:
        """Returns these members, by (part, member_id), in their order."""
        if not keys:
            return []
        standings: dict[Row, list[Standing]] = {}
        for each in map(standing_of, self._all(_among(standing, keys))):
            standings.setdefault(each[:2], []).append(each)
        gathered = map(progress_of, self._all(_among(progress, keys)))
        progress_by_key = {(each.part, each.member_id): each for each in gathered}
        members = map(member_of, self._all(_among(member, keys)))
        by_key = {(each.part, each.member_id): each for each in members}
        return [
            Climber(
                by_key[key],
                standings.get(key, ()),
                progress_by_key.get(key) or Progress(*key),
            )
            for key in keys
            if key in by_key
        ]

    def listed_standings(
        self, ladder: str, tiers: Collection[str], *, now: int, after: Row, limit: int
    ) -> list[Standing]:
        """Returns the standings on a ladder behind (part, member_id), in order.

        Those in one of the tiers, or all if none is named, and those that are due:
        they may be in another tier by now.
        """
        statement = _LISTED
        if tiers:
            is_due = standing.c.due_time <= bindparam("now", type_=BigInteger)
            statement = statement.where(or_(standing.c.tier.in_(tiers), is_due))
        part, member_id = after
        values = {"ladder": ladder, "part": part, "member_id": member_id}
        if tiers:
            values["now"] = now
        return [standing_of(row) for row in self._all(statement, limit=limit, **values)]

    def member_count(self) -> int:
        """Returns how many members there are."""
        return int(self._one(_MEMBER_COUNT)[0])


def _among(table: Table, keys: Iterable[Row]) -> Select[Any]:
    """Returns the rows of members by (part, member_id).

    Part by part: SQLite looks no pairs up in an index.
    """
    by_part: dict[int, list[str]] = {}
    for part, member_id in keys:
        by_part.setdefault(part, []).append(member_id)
    parts = (
        and_(table.c.part == part, table.c.member_id.in_(names))
        for part, names in sorted(by_part.items())
    )
    return select(table).where(or_(*parts))
