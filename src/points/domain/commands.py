"""What callers may ask for. A command that exists is well formed.

Each command says which state its decision reads, so that a whole batch is read
at once, and has a fingerprint by which a repeated request is told from a reused
request id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

from points.domain.bounds import (
    NEVER,
    REASON_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
    UNSET,
)
from points.domain.checks import (
    keys_problem,
    name_problem,
    optional_name_problem,
    pairs_problem,
    points_problem,
    time_problem,
)
from points.domain.identity import CORE_CHANNEL, ISSUANCE, burn_account, member_account
from points.domain.refusals import InvalidArgument
from points.domain.values import Kind


DEFAULT_SINK: Final = "redemption"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_NOT_CONTENT: Final = frozenset({"request_id"})

Problems: TypeAlias = Iterator[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Is the state that a decision reads, besides the member itself.

    `accounts` are pairs of account and unit in the member's part; `lots_of` is
    the unit whose lots may be drawn.
    """

    accounts: tuple[tuple[str, str], ...] = ()
    lots_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Asks for one change of one member."""

    kind: ClassVar[Kind]
    member_id: str
    request_id: str

    def reads(self) -> Reads:
        """Returns the state that the decision reads, besides the member."""
        return Reads()

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", name_problem(self.request_id)

    def check(self) -> None:
        """Raises InvalidArgument that names every malformed field."""
        violations = {name: what for name, what in self.problems() if what}
        if violations:
            raise InvalidArgument(violations)

    def fingerprint(self) -> str:
        """Returns 32 hexadecimal digits: the same for the same content, for ever.

        Fields that hold their default are left out, so a field that is added
        later does not change the fingerprint of a request that came before it.
        """
        fields_of = _content_fields(type(self))  # type: ignore[arg-type]  # hashable
        content = [
            (name, _plain(value))
            for name, default in fields_of
            if (value := getattr(self, name)) != default
        ]
        text = _encode([self.kind, content])
        return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCommand(Command):
    """Asks to move points of a member."""

    unit: str
    points: int
    reason: str
    effective_time: int = UNSET
    metadata: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    channel: str = CORE_CHANNEL

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", name_problem(self.request_id)
        yield "unit", name_problem(self.unit, UNIT_CHARACTERS_MAX)
        yield "points", points_problem(self.points)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "effective_time", time_problem(self.effective_time)
        yield "metadata", pairs_problem(self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earn(LedgerCommand):
    """Asks to add points to a member as a lot.

    Usable from `activate_time` (at once if unset) and before `expire_time`.
    """

    kind: ClassVar[Kind] = Kind.EARN
    expire_time: int = NEVER
    activate_time: int = UNSET

    def reads(self) -> Reads:
        """Returns the two accounts between which points move."""
        member = member_account(self.member_id)
        return Reads(accounts=((member, self.unit), (ISSUANCE, self.unit)))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "expire_time", time_problem(self.expire_time)
        yield "activate_time", time_problem(self.activate_time)
        if self.expire_time <= self.activate_time:
            yield "expire_time", "must be after activate_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn(LedgerCommand):
    """Asks to take points from a member for good, into a named sink."""

    kind: ClassVar[Kind] = Kind.BURN
    sink: str = DEFAULT_SINK

    def reads(self) -> Reads:
        """Returns the two accounts between which points move, and the lots."""
        member = member_account(self.member_id)
        accounts = ((member, self.unit), (burn_account(self.sink), self.unit))
        return Reads(accounts=accounts, lots_of=self.unit)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "sink", name_problem(self.sink, UNIT_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMember(Command):
    """Asks for a new member."""

    kind: ClassVar[Kind] = Kind.CREATE_MEMBER
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

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


@cache
def _content_fields(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    """Returns the fields that make up the content, each with its default."""
    return tuple(
        (described.name, _default(described))
        for described in fields(kind)
        if described.name not in _NOT_CONTENT
    )


def _default(described: Field[Any]) -> object:
    if described.default_factory is not MISSING:
        return described.default_factory()
    return described.default


def _plain(value: object) -> object:
    # Asked by type first: asking an abstract class costs more than all the rest.
    if type(value) in (str, int) or not isinstance(value, Mapping):
        return value
    return sorted(value.items())
