"""What a member has done so far, as rules, caps and ladders count it.

One value per member, kept as one row. Everything in it follows from the moves
that the member's transactions record, in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from points.domain.calendar.zones import SECOND


KEPT_AFTER_END: Final = 400 * 86_400 * SECOND
"""How long a counter outlives its window, for activities that come late."""

COUNTED: Final = ("cap/", "rule/", "budget/")
"""Begin the names of counters of what activities earn: a return takes it back."""

_ESCAPED: Final = re.compile(r"\\(.)")
_NAME_PART: Final = re.compile(r"((?:[^\\/]|\\.)*)(?:/|$)")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Tally(NamedTuple):
    """Is what was counted in one window, and the end of that window."""

    used: int
    end_time: int


class Move(NamedTuple):
    """Moves a counter of a member by so much, up or down."""

    name: str
    by: int
    end_time: int


class Progress(NamedTuple):
    """Is the counters of a member by name, and the fractions that awards carry.

    A name begins with what is counted: `cap/`, `rule/`, `budget/`, `ladder/`,
    `score/`.
    """

    part: int
    member_id: str
    counters: Mapping[str, Tally] = _NOTHING
    remainders: Mapping[str, Fraction] = _NOTHING

    def used(self, name: str) -> int:
        """Returns how far a counter has come."""
        counter = self.counters.get(name)
        return counter.used if counter else 0

    def after(
        self, moves: Iterable[Move], remainders: Mapping[str, Fraction], now: int
    ) -> Progress:
        """Returns the progress after a transaction at `now`.

        Counters whose windows have ended long ago are forgotten.
        """
        counters = dict(self.counters)
        for name, by, end_time in moves:
            counters[name] = Tally(self._used(counters, name) + by, end_time)
        kept = {
            name: counter
            for name, counter in counters.items()
            if counter.used and now - counter.end_time < KEPT_AFTER_END
        }
        carried = {**self.remainders, **remainders}
        left = {name: rest for name, rest in carried.items() if rest}
        return Progress(self.part, self.member_id, kept, left)

    @staticmethod
    def _used(counters: Mapping[str, Tally], name: str) -> int:
        counter = counters.get(name)
        return counter.used if counter else 0


def counter_name(kind: str, *key: str, start_time: int = 0) -> str:
    """Returns the name of a counter: what it counts, whose it is, since when."""
    parts = [kind, *(part.replace("\\", "\\\\").replace("/", "\\/") for part in key)]
    return "/".join([*parts, str(start_time)] if start_time else parts)


def counter_key(name: str) -> list[str]:
    """Returns what `counter_name` was given, but for the start, which may be last."""
    found = [match[1] for match in _NAME_PART.finditer(name)]
    # Behind the last part the pattern meets nothing once more.
    return [_ESCAPED.sub(r"\1", part) for part in found[:-1]]


def budget_counter(name: str, start_time: int) -> str:
    """Returns the name of what a budget's counter has paid one member in a period."""
    return counter_name("budget", name, start_time=start_time)


def remainder_name(rule_id: str, number: int) -> str:
    """Returns the name of the fraction that an award of a rule carries."""
    return f"{rule_id}/{number}"
