"""Channels: where points are earned and burned, and how much may pass through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Window(StrEnum):
    """Tells how long a cap counts: days, weeks and months are of the program's zone."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    LIFETIME = "LIFETIME"


class Flow(StrEnum):
    """Tells which way points move through a channel."""

    EARN = "EARN"
    BURN = "BURN"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Bounds the points of one unit that a flow of a channel moves within a window.

    For each member, or for all of them together: a budget. What would go beyond it
    is refused, whatever the plugin does (LIMIT_EXCEEDED, BUDGET_EXHAUSTED).
    """

    flow: Flow
    points: int
    window: Window
    unit: str = "points"
    is_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Is a channel of a plugin, declared by the hook `channels`.

    `name` is unique among all plugins; transactions carry it. Only the declared
    `flows` pass. The transactions of a channel that is not `is_reversible` are never
    reversed by callers from outside.
    """

    name: str
    flows: frozenset[Flow]
    caps: tuple[Cap, ...] = ()
    is_reversible: bool = True
