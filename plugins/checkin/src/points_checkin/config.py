"""The plugin's section of the program document: campaigns, and all their rules."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from points.plugin import NameOf
from points_checkin.missed import Pause
from points_checkin.streaks import GAPS_MATTER, Mode, Period, Rules


POINTS_MAX: Final = 10**15
"""Most points of one reward or price."""

COUNT_MAX: Final = 100_000
"""Most days that anything is counted up to: more than two lifetimes."""

MAKE_UP_DAYS_MAX: Final = 92
"""Most days after which a missed day is made up."""

GIVEN_MAX: Final = 3_000
"""Most rewards of milestones that are kept of a member, to be taken back if need be."""

_NAME: Final = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"

Name = Annotated[str, Field(pattern=_NAME)]
Points = Annotated[int, Field(strict=True, ge=1, le=POINTS_MAX)]
Count = Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX)]


class Table(BaseModel):
    """Is a table of the document: frozen, with the keys it declares and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reward(Table):
    """Is points of one unit, given or taken."""

    points: Points
    unit: Annotated[Name, NameOf.UNIT] = "points"


class Daily(Table):
    """Is what a day gives whose count, or position in its cycle, is `from_count` on."""

    rewards: tuple[Reward, ...] = Field(default=(), max_length=10)
    from_count: Count = 1


class Once(StrEnum):
    """Tells how often a member gets a milestone: per streak, per cycle, or ever."""

    STREAK = "STREAK"
    CYCLE = "CYCLE"
    EVER = "EVER"


class Milestone(Table):
    """Is what is given beside, on the very day that a count is reached.

    `freezes` are equipped at once, as many as there is room for.
    """

    name: Name
    count: Count
    rewards: tuple[Reward, ...] = Field(default=(), max_length=10)
    freezes: Annotated[int, Field(strict=True, ge=0, le=10)] = 0
    once: Once = Once.STREAK


class TargetGap(Table):
    """Is what days give beyond those that the member usually comes, up to a target.

    Usual is what the member has come, on average and rounded up, in the `periods`
    full periods before: who comes five times a week gets it for the sixth and the
    seventh day of a target of seven. Nobody gets it before one full period.
    """

    target: Count
    rewards: tuple[Reward, ...] = Field(min_length=1, max_length=10)
    period: Period = Period.WEEK
    periods: Annotated[int, Field(strict=True, ge=1, le=12)] = 4


class FreezeRules(Table):
    """Offers freezes, each of which keeps a streak over one missed day."""

    price: tuple[Reward, ...] = Field(default=(), max_length=10)
    equipped_max: Annotated[int, Field(strict=True, ge=1, le=10)] = 2
    partial: bool = False
    counted: bool = False


class MakeUpReward(StrEnum):
    """Tells what a day gives that is made up: nothing, the least, or all it would."""

    NONE = "NONE"
    BASE = "BASE"
    FULL = "FULL"


class MakeUpRules(Table):
    """Lets missed days be made up, those of the last `window_days`."""

    window_days: Annotated[int, Field(strict=True, ge=1, le=MAKE_UP_DAYS_MAX)] = 7
    price: tuple[Reward, ...] = Field(default=(), max_length=10)
    per_month: Annotated[int, Field(strict=True, ge=1, le=31)] = 3
    reward: MakeUpReward = MakeUpReward.NONE


class DecayRules(Table):
    """Has a missed day take some of the count and not all of it."""

    per_day: Count
    floor: Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX)] = 0


class Stretch(Table):
    """Is days of the document, the end not among them."""

    start: date
    end: date

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"must end after {self.start}, not on {self.end}")
        return self


class ZonePolicy(StrEnum):
    """Tells whose days count: the program's, the member's, or those of an offset."""

    PROGRAM = "PROGRAM"
    MEMBER = "MEMBER"
    FIXED = "FIXED"


class ZoneRules(Table):
    """Says by which clocks a campaign's days go.

    `attribute` is where members have the name of their zone; the program's counts
    where they have none. A new one is believed `change_days` after the last.
    """

    policy: ZonePolicy = ZonePolicy.PROGRAM
    attribute: Annotated[str, Field(min_length=1, max_length=128)] = "zone"
    change_days: Annotated[int, Field(strict=True, ge=0, le=366)] = 7
    offset_minutes: Annotated[int, Field(strict=True, ge=-1439, le=1439)] = 0


def _check_minutes(moment: time) -> time:
    if moment.tzinfo or moment.second or moment.microsecond:
        raise ValueError("must be a time of day in hours and minutes such as 04:00")
    return moment


