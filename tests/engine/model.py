"""A naive ledger to hold the engine against: plain dicts and lists, no cleverness.

It shares no code with the decisions of the engine, only the commands it is asked
to carry out. An outcome is a text for a refusal and a tuple for anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from points.domain.commands import (
    Burn,
    Command,
    CreateMember,
    Earn,
    FreezeMember,
    UnfreezeMember,
    UpdateMember,
)


CURRENCIES = ("points", "miles")
UNITS = (*CURRENCIES, "qualifying_points")
SINKS = ("redemption", "donation", "auction")
NEVER = 2**63 - 1

Outcome = str | tuple[Any, ...]


@dataclass
class ModelMember:
    """Is a member."""

    frozen: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    version: int = 1


@dataclass
class ModelLot:
    """Is what an earn made, in the order in which lots were made."""

    member_id: str
    unit: str
    earned: int
    left: int
    starts: int
    ends: int

    def is_usable(self, now: int) -> bool:
        """Says whether it can be drawn."""
        return self.left > 0 and self.starts <= now < self.ends


@dataclass
class Model:
    """Is a whole ledger at an instant."""

    now: int
    members: dict[str, ModelMember] = field(default_factory=dict)
    lots: list[ModelLot] = field(default_factory=list)
    burned: dict[tuple[str, str], int] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], tuple[Command, Outcome]] = field(
        default_factory=dict
    )

    def carry_out(self, command: Command) -> tuple[Outcome, bool]:
        """Carries a command out; returns its outcome, and whether it was known."""
        key = (command.member_id, command.request_id)
        if key in self.outcomes:
            first, outcome = self.outcomes[key]
            same = type(first) is type(command) and first == command
            return (outcome, True) if same else ("REQUEST_ID_REUSED", False)
        outcome = self._decide(command)
        if outcome != "INVALID_ARGUMENT":
            self.outcomes[key] = (command, outcome)
        return outcome, False

    def would(self, command: Command) -> tuple[Outcome, bool]:
        """Returns what `carry_out` would, and changes nothing."""
        return self._copy().carry_out(command)

    def carry_out_all(self, commands: list[Command]) -> list[Outcome]:
        """Carries out all commands or none; the guilty one keeps its refusal."""
        copy = self._copy()
        outcomes: list[Outcome] = []
        for index, command in enumerate(commands):
            outcome, _ = copy.carry_out(command)
            if isinstance(outcome, str):
                aborted: list[Outcome] = ["BATCH_ABORTED"] * len(commands)
                aborted[index] = outcome
                return aborted
            outcomes.append(outcome)
        self.__dict__.update(copy.__dict__)
        return outcomes

    def owned(self, member_id: str, unit: str) -> list[ModelLot]:
        """Returns the lots of a member, the first to be drawn first."""
        own = [o for o in self.lots if (o.member_id, o.unit) == (member_id, unit)]
        return sorted(own, key=lambda lot: lot.ends)

    def available(self, member_id: str, unit: str) -> int:
        """Returns what a member may burn now."""
        own = self.owned(member_id, unit)
        return sum(lot.left for lot in own if lot.is_usable(self.now))

    def pending(self, member_id: str, unit: str) -> int:
        """Returns what will become available by itself."""
        own = self.owned(member_id, unit)
        return sum(lot.left for lot in own if self.now < min(lot.starts, lot.ends))

    def expired(self, member_id: str, unit: str) -> int:
        """Returns what can never be burned any more."""
        own = self.owned(member_id, unit)
        return sum(lot.left for lot in own if lot.ends <= self.now)

    def earned(self, member_id: str, unit: str) -> int:
        """Returns all that was ever earned."""
        return sum(lot.earned for lot in self.owned(member_id, unit))

    def balance(self, member_id: str, unit: str) -> int:
        """Returns what stands on the account: usable, pending or expired."""
        return sum(lot.left for lot in self.owned(member_id, unit))

    def _copy(self) -> Model:
        return Model(
            now=self.now,
            members={
                name: replace(member, attributes=dict(member.attributes))
                for name, member in self.members.items()
            },
            lots=[replace(lot) for lot in self.lots],
            burned=dict(self.burned),
            outcomes=dict(self.outcomes),
        )

    def _decide(self, command: Command) -> Outcome:
        match command:
            case Earn():
                return self._earn(command)
            case Burn():
                return self._burn(command)
            case CreateMember():
                return self._create(command)
            case UpdateMember():
                return self._update(command)
            case FreezeMember():
                return self._freeze(command, frozen=True)
            case UnfreezeMember():
                return self._freeze(command, frozen=False)
        raise TypeError(command)

    def _earn(self, command: Earn) -> Outcome:
        if command.unit not in UNITS:
            return "UNIT_UNKNOWN"
        trouble = self._trouble_with(command)
        if trouble:
            return trouble
        if command.expire_time <= self.now:
            return "INVALID_ARGUMENT"
        made = ModelLot(
            member_id=command.member_id,
            unit=command.unit,
            earned=command.points,
            left=command.points,
            starts=command.activate_time,
            ends=command.expire_time,
        )
        self.lots.append(made)
        return ("EARN", command.points, self.balance(command.member_id, command.unit))

    def _burn(self, command: Burn) -> Outcome:
        if command.unit not in UNITS:
            return "UNIT_UNKNOWN"
        if command.sink not in SINKS:
            return "SINK_UNKNOWN"
        if command.unit not in CURRENCIES:
            return "UNIT_NOT_SPENDABLE"
        trouble = self._trouble_with(command)
        if trouble:
            return trouble
        if self.available(command.member_id, command.unit) < command.points:
            return "INSUFFICIENT_POINTS"
        draws = self._draw(command)
        key = (command.member_id, command.unit)
        self.burned[key] = self.burned.get(key, 0) + command.points
        return ("BURN", draws, self.balance(*key))

    def _draw(self, command: Burn) -> list[tuple[int, int]]:
        draws: list[tuple[int, int]] = []
        for _ in range(command.points):
            lot = next(
                lot
                for lot in self.owned(command.member_id, command.unit)
                if lot.is_usable(self.now)
            )
            lot.left -= 1
            serial = self.lots.index(lot)
            if draws and draws[-1][0] == serial:
                draws[-1] = (serial, draws[-1][1] + 1)
            else:
                draws.append((serial, 1))
        return [(self.lots[serial].ends, points) for serial, points in draws]

    def _trouble_with(self, command: Earn | Burn) -> str | None:
        if command.member_id not in self.members:
            return "MEMBER_NOT_FOUND"
        if self.members[command.member_id].frozen:
            return "MEMBER_FROZEN"
        if command.effective_time > self.now:
            return "INVALID_ARGUMENT"
        return None

    def _create(self, command: CreateMember) -> Outcome:
        if command.member_id in self.members:
            return "MEMBER_EXISTS"
        made = ModelMember(attributes=dict(command.attributes))
        self.members[command.member_id] = made
        return self._shown(made)

    def _update(self, command: UpdateMember) -> Outcome:
        if command.member_id not in self.members:
            return "MEMBER_NOT_FOUND"
        found = self.members[command.member_id]
        if command.etag and command.etag != str(found.version):
            return "ETAG_MISMATCH"
        if command.keys is None:
            found.attributes = dict(command.attributes)
        else:
            for key in command.keys:
                found.attributes.pop(key, None)
                if key in command.attributes:
                    found.attributes[key] = command.attributes[key]
        found.version += 1
        return self._shown(found)

    def _freeze(self, command: Command, *, frozen: bool) -> Outcome:
        if command.member_id not in self.members:
            return "MEMBER_NOT_FOUND"
        found = self.members[command.member_id]
        if found.frozen is frozen:
            return "MEMBER_FROZEN" if frozen else "MEMBER_NOT_FROZEN"
        found.frozen = frozen
        found.version += 1
        return self._shown(found)

    def _shown(self, member: ModelMember) -> Outcome:
        return ("MEMBER", member.frozen, dict(member.attributes), member.version)
