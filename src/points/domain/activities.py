"""Business facts that services submit, and what the rules of a program give."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

from points.domain.calendar.periods import Period
from points.domain.claims import NO_RESERVE, Reserve
from points.domain.counters import CounterMove
from points.domain.progress import Move


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Item(NamedTuple):
    """Is a line of an activity; `money` is for all of its `quantity`."""

    id: str
    money: int = 0
    quantity: int = 1
    category: str = ""
    attributes: Mapping[str, str] = _NOTHING


class Activity(NamedTuple):
    """Is a business fact that a service submits.

    `money` is in minor units of `currency`, which is the program's if it is empty.
    Its items are part of its money and quantity, not beside them.
    """

    type: str
    occur_time: int
    money: int = 0
    currency: str = ""
    quantity: int = 1
    channel: str = ""
    sub_program: str = ""
    partner: str = ""
    items: tuple[Item, ...] = ()
    attributes: Mapping[str, str] = _NOTHING


class Waiting(NamedTuple):
    """Says what granted points wait for before they can be used.

    Either for a time `after` the day of the activity, or for an `event`, but no
    longer than `cancel_after`. The unit decides if there is neither.
    """

    after: Period | None = None
    event: str = ""
    cancel_after: Period | None = None


class Grant(NamedTuple):
    """Is points of one unit that a rule gives for an activity.

    `explanation` says step by step why it is these points. `shares` split them over
    the items they are for. With `claim_within` they wait to be collected so long,
    and with a `budget` until it can pay for them; a budget that has paid already is
    the `reserve`.
    """

    rule_id: str
    number: int
    unit: str
    points: int
    explanation: tuple[str, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    waiting: Waiting = Waiting()
    claim_within: Period | None = None
    budget: str = ""
    reserve: Reserve = NO_RESERVE


class Award(NamedTuple):
    """Is a grant as it was recorded; `lot_number` is 0 if it made no lot.

    One that waits to be collected is the claim at `claim_position` of its record,
    from 1; it is 0 for all others.
    """

    rule_id: str
    number: int
    unit: str
    points: int
    lot_number: int = 0
    explanation: tuple[str, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    claim_position: int = 0


class Earnings(NamedTuple):
    """Is all that an activity earns, and how it moves progress and shared counters.

    What had no value for this activity is a grant of nothing that says so.
    """

    grants: tuple[Grant, ...]
    moves: tuple[Move, ...] = ()
    remainders: Mapping[str, Fraction] = MappingProxyType({})
    counters: tuple[CounterMove, ...] = ()


NO_EARNINGS: Final = Earnings(())
"""Is what activities earn where there are no rules."""
