"""What the naive ledger is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any


CURRENCIES = ("points", "miles")
UNITS = (*CURRENCIES, "qualifying_points")
SINKS = ("redemption", "donation", "auction")
NEVER = 2**63 - 1
HOUR = 3_600_000_000
DAY = 24 * HOUR

Outcome = str | tuple[Any, ...]


class No(Exception):  # noqa: N818 - it is an outcome
    """A command is refused, for the reason that is its only argument."""


@dataclass(eq=False)
class ModelMember:
    """Is a member."""

    state: str = "ACTIVE"
    attributes: dict[str, str] = field(default_factory=dict)
    version: int = 1
    pool: str = ""
    pools_into: str = ""
    merged_into: str = ""


@dataclass(eq=False)
class ModelLot:
    """Is points that came together; `starts` is NEVER if it waits or was cancelled.

    `days` is how long it lives once it is active, if its expiry runs from there,
    and `until` how long it lives if it waits. `earned` is when it happened that it
    is for. `number` is the one of the engine, once it is known. `earner` is whose
    earning a pool got it of.
    """

    member_id: str
    unit: str
    made: int
    starts: int
    ends: int
    left: int = 0
    held: int = 0
    ended: int = 0
    waits: bool = False
    until: int = NEVER
    days: int | None = None
    copied: bool = False
    number: int = NEVER
    earned: int = 0
    earner: str = ""

    @property
    def came(self) -> bool:
        """Says whether it counts in the lifetime of another member."""
        return self.copied and self.earner != self.member_id

    def is_over(self, now: int) -> bool:
        """Says whether it has come to its end."""
        return self.ends <= now

    def is_usable(self, now: int) -> bool:
        """Says whether it can be drawn."""
        return self.left > 0 and self.starts <= now < self.ends

    def is_pending(self, now: int) -> bool:
        """Says whether something is left that cannot be drawn yet."""
        return self.left > 0 and now < min(self.starts, self.ends)

    def copy(self, member_id: str, points: int, **changes: Any) -> ModelLot:
        """Returns a lot with the same times that has these points."""
        fresh = {"held": 0, "ended": 0, "number": NEVER, "copied": True, **changes}
        return replace(self, member_id=member_id, made=points, left=points, **fresh)


@dataclass(eq=False)
class ModelHold:
    """Is points set aside, one by one: the lot of each, the first to be taken first."""

    member_id: str
    unit: str
    open: list[ModelLot]
    placed: int
    lapses: int
    captures: bool
    freezes: bool
    sink: str
    captured: int = 0
    voided: int = 0
    state: str = "OPEN"

    def shown(self) -> tuple[Any, ...]:
        """Returns what can be seen of it."""
        return (self.state, len(self.open), self.captured, self.voided)


@dataclass(eq=False)
class Use:
    """Is how far something was counted within a window, whose it is or for all."""

    what: str
    whose: str
    begins: int
    ends: int
    by: int

    @property
    def key(self) -> tuple[str, str, int]:
        """Returns what tells the counter."""
        return (self.what, self.whose, self.begins)


@dataclass(eq=False)
class ModelClaim:
    """Is an award that waits to be collected; `budget` pays for it only then.

    A budget that has paid already gets it back, by its `use`, if the claim ends.
    `shares` tells what of the points is for each item of its activity.
    """

    member_id: str
    rule: str
    unit: str
    points: int
    lapses: int
    budget: str = ""
    use: Use | None = None
    state: str = "OPEN"
    shares: dict[str, int] = field(default_factory=dict)

    def shown(self) -> tuple[Any, ...]:
        """Returns what can be seen of it."""
        return (self.rule, self.unit, self.points, self.lapses, self.budget)

    def state_at(self, now: int) -> str:
        """Returns what has become of it."""
        is_late = self.state == "OPEN" and self.lapses <= now
        return "LAPSED" if is_late else self.state


@dataclass(eq=False)
class ModelStanding:
    """Is where a member stands: `base` is the tier before this term's promotions."""

    earned: str = "bronze"
    since: int = 0
    base: str = "bronze"
    ends: int = NEVER
    lost: int = NEVER
    floor: str = ""
    floor_ends: int = NEVER


@dataclass(eq=False)
class Deed:
    """Is what an accepted command did, as far as it can be undone.

    `drawn` has the lot of each point that went out, in their order. `earned` is
    the points by unit of an activity that happened at `happened`, `uses` what it
    counted, and `claims` what it left to be collected. `shares` tells by unit what
    of its awards is for each of its `items`; of these some are `returned`, and
    `back` has the points by unit that went back with them. A `pool` `got` points of
    it, of which these lots are made, and has `given` some back. Nothing is left of a
    claim that `is_wholly_back`, though some of it was cancelled.
    """

    kind: str
    member_id: str
    unit: str
    points: int = 0
    sink: str = ""
    drawn: list[ModelLot] = field(default_factory=list)
    made: list[ModelLot] = field(default_factory=list)
    undone: int = 0
    hold: ModelHold | None = None
    happened: int = 0
    earned: Counter[str] = field(default_factory=Counter)
    uses: list[Use] = field(default_factory=list)
    claims: list[ModelClaim] = field(default_factory=list)
    items: tuple[str, ...] = ()
    shares: dict[str, dict[str, int]] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)
    back: Counter[str] = field(default_factory=Counter)
    pool: str = ""
    got: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    is_wholly_back: bool = False
    pool_lots: list[ModelLot] = field(default_factory=list)


@dataclass(eq=False)
class ModelVelocity:
    """Is a bound on what is done in a window, with all that was done since."""

    points_max: int | None
    count_max: int | None
    done: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False)
class ModelLimits:
    """Is what a member may have and do in a unit; velocities by action and window."""

    floor: int | None = None
    ceiling: int | None = None
    velocities: dict[tuple[str, str], ModelVelocity] = field(default_factory=dict)


@dataclass(eq=False)
class Books:
    """Is everything but the answers; `named` are things by their ids.

    `counts` are by what is counted, member and unit; what happened before `closed`
    is told no more. `used` is by counter, `carried` fractions by member, `gathered`
    towards tiers by member, unit and day, `standings` by member and ladder. `claims`
    are in the order of their making.
    """

    now: int
    closed: int = 0
    members: dict[str, ModelMember] = field(default_factory=dict)
    lots: list[ModelLot] = field(default_factory=list)
    holds: list[ModelHold] = field(default_factory=list)
    deeds: dict[tuple[str, str], Deed] = field(default_factory=dict)
    named: dict[str, Any] = field(default_factory=dict)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    touched: set[tuple[str, str]] = field(default_factory=set)
    limits: dict[tuple[str, str], ModelLimits] = field(default_factory=dict)
    used: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    funded: int = 0
    carried: dict[str, Fraction] = field(default_factory=dict)
    gathered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    standings: dict[tuple[str, str], ModelStanding] = field(default_factory=dict)
    claims: list[ModelClaim] = field(default_factory=list)
