"""Activities: facts that services submit, for the rules of the program to value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from points.domain.activities import Activity, Item
from points.domain.bounds import (
    ACTIVITY_ITEMS_MAX,
    POINTS_MAX,
    REASON_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
    UNSET,
)
from points.domain.checks import (
    name_problem,
    optional_name_problem,
    pairs_problem,
    time_problem,
)
from points.domain.commands.base import (
    NO_READS,
    NOTHING,
    Command,
    Problems,
    Reads,
)
from points.domain.identity import ISSUANCE, member_account
from points.domain.program import Program
from points.domain.state import Found
from points.domain.values import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActivity(Command):
    """Asks to record a fact of a member, and what it earns under the program.

    `money` is in minor units of `currency`. `channel` is where it happened; the
    transaction's own channel is `core`.
    """

    kind: ClassVar[Kind] = Kind.ACTIVITY
    follows: ClassVar[bool] = True
    activity_type: str
    reason: str = ""
    money: int = 0
    currency: str = ""
    quantity: int = 1
    channel: str = ""
    sub_program: str = ""
    partner: str = ""
    items: tuple[Item, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    effective_time: int = UNSET

    def reads(self) -> Reads:
        """Returns the progress of the member, which the rules look at."""
        return Reads(progress=True, standings=True)

    def reads_under(self, program: Program) -> Reads:
        """Returns nothing under rules that ask nothing of what was done before."""
        rules = program.rules
        if program.ladders is not None:
            return self.reads()
        if rules is None or not rules.looks_back(self.activity_type):
            return NO_READS
        return self.reads()

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts of what may be earned, and shared counters."""
        rules, member = found.program.rules, found.member(part, self.member_id)
        if rules is None or member is None:
            return NO_READS
        name = member_account(self.member_id)
        units = rules.units(self.activity_type)
        accounts = [(each, unit) for unit in units for each in (name, ISSUANCE)]
        if not rules.shares(self.activity_type):
            return Reads(tuple(accounts))
        activity = self.activity(found.now)
        progress = found.progress(part, self.member_id)
        counters = rules.counters(activity, member, progress)
        return Reads(tuple(accounts), counters=counters)

    def activity(self, now: int) -> Activity:
        """Returns the fact; it happened at `now` if it does not say when."""
        happened = now if self.effective_time == UNSET else self.effective_time
        return Activity(
            self.activity_type,
            happened,
            self.money,
            self.currency,
            self.quantity,
            self.channel,
            self.sub_program,
            self.partner,
            self.items,
            self.attributes,
        )

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "type", name_problem(self.activity_type, UNIT_CHARACTERS_MAX)
        yield "reason", optional_name_problem(self.reason, REASON_CHARACTERS_MAX)
        for name in ("currency", "channel", "sub_program", "partner"):
            value = getattr(self, name)
            yield name, optional_name_problem(value, UNIT_CHARACTERS_MAX)
        yield "money", _amount_problem(self.money)
        yield "quantity", _quantity_problem(self.quantity)
        yield "occur_time", time_problem(self.effective_time)
        yield "attributes", pairs_problem(self.attributes)
        yield from self._item_problems()

    def _item_problems(self) -> Problems:
        found = len(self.items)
        if found > ACTIVITY_ITEMS_MAX:
            yield "items", f"must be at most {ACTIVITY_ITEMS_MAX}, not {found}"
            return
        for number, item in enumerate(self.items):
            where = f"items[{number}]"
            yield f"{where}.item_id", name_problem(item.id)
            category = optional_name_problem(item.category, UNIT_CHARACTERS_MAX)
            yield f"{where}.category", category
            yield f"{where}.money", _amount_problem(item.money)
            yield f"{where}.quantity", _quantity_problem(item.quantity)
            yield f"{where}.attributes", pairs_problem(item.attributes)


def _amount_problem(money: int) -> str | None:
    if money < 0:
        return "must not be below zero: a return is a ReverseActivity"
    return None if money <= POINTS_MAX else f"must be at most {POINTS_MAX}"


def _quantity_problem(quantity: int) -> str | None:
    if quantity < 1:
        return f"must be at least 1, not {quantity}"
    return None if quantity <= POINTS_MAX else f"must be at most {POINTS_MAX}"
