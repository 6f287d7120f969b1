"""Holds: points are set aside, then captured, given back, or lapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from points.domain.bounds import (
    NEVER,
    POINTS_MAX,
    REASON_CHARACTERS_MAX,
    TIME_MAX,
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
    LedgerCommand,
    Problems,
    Reads,
)
from points.domain.commands.points import DEFAULT_SINK
from points.domain.identity import (
    CORE_CHANNEL,
    RESERVED_PREFIX,
    Place,
    burn_account,
    held_account,
    member_account,
)
from points.domain.values import Hold, Kind, TimeoutAction


if TYPE_CHECKING:
    from points.domain.state import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(LedgerCommand):
    """Asks to set points of a member aside for a burn.

    It lapses `timeout` after it was recorded, or at `lapse_time`, or never.
    """

    kind: ClassVar[Kind] = Kind.HOLD
    sink: str = DEFAULT_SINK
    timeout: int = UNSET
    lapse_time: int = NEVER
    on_timeout: TimeoutAction = TimeoutAction.VOID
    freeze_expiry: bool = False

    def reads(self) -> Reads:
        """Returns the two accounts between which points move, and the lots."""
        member, held = member_account(self.member_id), held_account(self.member_id)
        accounts = ((member, self.unit), (held, self.unit))
        return Reads(accounts=accounts, lots_of=self.unit)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "sink", name_problem(self.sink, UNIT_CHARACTERS_MAX)
        yield "timeout", _timeout_problem(self.timeout)
        yield "lapse_time", time_problem(self.lapse_time)
        if self.timeout != UNSET and self.lapse_time != NEVER:
            yield "lapse_time", "must not be given together with timeout"
        if self.on_timeout is not TimeoutAction.VOID and not self.may_lapse:
            yield "on_timeout", "needs a timeout or lapse_time"

    @property
    def may_lapse(self) -> bool:
        """Says whether the hold ends by itself."""
        return self.timeout != UNSET or self.lapse_time != NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCommand(Command):
    """Asks to change a hold. Without a `reason` it has the one of the hold."""

    follows: ClassVar[bool] = True
    hold_id: str
    reason: str = ""
    effective_time: int = UNSET
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    channel: str = CORE_CHANNEL

    def reads(self) -> Reads:
        """Returns the hold."""
        return Reads(hold=Place.of_hold(self.hold_id))

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts and lots of the hold, if it is the member's."""
        return _reads_of(found, part, self.member_id, Place.of_hold(self.hold_id))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "hold_id", name_problem(self.hold_id)
        yield "reason", optional_name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "effective_time", time_problem(self.effective_time)
        yield "metadata", pairs_problem(self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureHold(HoldCommand):
    """Asks to burn points of a hold, all that can be burned if `points` is 0.

    Without a `sink` they go to the one of the hold. `void_rest` gives back what is
    left open.
    """

    kind: ClassVar[Kind] = Kind.CAPTURE
    points: int = 0
    sink: str = ""
    void_rest: bool = False

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts and lots of the hold, and the sink that is named."""
        reads = HoldCommand.follow(self, found, part)
        if not (self.sink and reads.accounts):
            return reads
        _, unit = reads.accounts[0]
        sink = (burn_account(self.sink), unit)
        return reads._replace(accounts=(*reads.accounts, sink))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from HoldCommand.problems(self)
        yield "points", _captured_problem(self.points)
        yield "sink", optional_name_problem(self.sink, UNIT_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidHold(HoldCommand):
    """Asks to give all open points of a hold back."""

    kind: ClassVar[Kind] = Kind.VOID


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseHold(Command):
    """Asks to settle a hold whose time has come; only the server itself does."""

    kind: ClassVar[Kind] = Kind.LAPSE
    follows: ClassVar[bool] = True
    hold: Place

    @classmethod
    def of(cls, hold: Hold) -> Self:
        """Returns the one command that settles the hold, the same for everybody."""
        request_id = f"{RESERVED_PREFIX}lapse/{hold.place().hold_id()}"
        return cls(member_id=hold.member_id, request_id=request_id, hold=hold.place())

    def reads(self) -> Reads:
        """Returns the hold."""
        return Reads(hold=self.hold)

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the accounts and lots of the hold, if it is the member's."""
        return _reads_of(found, part, self.member_id, self.hold)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", name_problem(self.request_id)


def reads_of_hold(hold: Hold) -> Reads:
    """Returns what is read to capture a hold or give it back."""
    member, held = member_account(hold.member_id), held_account(hold.member_id)
    names = (member, held, burn_account(hold.sink))
    return Reads(
        accounts=tuple((name, hold.unit) for name in names),
        lots=tuple(draw.lot for draw in hold.draws),
    )


def _reads_of(found: Found, part: int, member_id: str, place: Place | None) -> Reads:
    if place is None or place.part != part:
        return NO_READS
    hold = found.hold(place)
    if hold is None or hold.member_id != member_id:
        return NO_READS
    return reads_of_hold(hold)


def _timeout_problem(timeout: int) -> str | None:
    if timeout == UNSET or 0 < timeout <= TIME_MAX:
        return None
    return "must be above zero and end before the year 10000"


def _captured_problem(points: int) -> str | None:
    if points < 0:
        return f"must not be negative, not {points}"
    return f"must be at most {POINTS_MAX}" if points > POINTS_MAX else None
