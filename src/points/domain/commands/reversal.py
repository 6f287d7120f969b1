"""Reverse and adjust: what was recorded is undone, or put right by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from points.domain.bounds import (
    ACTIVITY_ITEMS_MAX,
    NEVER,
    POINTS_MAX,
    REASON_CHARACTERS_MAX,
    TIME_MAX,
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
    LedgerCommand,
    Problems,
    Reads,
)
from points.domain.commands.claims import reserved_counters
from points.domain.counters import is_open
from points.domain.identity import (
    ADJUSTMENT,
    BREAKAGE,
    CORE_CHANNEL,
    ISSUANCE,
    TRANSIT,
    WRITE_OFF,
    Place,
    member_account,
    shortfall_account,
)
from points.domain.values import Kind, ReasonCode, Transaction


if TYPE_CHECKING:
    from points.domain.state import Found


class ShortfallPolicy(StrEnum):
    """Tells what pays for an earn that is reversed when the member has too little."""

    STOP = "STOP"
    WRITE_OFF = "WRITE_OFF"
    SHORTFALL = "SHORTFALL"


class ExpiredPolicy(StrEnum):
    """Tells what becomes of points given back whose lot has expired meanwhile."""

    VOID = "VOID"
    REISSUE = "REISSUE"


class AdjustDirection(StrEnum):
    """Tells whether points are added or taken."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(Command):
    """Asks to undo a transaction; `points` 0 means all that is not undone yet.

    Of an activity, `item_ids` ask for what these items have earned; without any,
    for all that is left. It is never undone by points.
    `grace` is how long reissued points live, in microseconds: above zero with
    REISSUE, UNSET otherwise. A `reason_code` that was left out is None and refused.
    """

    kind: ClassVar[Kind] = Kind.REVERSE
    follows: ClassVar[bool] = True
    transaction_id: str
    reason: str
    reason_code: ReasonCode | None
    points: int = 0
    item_ids: tuple[str, ...] = ()
    shortfall_policy: ShortfallPolicy = ShortfallPolicy.STOP
    expired_policy: ExpiredPolicy = ExpiredPolicy.VOID
    grace: int = UNSET
    operator: str = ""
    effective_time: int = UNSET
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    channel: str = CORE_CHANNEL

    @property
    def place(self) -> Place | None:
        """Returns where the transaction stands, None for an id that is none."""
        return Place.of_transaction(self.transaction_id)

    def reads(self) -> Reads:
        """Returns the transaction; what else is read depends on it."""
        return Reads(transaction=self.place)

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts and lots that the points go back through."""
        record = found.transaction(self.place) if self.place else None
        if record is None or (record.part, record.member_id) != (part, self.member_id):
            return NO_READS
        assert isinstance(record.result, Transaction)
        # What counted then is looked at, though it may not count any more.
        is_old = record.program_version != found.program.version
        if record.kind is Kind.EARN:
            reads = self._reads_of_earn(record.result)
            return reads._replace(progress=is_old, standings=is_old)
        if record.kind in (Kind.BURN, Kind.CAPTURE):
            reads = self._reads_of_burn(record.result)
            return reads._replace(progress=is_old, standings=is_old)
        if record.kind in (Kind.ACTIVITY, Kind.CLAIM):
            return self._reads_of_activity(record.result, found.now)
        return NO_READS

    def reads_of_half(self, taken: Transaction, holder: str) -> Reads:
        """Returns what else is read where a pool `holder` had a share of an earn."""
        units = tuple(dict.fromkeys(posting.unit for posting in taken.postings))
        names = (*self._accounts_of_giver(holder), TRANSIT)
        return Reads(
            accounts=tuple((name, unit) for unit in units for name in names),
            lots_of_units=units,
            lots=tuple(lot.place() for lot in taken.lots),
        )

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "transaction_id", name_problem(self.transaction_id)
        yield "points", _points_problem(self.points)
        yield from self._item_problems()
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "reason_code", None if self.reason_code else "is required"
        yield "grace", self._grace_problem()
        yield "operator", optional_name_problem(self.operator)
        yield "effective_time", time_problem(self.effective_time)
        yield "metadata", pairs_problem(self.metadata)

    def _item_problems(self) -> Problems:
        found = len(self.item_ids)
        if found > ACTIVITY_ITEMS_MAX:
            yield "item_ids", f"must be at most {ACTIVITY_ITEMS_MAX}, not {found}"
            return
        for index, item_id in enumerate(self.item_ids):
            yield f"item_ids[{index}]", name_problem(item_id)
        if len(set(self.item_ids)) < found:
            yield "item_ids", "must each be there once"

    def _grace_problem(self) -> str | None:
        if self.expired_policy is not ExpiredPolicy.REISSUE:
            return None if self.grace == UNSET else "goes with REISSUE alone"
        if self.grace == UNSET:
            return "is required with REISSUE"
        if not 0 < self.grace <= TIME_MAX:
            return "must be above zero and end before the year 10000"
        return None

    def _reads_of_earn(self, earned: Transaction) -> Reads:
        unit = earned.postings[0].unit
        return Reads(
            accounts=tuple((name, unit) for name in self._accounts_of_earn(earned)),
            lots_of=unit,
            lots=tuple(lot.place() for lot in earned.lots),
        )

    def _reads_of_activity(self, earned: Transaction, now: int) -> Reads:
        units = tuple(dict.fromkeys(posting.unit for posting in earned.postings))
        names = self._accounts_of_earn(earned)
        return Reads(
            accounts=tuple((name, unit) for unit in units for name in names),
            lots_of_units=units,
            lots=tuple(lot.place() for lot in earned.lots),
            progress=True,
            standings=True,
            counters=(
                *(move.key() for move in earned.counters if is_open(move, now)),
                *reserved_counters(earned.claims, now),
            ),
            claims=tuple(claim.place() for claim in earned.claims),
        )

    def _accounts_of_earn(self, earned: Transaction) -> list[str]:
        """Returns the accounts that points go through when they are taken back."""
        mine, *names = self._accounts_of_giver(self.member_id)
        transit = [TRANSIT] if earned.counterparty else []
        return [mine, ISSUANCE, *transit, *names]

    def _accounts_of_giver(self, member_id: str) -> list[str]:
        """Returns the accounts that points of a member may be taken from."""
        names = [member_account(member_id), BREAKAGE]
        if self.shortfall_policy is ShortfallPolicy.WRITE_OFF:
            names.append(WRITE_OFF)
        if self.shortfall_policy is ShortfallPolicy.SHORTFALL:
            names.append(shortfall_account(member_id))
        return names

    def _reads_of_burn(self, burned: Transaction) -> Reads:
        unit = burned.postings[0].unit
        names = [member_account(self.member_id), BREAKAGE]
        names += [sink for _, sink, *_ in burned.postings if sink.startswith("burn:")]
        return Reads(
            accounts=tuple((name, unit) for name in names),
            lots_of=unit,
            lots=tuple(draw.lot for draw in burned.draws),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust(LedgerCommand):
    """Asks to add points by hand as a lot, or to take them from the lots.

    A `direction` that was left out is None and refused. Points that are added are
    usable before `expire_time`.
    """

    kind: ClassVar[Kind] = Kind.ADJUST
    direction: AdjustDirection | None
    operator: str
    expire_time: int = NEVER

    def reads(self) -> Reads:
        """Returns the two accounts between which points move, and lots to draw."""
        member = member_account(self.member_id)
        accounts = ((member, self.unit), (ADJUSTMENT, self.unit))
        is_debit = self.direction is AdjustDirection.DEBIT
        return Reads(accounts=accounts, lots_of=self.unit if is_debit else None)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "direction", None if self.direction else "is required"
        yield "operator", name_problem(self.operator)
        yield "expire_time", time_problem(self.expire_time)
        if self.direction is AdjustDirection.DEBIT and self.expire_time != NEVER:
            yield "expire_time", "goes with CREDIT alone"


def _points_problem(points: int) -> str | None:
    if points < 0:
        return f"must not be below zero, but is {points}"
    return f"must be at most {POINTS_MAX}" if points > POINTS_MAX else None
