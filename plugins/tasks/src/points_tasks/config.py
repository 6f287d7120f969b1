"""The plugin's section of the program document: tasks, and all their rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from points.plugin import NameOf
from points_tasks.entries import ENTRIES_MAX, KEYS_MAX, Aggregator
from points_tasks.schedules import Schedule, parse


POINTS_MAX: Final = 10**15
"""Highest target, and most points of one reward."""

MINUTES_MAX: Final = 60 * 24 * 366
"""Longest wait, in minutes: a leap year."""

KINDS: Final = frozenset(
    {"ACTIVITY", "ADJUST", "BURN", "CAPTURE", "CLAIM", "EARN", "TRANSFER"}
)
"""Records of the ledger that steps may count: names in upper case are theirs."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")]
Points = Annotated[int, Field(strict=True, ge=1, le=POINTS_MAX)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=MINUTES_MAX)]


class Table(BaseModel):
    """Is a table of the document: frozen, with the keys it declares and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reward(Table):
    """Is points of one unit that a task gives."""

    points: Points
    unit: Annotated[Name, NameOf.UNIT] = "points"


class Condition(Table):
    """Is what a field of an event has to be; all that is said has to hold.

    An event without the field does not count, and of numbers only whole ones do.
    """

    field: FieldName
    one_of: tuple[str, ...] = Field(default=(), max_length=100)
    at_least: int | None = None
    at_most: int | None = None


class Step(Table):
    """Is one thing to do: which events count, how they are added up, and how far.

    `event` is the name of reported events, or the kind of ledger records: BURN,
    ACTIVITY and so on. SUM and MAX go by the field `value`, DISTINCT by `key`.
    """

    name: Name
    event: Name
    aggregator: Aggregator = Aggregator.COUNT
    target: Points = 1
    value: FieldName = "points"
    key: FieldName | None = None
    where: tuple[Condition, ...] = Field(default=(), max_length=10)

    def counts_like(self, other: Step) -> bool:
        """Says whether both add up the same: their names and targets may differ."""
        return self._counting == other._counting

    @property
    def _counting(self) -> tuple[object, ...]:
        return self.event, self.aggregator, self.value, self.key, self.where

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.aggregator is Aggregator.DISTINCT) != (self.key is not None):
            raise ValueError("DISTINCT has the `key` that it tells apart, others none")
        keyed = {Aggregator.DISTINCT, Aggregator.STREAK}
        if self.aggregator in keyed and self.target > KEYS_MAX:
            raise ValueError(f"the target of {self.aggregator} is at most {KEYS_MAX}")
        if self.event.isupper() and self.event not in KINDS:
            kinds = ", ".join(sorted(KINDS))
            raise ValueError(f"the ledger's kinds are {kinds}, not {self.event}")
        return self


class Order(StrEnum):
    """Tells how steps are done: ANY order, one after the other, or some of them."""

    ANY = "ANY"
    ORDERED = "ORDERED"
    K_OF_N = "K_OF_N"


class Fixed(Table):
    """Is a window from one instant to another; either may be left open."""

    kind: Literal["FIXED"] = "FIXED"
    start_time: AwareDatetime | None = None
    end_time: AwareDatetime | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start_time and self.end_time and self.start_time >= self.end_time:
            raise ValueError("must end after it starts")
        return self


class Rolling(Table):
    """Is a window that ends with each event: what is done within `minutes` counts."""

    kind: Literal["ROLLING"]
    minutes: Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX)]


def _check_schedule(text: str) -> str:
    parse(text)
    return text


class Recurring(Table):
    """Is windows that begin by a schedule, in the zone of the program.

    Each ends after `minutes`, or when the next one begins, whichever is sooner.
    """

    kind: Literal["RECURRING"]
    starts: Annotated[str, Field(max_length=200), AfterValidator(_check_schedule)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX)] | None = None

    @cached_property
    def schedule(self) -> Schedule:
        """Returns when windows begin."""
        return parse(self.starts)


Window = Annotated[Fixed | Rolling | Recurring, Field(discriminator="kind")]


class Audience(Table):
    """Says whom a task is for: tiers by ladder, and values by attribute."""

    tiers: dict[Name, tuple[str, ...]] = Field(default={}, max_length=10)
    attributes: dict[FieldName, tuple[str, ...]] = Field(default={}, max_length=10)


class Repeat(StrEnum):
    """Tells how often a task is done: once, once a window, or after a while again."""

    ONCE = "ONCE"
    WINDOW = "WINDOW"
    COOLDOWN = "COOLDOWN"


class Satisfied(StrEnum):
    """Tells what a task has to be so that those that require it are unlocked."""

    COMPLETED = "COMPLETED"
    CLAIMED = "CLAIMED"


class Clawback(StrEnum):
    """Tells what happens to a claimed reward once its events are cancelled.

    NONE lets the member keep it, DEBIT takes it back, BLOCK lets it be kept but
    gives the task's reward no more until an operator says so.
    """

    NONE = "NONE"
    DEBIT = "DEBIT"
    BLOCK = "BLOCK"


class Task(Table):
    """Is one task."""

    title: Annotated[str, Field(max_length=256)] = ""
    window: Window = Fixed()
    audience: Audience = Audience()
    requires: tuple[Name, ...] = Field(default=(), max_length=20)
    requires_state: Satisfied = Satisfied.CLAIMED
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)
    order: Order = Order.ANY
    steps_needed: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None
    rewards: tuple[Reward, ...] = Field(default=(), max_length=10)
    auto_claim: bool = False
    claim_minutes: Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX)] | None = (
        None
    )
    repeat: Repeat = Repeat.ONCE
    cooldown_minutes: Minutes = 0
    times_max: Annotated[int, Field(strict=True, ge=1, le=10**6)] | None = None
    lateness_minutes: Minutes = 60 * 24
    carry_over: bool = False
    clawback: Clawback = Clawback.NONE

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        _require_once("steps", [step.name for step in self.steps])
        is_some = self.order is Order.K_OF_N
        if is_some != (self.steps_needed is not None):
            raise ValueError("`steps_needed` belongs to K_OF_N, and to it alone")
        if self.steps_needed and self.steps_needed > len(self.steps):
            raise ValueError(f"only {len(self.steps)} steps can be needed")
        return self

    @property
    def is_rolling(self) -> bool:
        """Says whether events count together within a length of time alone."""
        return isinstance(self.window, Rolling)

    @model_validator(mode="after")
    def _check_rolling(self) -> Self:
        counting = {Aggregator.COUNT, Aggregator.DISTINCT, Aggregator.STREAK}
        most = max(
            (s.target for s in self.steps if s.aggregator in counting), default=0
        )
        if self.is_rolling and most > ENTRIES_MAX:
            raise ValueError(
                f"a ROLLING window looks at the latest {ENTRIES_MAX} events of a step:"
                f" {most} of them are never reached"
            )
        return self

    @model_validator(mode="after")
    def _check_repeat(self) -> Self:
        if self.cooldown_minutes and self.repeat is not Repeat.COOLDOWN:
            raise ValueError("`cooldown_minutes` belongs to the repeat COOLDOWN")
        recurs = isinstance(self.window, Recurring)
        if self.repeat is Repeat.WINDOW and not recurs:
            raise ValueError("a task done once a WINDOW has a RECURRING one")
        if self.carry_over and self.repeat is Repeat.ONCE:
            raise ValueError("a task that is done ONCE carries nothing over")
        if self.carry_over and self.is_rolling:
            raise ValueError("a ROLLING window has nothing to carry over")
        return self


class Config(Table):
    """Is the section `plugins.tasks` of a program."""

    tasks: dict[Name, Task] = Field(default={}, max_length=200)

    @model_validator(mode="after")
    def _check_graph(self) -> Self:
        for name, task in self.tasks.items():
            unknown = [one for one in task.requires if one not in self.tasks]
            if unknown:
                raise ValueError(f"{name} requires {unknown[0]}, which is no task")
        try:
            TopologicalSorter(self._required).prepare()
        except CycleError as error:
            circle = " requires ".join(reversed(error.args[1]))
            raise ValueError(f"no task can require itself: {circle}") from None
        return self

    @property
    def _required(self) -> Mapping[str, tuple[str, ...]]:
        return {name: task.requires for name, task in self.tasks.items()}

    @cached_property
    def events(self) -> frozenset[str]:
        """Returns the names of all events that some step counts."""
        return frozenset(
            step.event for task in self.tasks.values() for step in task.steps
        )


def _require_once(what: str, names: list[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"two {what} have the name {twice[0]}")
