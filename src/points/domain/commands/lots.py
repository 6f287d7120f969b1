"""Single lots: activated, cancelled, extended; and the sweep of those that are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from points.domain.bounds import REASON_CHARACTERS_MAX, UNIT_CHARACTERS_MAX, UNSET
from points.domain.checks import (
    name_problem,
    optional_name_problem,
    pairs_problem,
    time_problem,
)
from points.domain.commands.base import NOTHING, Command, Problems, Reads
from points.domain.identity import (
    BREAKAGE,
    CORE_CHANNEL,
    ISSUANCE,
    Place,
    member_account,
)
from points.domain.state import Found
from points.domain.values import Kind


EXPIRE_LOTS_MAX: Final = 500
"""Most lots that one command sweeps: its record stays small enough to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotCommand(Command):
    """Asks to change one lot of a member."""

    follows: ClassVar[bool] = True
    lot_id: str
    reason: str = ""
    effective_time: int = UNSET
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    channel: str = CORE_CHANNEL
    operator: str = ""

    def reads(self) -> Reads:
        """Returns the lot; a malformed id is one of no lot."""
        place = Place.of_lot(self.lot_id)
        return Reads(lots=(place,) if place else ())

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts of the lot's unit."""
        del part
        place = Place.of_lot(self.lot_id)
        lot = found.lot(place) if place else None
        if lot is None:
            return Reads()
        member = member_account(self.member_id)
        return Reads(accounts=((member, lot.unit), (ISSUANCE, lot.unit)))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "lot_id", name_problem(self.lot_id)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "effective_time", time_problem(self.effective_time)
        yield "metadata", pairs_problem(self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateLot(LotCommand):
    """Asks to make a pending lot usable now; the reason may be empty."""

    kind: ClassVar[Kind] = Kind.ACTIVATE

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        for name, problem in LotCommand.problems(self):
            if name != "reason":
                yield name, problem
        yield "reason", optional_name_problem(self.reason, REASON_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelLot(LotCommand):
    """Asks to take a pending lot away before it becomes usable.

    What has earned it stands, with all that it used of caps and budgets.
    """

    kind: ClassVar[Kind] = Kind.CANCEL


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendLot(LotCommand):
    """Asks to let a lot expire later; `operator` is who does it."""

    kind: ClassVar[Kind] = Kind.EXTEND
    expire_time: int = UNSET

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LotCommand.problems(self)
        yield "operator", name_problem(self.operator)
        missing = "is required" if self.expire_time == UNSET else None
        yield "expire_time", missing or time_problem(self.expire_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLots(Command):
    """Asks what the server asks by itself of lots of one member and unit.

    Of the `lots`, at most EXPIRE_LOTS_MAX, it concerns those that are due by then.
    """

    unit: str
    lots: tuple[Place, ...]
    channel: str = CORE_CHANNEL

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "unit", name_problem(self.unit, UNIT_CHARACTERS_MAX)
        if not 1 <= len(self.lots) <= EXPIRE_LOTS_MAX:
            yield "lots", f"must be 1 to {EXPIRE_LOTS_MAX}, not {len(self.lots)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveNotice(DueLots):
    """Asks to announce lots that will expire within the notice period."""

    kind: ClassVar[Kind] = Kind.NOTICE

    def reads(self) -> Reads:
        """Returns the lots: nothing moves."""
        return Reads(lots=self.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireLots(DueLots):
    """Asks to sweep lots whose time is over."""

    kind: ClassVar[Kind] = Kind.EXPIRE
    reason: str = "expiry"

    def reads(self) -> Reads:
        """Returns the lots and the accounts between which points move."""
        names = (member_account(self.member_id), BREAKAGE, ISSUANCE)
        return Reads(
            accounts=tuple((name, self.unit) for name in names), lots=self.lots
        )
