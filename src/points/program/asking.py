"""One activity as rules see it: worked out when it is first needed, then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any, Final

from points.domain.activities import Activity, Item
from points.domain.calendar.zones import SECOND, local_date
from points.program.cel.batches import Answer, answers_of
from points.program.cel.compiling import Activation, ExpressionFailed
from points.program.cel.environment import Scope, environment
from points.program.document.units import minor_digits
from points.program.facts import Facts
from points.program.rounding import Exact, times
from points.program.rulebook import Rulebook, within


class Asking:
    """Is one activity of one member under one rulebook.

    `exchange` is what a minor unit of the activity is in those of the program, and
    `money` the activity's money in them, both exact.
    `failures` gathers the segments whose condition had no value; the member is
    then in none of them.
    """

    def __init__(self, rulebook: Rulebook, activity: Activity, facts: Facts) -> None:
        self.rulebook = rulebook
        self.activity = activity
        self.facts = facts
        self.exchange = exchange(rulebook, activity)
        self.money = times(activity.money, self.exchange)
        self.failures: list[tuple[str, str]] = []
        self._activation: Activation | None = None
        self._local: datetime | None = None
        self._segments: dict[str, bool] = {}
        self._values: dict[str, Any] = {}

    @property
    def local(self) -> datetime:
        """Returns what the clocks of the program's zone showed."""
        if self._local is None:
            seconds = self.activity.occur_time // SECOND
            self._local = datetime.fromtimestamp(seconds, self.rulebook.zone)
        return self._local

    def answers(self) -> list[tuple[int, Answer]]:
        """Returns which of the sheet's conditions are not false, by their places."""
        sheet = self.rulebook.sheets[self.activity.type]
        return answers_of(sheet.conditions, self)

    @property
    def sub_programs(self) -> list[str]:
        """Returns the activity's sub-program and those that it is part of."""
        return within(self.activity.sub_program, self.rulebook.document)

    @property
    def activation(self) -> Activation:
        """Returns the variables that the rules of this type of activity read."""
        if self._activation is None:
            self._activation = environment(Scope.ACTIVITY).Activation(self._data())
        return self._activation

    def item_activation(self, item: Item) -> Activation:
        """Returns the same variables, and those of one item."""
        return environment(Scope.ITEM).Activation(self._data() | self._item(item))

    def inputs(self, names: Iterable[str]) -> dict[str, Any]:
        """Returns the values of the variables."""
        return {name: self.value(name) for name in names if name in _VALUES}

    def value(self, name: str) -> Any:
        """Returns the value of one variable."""
        if name not in self._values:
            self._values[name] = _VALUES[name](self)
        return self._values[name]

    def is_in(self, segment: str) -> bool:
        """Says whether the member is in a segment, and in all that it is within."""
        if segment not in self._segments:
            wider = self.rulebook.document.segments[segment].within
            inside = all(map(self.is_in, wider)) and self._meets(segment)
            self._segments[segment] = inside
        return self._segments[segment]

    def _meets(self, segment: str) -> bool:
        condition = self.rulebook.segments[segment]
        data = self.inputs(condition.names)
        try:
            found = condition.value(environment(Scope.MEMBER).Activation(data))
        except ExpressionFailed as failed:
            self.failures.append((f"segments.{segment}", str(failed)))
            return False
        return bool(found)

    def _data(self) -> dict[str, Any]:
        return self.inputs(self.rulebook.sheets[self.activity.type].names)

    def _item(self, item: Item) -> dict[str, Any]:
        return {f"item.{key}": value for key, value in _item_table(self, item).items()}


def exchange(rulebook: Rulebook, activity: Activity) -> Exact:
    """Returns what a minor unit of the activity is in those of the program."""
    money, currency = rulebook.document.money, activity.currency
    if money is None or currency in ("", money.currency):
        return 1
    digits = minor_digits(money.currency) - minor_digits(currency)
    return money.rates[currency] * Fraction(10) ** digits


def _item_table(asking: Asking, item: Item) -> dict[str, Any]:
    return item._asdict() | {
        "money": floor(times(item.money, asking.exchange)),
        "attributes": dict(item.attributes),
    }


def _ranks(asking: Asking) -> dict[str, int]:
    tiers = asking.facts.tiers
    ladders = asking.rulebook.document.ladders
    return {name: each.rank(tiers.get(name, "")) for name, each in ladders.items()}


def _days(asking: Asking) -> int:
    zone = asking.rulebook.zone
    today = local_date(asking.activity.occur_time, zone)
    return max(0, (today - local_date(asking.facts.create_time, zone)).days)


def _member_segments(asking: Asking) -> list[str]:
    return [name for name in asking.rulebook.segments if asking.is_in(name)]


_VALUES: Final[Mapping[str, Callable[[Asking], Any]]] = {
    "member.attributes": lambda asking: dict(asking.facts.attributes),
    "member.tiers": lambda asking: dict(asking.facts.tiers),
    "member.ranks": _ranks,
    "member.days": _days,
    "member.recency": lambda asking: asking.facts.scores.recency,
    "member.frequency": lambda asking: asking.facts.scores.frequency,
    "member.monetary": lambda asking: asking.facts.scores.monetary,
    "member.segments": _member_segments,
    "time.date": lambda asking: asking.local.date().isoformat(),
    "time.year": lambda asking: asking.local.year,
    "time.month": lambda asking: asking.local.month,
    "time.day": lambda asking: asking.local.day,
    "time.weekday": lambda asking: asking.local.isoweekday(),
    "time.hour": lambda asking: asking.local.hour,
    "time.minute": lambda asking: asking.local.minute,
    "activity.type": lambda asking: asking.activity.type,
    "activity.money": lambda asking: floor(asking.money),
    "activity.paid": lambda asking: asking.activity.money,
    "activity.currency": lambda asking: asking.activity.currency,
    "activity.quantity": lambda asking: asking.activity.quantity,
    "activity.channel": lambda asking: asking.activity.channel,
    "activity.sub_program": lambda asking: asking.activity.sub_program,
    "activity.partner": lambda asking: asking.activity.partner,
    "activity.attributes": lambda asking: dict(asking.activity.attributes),
    "activity.items": lambda asking: [
        _item_table(asking, item) for item in asking.activity.items
    ],
}
