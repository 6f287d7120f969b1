"""Members: created, changed, pooled, frozen and unfrozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from points.domain.bounds import REASON_CHARACTERS_MAX, UNIT_CHARACTERS_MAX
from points.domain.checks import (
    keys_problem,
    name_problem,
    optional_name_problem,
    pairs_problem,
)
from points.domain.commands.base import NO_READS, NOTHING, Command, Problems, Reads
from points.domain.values import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMember(Command):
    """Asks for a new member."""

    kind: ClassVar[Kind] = Kind.CREATE_MEMBER
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "attributes", pairs_problem(self.attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMember(Command):
    """Asks to replace all attributes, or to set and remove single ones.

    `keys` names the attributes to set or remove; None replaces all of them.
    """

    kind: ClassVar[Kind] = Kind.UPDATE_MEMBER
    attributes: Mapping[str, str]
    keys: tuple[str, ...] | None = None
    etag: str = ""

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "attributes", pairs_problem(self.attributes)
        yield "keys", keys_problem(self.keys or ())
        yield "etag", optional_name_problem(self.etag)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPool(Command):
    """Asks to let a member earn into the account of another one.

    By the terms of the program's `pool`; without one the member earns for itself.
    """

    kind: ClassVar[Kind] = Kind.SET_POOL
    pool: str
    pools_into: str

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns the member who gets the share, of whom nothing else is read."""
        return ((self.pools_into, NO_READS),) if self.pools_into else ()

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "pool", optional_name_problem(self.pool, UNIT_CHARACTERS_MAX)
        problem = name_problem(self.pools_into) if self.pool else None
        if self.pools_into and not self.pool:
            problem = "must be left out if no pool is given"
        yield "pools_into", problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeState(Command):
    """Asks to freeze or unfreeze a member."""

    reason: str = ""

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "reason", optional_name_problem(self.reason, REASON_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeMember(ChangeState):
    """Asks to stop a member from earning and burning."""

    kind: ClassVar[Kind] = Kind.FREEZE_MEMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeMember(ChangeState):
    """Asks to let a frozen member earn and burn again."""

    kind: ClassVar[Kind] = Kind.UNFREEZE_MEMBER
