"""The ladders of a document, as the ledger asks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from math import floor
from typing import Final

from points.domain.ladders import Climber, Floor, Outlook, TierInfo
from points.domain.progress import Move
from points.domain.qualifying import (
    Qualified,
    day_of,
    qualified_of,
    qualifying_move,
    takes_back,
)
from points.domain.standings import DemotionNotice, Standing
from points.program.document.ladders import PeriodKind
from points.program.document.root import ProgramDocument
from points.program.ladders import ReadyLadder, ready_ladders
from points.program.outlook import demotion, notice_until, outlook
from points.program.standing import begun, evaluate, floored, moved
from points.program.tier_terms import counts_until


_ENDS_MAX: Final = 4_096
"""Most days of which it is remembered how long they count."""


@dataclass(frozen=True)
class ProgramLadders:
    """Is the ladders of one document: `points.domain.ladders.Ladders`."""

    ready: Mapping[str, ReadyLadder]

    @cached_property
    def names(self) -> Sequence[str]:
        """Returns the names of the ladders, sorted."""
        return tuple(self.ready)

    @cached_property
    def units(self) -> frozenset[str]:
        """Returns the units of which points count towards any tier."""
        return frozenset(unit for each in self.ready.values() for unit in each.units)

    @cached_property
    def burned_units(self) -> frozenset[str]:
        """Returns the units of which burned points count towards any tier."""
        ladders = [each.ladder for each in self.ready.values()]
        return frozenset(unit for each in ladders for unit in each.burns)

    @cached_property
    def digest(self) -> str:
        """Returns a text that is another one as soon as any ladder is."""
        tables = {
            name: [each.zone.key, each.ladder.model_dump(mode="json")]
            for name, each in self.ready.items()
        }
        return sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()

    def tier(self, ladder: str, tier: str) -> TierInfo | None:
        """Returns what is said of a tier of a ladder, or None."""
        ready = self.ready.get(ladder)
        found = ready.tier(tier) if ready else None
        if ready is None or found is None:
            return None
        return TierInfo(found.name, found.title, ready.rank(tier), found.privileges)

    def begins(self, ladder: str) -> str:
        """Returns the tier that a member begins in, who has gathered nothing."""
        return begun(self.ready[ladder], 0, "", 0).tier

    def standing(self, ladder: str, climber: Climber, now: int) -> Standing:
        """Returns where a member stands at an instant, swept or not."""
        ready, member = self.ready[ladder], climber.member
        stored = climber.stored(ladder)
        create_time = member.create_time
        first = stored or begun(ready, member.part, member.member_id, create_time)
        amounts = qualified_of(climber.progress)
        return evaluate(ready, first, amounts, create_time, now)

    def moved(
        self, standing: Standing, before: Climber, moves: Sequence[Move], now: int
    ) -> Standing:
        """Returns the standing after moves of the progress."""
        ready = self.ready[standing.ladder]
        mine = [each for each in moves if _measure_of(each) in ready.measures]
        if not mine:
            return standing
        amounts = _moved_amounts(before, moves, now)
        create_time = before.member.create_time
        is_less = takes_back(mine)
        return moved(ready, standing, amounts, create_time, now, is_less=is_less)

    def floored(self, standing: Standing, climber: Climber, floor: Floor) -> Standing:
        """Returns the standing, as of the floor's `set_time`, with that floor."""
        ready, amounts = self.ready[standing.ladder], qualified_of(climber.progress)
        return floored(ready, standing, amounts, climber.member.create_time, floor)

    def outlook(self, standing: Standing, climber: Climber, now: int) -> Outlook:
        """Returns what the standing, which is as of `now`, leads to."""
        ready, amounts = self.ready[standing.ladder], qualified_of(climber.progress)
        return outlook(ready, standing, amounts, climber.member.create_time, now)

    def notice_until(self, ladder: str, now: int) -> int:
        """Returns up to which end of a tier members are told of it by now."""
        return notice_until(self.ready[ladder], now)

    def demotion(
        self, standing: Standing, climber: Climber, now: int
    ) -> DemotionNotice | None:
        """Returns the loss of a tier of which notice is due, or None."""
        ready, amounts = self.ready[standing.ladder], qualified_of(climber.progress)
        return demotion(ready, standing, amounts, climber.member.create_time, now)

    def moves_of(
        self,
        instant: int,
        points: Mapping[str, int],
        money: int,
        activity: str,
        *,
        member_create_time: int,
    ) -> tuple[Move, ...]:
        """Returns how an activity moves what counts towards tiers."""
        return tuple(
            qualifying_move(
                measure,
                day,
                amount,
                self._counts_until(
                    ready.name, day, _created(ready, member_create_time)
                ),
            )
            for ready in self.ready.values()
            for measure, days in ready.moves_of(
                instant, points, money, activity
            ).items()
            for day, amount in days.items()
        )

    def moves_of_burn(
        self,
        instant: int,
        unit: str,
        before: int,
        after: int,
        *,
        member_create_time: int,
    ) -> tuple[Move, ...]:
        """Returns how what counts moves as the points of one burn become others."""
        moves = []
        for name, ready in self.ready.items():
            rate = ready.ladder.burns.get(unit, 0)
            if by := floor(after * rate) - floor(before * rate):
                day, created = (
                    ready.day_of(instant),
                    _created(ready, member_create_time),
                )
                end_time = self._counts_until(name, day, created)
                moves.append(qualifying_move(name, day, by, end_time))
        return tuple(moves)

    @cached_property
    def _counts_until(self) -> Callable[[str, int, int], int]:
        """Returns `counts_until` by ladder, for members gather on the same days."""

        def found(ladder: str, day: int, created: int) -> int:
            return counts_until(self.ready[ladder], day, created)

        return lru_cache(maxsize=_ENDS_MAX)(found)


def ladders_of(document: ProgramDocument) -> ProgramLadders | None:
    """Returns the ladders of a document, which has been checked; None without any."""
    ready = ready_ladders(document)
    return ProgramLadders(ready) if ready else None


def _created(ready: ReadyLadder, member_create_time: int) -> int:
    """Returns the day of creation, 0 where it makes no difference."""
    if ready.ladder.period.kind is not PeriodKind.ANNIVERSARY:
        return 0
    return day_of(member_create_time, ready.zone)


def _measure_of(move: Move) -> str:
    return move.name.partition("/")[2].rpartition("/")[0]


def _moved_amounts(before: Climber, moves: Sequence[Move], now: int) -> Qualified:
    return qualified_of(before.progress.after(moves, {}, now))
