"""What decisions and reads ask of the ladders of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from points.domain.progress import Move, Progress
from points.domain.standings import DemotionNotice, Standing
from points.domain.values import Member


class Climber(NamedTuple):
    """Is a member with the standings that are stored, and what was gathered."""

    member: Member
    standings: Sequence[Standing]
    progress: Progress

    def stored(self, ladder: str) -> Standing | None:
        """Returns the standing on a ladder as it is stored, or None."""
        return next((each for each in self.standings if each.ladder == ladder), None)


class Floor(NamedTuple):
    """Is a tier below which a member does not fall before an instant."""

    tier: str
    until_time: int
    set_time: int


class Outlook(NamedTuple):
    """Is where a standing leads to.

    `gathered` counts in the running qualification period, and `points_to_next` more
    of it would reach the `next_tier`; zero if none can be reached. `points_to_stay`
    more would keep what is earned for another term. `projected_tier` is what
    the member will be in at `projected_time` if nothing more is gathered: when the
    tier is lost or a promotion is due, and now where neither will be.
    """

    gathered: int
    next_tier: str
    points_to_next: int
    points_to_stay: int
    projected_tier: str
    projected_time: int


class TierInfo(NamedTuple):
    """Is what a program says of a tier; `rank` is 1 for the lowest."""

    name: str
    title: str
    rank: int
    privileges: Mapping[str, Any]


class Ladders(Protocol):
    """Is the ladders of one version of a program, to be asked by any thread."""

    @property
    def names(self) -> Sequence[str]:
        """Returns the names of the ladders, sorted."""

    @property
    def units(self) -> frozenset[str]:
        """Returns the units of which points count towards any tier."""

    @property
    def burned_units(self) -> frozenset[str]:
        """Returns the units of which burned points count towards any tier."""

    @property
    def digest(self) -> str:
        """Returns a text that is another one as soon as any ladder is."""

    def tier(self, ladder: str, tier: str) -> TierInfo | None:
        """Returns what is said of a tier of a ladder, or None."""

    def begins(self, ladder: str) -> str:
        """Returns the tier that a member begins in, who has gathered nothing."""

    def standing(self, ladder: str, climber: Climber, now: int) -> Standing:
        """Returns where a member stands at an instant, swept or not."""

    def moved(
        self, standing: Standing, before: Climber, moves: Sequence[Move], now: int
    ) -> Standing:
        """Returns the standing after moves of the progress.

        It is as of `now`, and the climber's progress what it was before.
        """

    def floored(self, standing: Standing, climber: Climber, floor: Floor) -> Standing:
        """Returns the standing, as of the floor's `set_time`, with that floor."""

    def outlook(self, standing: Standing, climber: Climber, now: int) -> Outlook:
        """Returns what the standing, which is as of `now`, leads to."""

    def notice_until(self, ladder: str, now: int) -> int:
        """Returns up to which end of a tier members are told of it by now.

        The whole day that the notice period reaches from today; 0 for a ladder
        without one.
        """

    def demotion(
        self, standing: Standing, climber: Climber, now: int
    ) -> DemotionNotice | None:
        """Returns the loss of a tier of which notice is due, or None.

        The standing is as of `now`, and nothing more is gathered.
        """

    def moves_of(
        self,
        instant: int,
        points: Mapping[str, int],
        money: int,
        activity: str,
        *,
        member_create_time: int,
    ) -> tuple[Move, ...]:
        """Returns how an activity moves what counts towards tiers.

        `points` are what it earns by unit; `money` is in minor units of the
        program's currency. What is negated takes back.
        """

    def moves_of_burn(
        self,
        instant: int,
        unit: str,
        before: int,
        after: int,
        *,
        member_create_time: int,
    ) -> tuple[Move, ...]:
        """Returns how what counts moves as the points of one burn become others.

        From none to all that is burned, and down again as it is reversed.
        """