class Campaign(Table):
    """Is one campaign: what is counted, and what it gives."""

    mode: Mode = Mode.CONSECUTIVE
    cycle_days: Annotated[int, Field(strict=True, ge=1, le=366)] = 7
    period: Period = Period.MONTH
    start: date | None = None
    end: date | None = None
    zone: ZoneRules = ZoneRules()
    day_starts_at: Annotated[time, AfterValidator(_check_minutes)] = time()
    grace_minutes: Annotated[int, Field(strict=True, ge=0, le=720)] = 0
    daily: tuple[Daily, ...] = Field(default=(), max_length=400)
    milestones: tuple[Milestone, ...] = Field(default=(), max_length=100)
    target_gap: TargetGap | None = None
    freezes: FreezeRules | None = None
    decay: DecayRules | None = None
    make_up: MakeUpRules | None = None
    pauses: tuple[Stretch, ...] = Field(default=(), max_length=100)
    revert_days: Annotated[int, Field(strict=True, ge=1, le=366)] = 92

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"must end after {self.start}, not on {self.end}")
        for what, found in (
            ("milestones have the name", [one.name for one in self.milestones]),
            (
                "rewards per day begin with the count",
                [d.from_count for d in self.daily],
            ),
        ):
            twice = [str(name) for name, times in Counter(found).items() if times > 1]
            if twice:
                raise ValueError(f"two {what} {twice[0]}")
        return self

    @model_validator(mode="after")
    def _check_mode(self) -> Self:
        if (self.freezes or self.decay) and self.mode not in GAPS_MATTER:
            raise ValueError(f"missed days do not matter in the mode {self.mode}")
        if self.mode is not Mode.CYCLE and any(
            one.once is Once.CYCLE for one in self.milestones
        ):
            raise ValueError("milestones come once a CYCLE in the mode CYCLE alone")
        return self

    @model_validator(mode="after")
    def _check_cycle(self) -> Self:
        if self.mode is Mode.CYCLE and any(
            one.once is Once.CYCLE and one.count > self.cycle_days
            for one in self.milestones
        ):
            raise ValueError(f"a cycle of {self.cycle_days} days counts no further")
        return self

    @model_validator(mode="after")
    def _check_given(self) -> Self:
        days = max(self.revert_days, MAKE_UP_DAYS_MAX) + 62  # by whole months
        given = sum(len(m.rewards) * self._times(m, days) for m in self.milestones)
        if given > GIVEN_MAX:
            raise ValueError(
                f"milestones may give {given} rewards in {days} days, of which"
                f" {GIVEN_MAX} at most can be taken back:"
                " have fewer rewards, or fewer `revert_days`"
            )
        return self

    def _times(self, milestone: Milestone, days: int) -> int:
        """Returns how often a member may get a milestone within so many days."""
        if milestone.once is Once.EVER:
            return 1
        is_cycle = milestone.once is Once.CYCLE
        return days // (self.cycle_days if is_cycle else milestone.count) + 1

    @cached_property
    def rules(self) -> Rules:
        """Returns how days are counted."""
        decay = self.decay
        return Rules(
            mode=self.mode,
            cycle_days=self.cycle_days,
            period=self.period,
            anchor=self.first_day or 1,
            decay=decay.per_day if decay else 0,
            floor=decay.floor if decay else 0,
            counts_frozen=bool(self.freezes and self.freezes.counted),
        )

    @property
    def first_day(self) -> int:
        """Returns the first day of the campaign, 0 for any."""
        return self.start.toordinal() if self.start else 0

    @property
    def end_day(self) -> int | None:
        """Returns the first day after the campaign, None for never."""
        return self.end.toordinal() if self.end else None

    @cached_property
    def paused(self) -> tuple[Pause, ...]:
        """Returns the days on which nobody has to check in."""
        return tuple(
            Pause(one.start.toordinal(), one.end.toordinal()) for one in self.pauses
        )

    @property
    def starts_minutes(self) -> int:
        """Returns the minutes after midnight at which days begin."""
        return self.day_starts_at.hour * 60 + self.day_starts_at.minute


class Config(Table):
    """Is the section `plugins.checkin` of a program."""

    campaigns: dict[Name, Campaign] = Field(default={}, max_length=50)


def zone_named(name: str) -> ZoneInfo | None:
    """Returns the zone with an IANA name, or None."""
    try:
        return ZoneInfo(name) if name and not name.startswith("/") else None
    except (KeyError, OSError, ValueError):
        return None
