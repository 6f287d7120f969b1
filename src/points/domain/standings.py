"""Where members stand on ladders of tiers, as values."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from points.domain.bounds import NEVER


NO_TIER: Final = ""
"""Is below the lowest tier of a ladder."""


class StandingCause(StrEnum):
    """Tells what a standing was last changed by."""

    QUALIFIED = "QUALIFIED"
    """Enough was gathered, or nothing is needed."""

    DEMOTED = "DEMOTED"
    """The tier term and its grace, or an operator's floor, are over."""

    RETAINED = "RETAINED"
    """Enough was gathered to keep the tier for another term."""

    REVERSED = "REVERSED"
    """What the tier was reached with was taken back."""

    SET = "SET"
    """An operator has set a floor, or taken it away."""

    PROGRAM = "PROGRAM"
    """The program no longer has the tier."""


class TierChange(NamedTuple):
    """Says that a member is in a tier from an instant on, and by what."""

    tier: str
    time: int
    cause: StandingCause


HISTORY_MAX: Final = 32
"""Most changes that a standing remembers; the records have all of them."""


class Standing(NamedTuple):
    """Is where a member stands on one ladder.

    `tier` is what the member is in, the higher one of `earned` and `floor`, and
    NO_TIER below the lowest; it is so since `since_time`. `earned` is reached by
    what was gathered, since `earned_time`; its term ends at `until_time`, and it is
    lost at `lose_time`, when the grace is over, unless it was kept; both are NEVER
    for a tier that cannot be lost. `base` is what was earned before the promotions
    of this term: a reversal falls no deeper. `floor` was set by an operator and
    holds before `floor_until_time`. At `due_time` something happens by itself.
    `update_time` is that of the last change: the standing is as of it. `history`
    has the latest changes of tier, the last one last. `noticed_time` is the last end
    of a tier that was announced, 0 for none since a floor was set.
    """

    part: int
    member_id: str
    ladder: str
    tier: str
    since_time: int
    until_time: int
    lose_time: int
    floor: str
    floor_until_time: int
    due_time: int
    cause: StandingCause
    update_time: int
    earned: str
    earned_time: int
    base: str
    history: tuple[TierChange, ...] = ()
    noticed_time: int = 0

    @property
    def tier_until_time(self) -> int:
        """Returns when the tier may end: with its term, or with the floor."""
        return self.until_time if self.tier == self.earned else self.floor_until_time

    def in_tier(self, tier: str, time: int, cause: StandingCause) -> Standing:
        """Returns the standing in another tier from an instant on."""
        history = (*self.history, TierChange(tier, time, cause))[-HISTORY_MAX:]
        return self._replace(
            tier=tier, since_time=time, cause=cause, update_time=time, history=history
        )

    def is_due(self, now: int) -> bool:
        """Says whether something has happened that the standing does not show."""
        return self.due_time <= now


def first_standing(part: int, member_id: str, ladder: str, time: int) -> Standing:
    """Returns the standing of a member in no tier, as of the instant."""
    return Standing(
        part=part,
        member_id=member_id,
        ladder=ladder,
        tier=NO_TIER,
        since_time=time,
        until_time=NEVER,
        lose_time=NEVER,
        floor=NO_TIER,
        floor_until_time=NEVER,
        due_time=NEVER,
        cause=StandingCause.QUALIFIED,
        update_time=time,
        earned=NO_TIER,
        earned_time=time,
        base=NO_TIER,
    )


class StandingChange(NamedTuple):
    """Is standings as they were left: set by an operator, or by time alone."""

    standings: tuple[Standing, ...]
    operator: str = ""
    reason: str = ""


class DemotionNotice(NamedTuple):
    """Is the advance notice that a member will lose a tier; it moves nothing.

    At `lose_time` the member will be in the `projected_tier`, unless `points_to_stay`
    are gathered before, in what the ladder counts; 0 for a floor that ends.
    """

    ladder: str
    tier: str
    projected_tier: str
    lose_time: int
    points_to_stay: int
