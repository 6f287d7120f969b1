"""What every command has: a member, a request id, what it reads, a fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from hashlib import blake2b
from json.encoder import encode_basestring
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeAlias

from points.domain.bounds import (
    REASON_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
    UNSET,
)
from points.domain.calendar.periods import Period
from points.domain.checks import (
    name_problem,
    pairs_problem,
    points_problem,
    request_id_problem,
    time_problem,
)
from points.domain.claims import ClaimPlace
from points.domain.counters import CounterKey
from points.domain.identity import CORE_CHANNEL, Place
from points.domain.refusals import InvalidArgument
from points.domain.values import Kind


if TYPE_CHECKING:
    from points.domain.program import Program
    from points.domain.state import Found

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_NOT_CONTENT: Final = frozenset({"request_id"})

DERIVED: Final = MappingProxyType({"is_derived": True})
"""Metadata of fields that follow from others, and are no content of their own."""

Problems: TypeAlias = Iterator[tuple[str, str | None]]


class Reads(NamedTuple):
    """Is the state that a decision reads of one member, besides the member itself.

    `accounts` are pairs of account and unit in the member's part; `lots_of` is the
    unit whose lots may be drawn, and whose lapsed holds are settled first. `lots`,
    `hold` and `transaction` are places in the member's part; `bounded` is a unit in
    which the member gets limits. `books_until` is the instant of which the part's
    closing trial balance is read. `names` are accounts of every unit, the next
    four ask for all open holds, all lots with points left, the progress and the
    standings. `counters` are shared by members, each in the part of its name, and
    `claims` are places in the member's part. `lots_of_units` is as `lots_of`, of
    several units, `all_documents` asks for those that any plugin has of the member,
    and `open_claims` for those that wait to be collected.
    """

    accounts: tuple[tuple[str, str], ...] = ()
    lots_of: str | None = None
    lots: tuple[Place, ...] = ()
    hold: Place | None = None
    transaction: Place | None = None
    books_until: int | None = None
    bounded: str | None = None
    names: tuple[str, ...] = ()
    open_holds: bool = False
    undrawn_lots: bool = False
    progress: bool = False
    standings: bool = False
    counters: tuple[CounterKey, ...] = ()
    claims: tuple[ClaimPlace, ...] = ()
    lots_of_units: tuple[str, ...] = ()
    all_documents: bool = False
    open_claims: bool = False


NO_READS: Final = Reads()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Asks for one change of one member."""

    kind: ClassVar[Kind]
    follows: ClassVar[bool] = False
    member_id: str
    request_id: str

    def home(self) -> str:
        """Returns the text whose part it is decided and recorded in."""
        return self.member_id

    def reads(self) -> Reads:
        """Returns the state that the decision reads, besides the member."""
        return NO_READS

    def reads_under(self, program: Program) -> Reads:
        """Returns what of that is read under a program: all of it, unless overridden.

        Nobody else may come to look at what is left out.
        """
        del program
        return self.reads()

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns the other members that the decision touches, with what it reads."""
        return ()

    def follow(self, found: Found, part: int) -> Reads:
        """Returns what else is read, now that the hold or transaction is known.

        Asked only if `follows`.
        """
        del found, part
        return NO_READS

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", request_id_problem(self.request_id)

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
        return self.fingerprint_without(())

    def fingerprint_without(self, blank: Collection[str]) -> str:
        """Returns the fingerprint of the same command with these mappings empty."""
        described, values_of = _content_of(type(self))  # type: ignore[arg-type]  # hashable
        kind, *values = values_of(self)
        # Put together here, for an encoder takes longer than all the rest.
        content = ", ".join(
            [
                f'["{name}", {_json(NOTHING if name in blank else value)}]'
                for (name, default), value in zip(described, values, strict=True)
                if (NOTHING if name in blank else value) != default
            ]
        )
        text = f"[{_json(kind.value)}, [{content}]]"
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def fingerprints_then(self) -> Sequence[str]:
        """Returns other fingerprints that the same content may be recorded by."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCommand(Command):
    """Asks to move points of a member."""

    unit: str
    points: int
    reason: str
    effective_time: int = UNSET
    metadata: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    channel: str = CORE_CHANNEL

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", request_id_problem(self.request_id)
        yield "unit", name_problem(self.unit, UNIT_CHARACTERS_MAX)
        yield "points", points_problem(self.points)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "effective_time", time_problem(self.effective_time)
        yield "metadata", pairs_problem(self.metadata)


@cache
def _content_of(
    kind: type[Any],
) -> tuple[tuple[tuple[str, object], ...], Callable[[Any], Any]]:
    """Returns the fields that make up the content, each with its default.

    And what takes the kind and the values of these fields of a command.
    """
    content = tuple(
        (described.name, _default(described))
        for described in fields(kind)
        if described.name not in _NOT_CONTENT and described.metadata != DERIVED
    )
    return content, attrgetter("kind", *(name for name, _ in content))


def _json(value: object) -> str:
    """Returns a field as JSON, which is what `_encode` would write."""
    # Asked by type first: asking an abstract class costs more than all the rest.
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int:
        return str(value)
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _json_pairs(value)
    return _encode(_plain(value))


def _json_pairs(pairs: Mapping[Any, Any]) -> str:
    """Returns what is in a mapping in its order, again as `_encode` would write it."""
    written = [f"[{_text(k)}, {_text(v)}]" for k, v in sorted(pairs.items())]
    return f"[{', '.join(written)}]"


def _text(value: object) -> str:
    return encode_basestring(value) if type(value) is str else _encode(value)


def _default(described: Field[Any]) -> object:
    if described.default_factory is not MISSING:
        return described.default_factory()
    return described.default


def _plain(value: object) -> object:
    # Asked by type first: asking an abstract class costs more than all the rest.
    if type(value) in (str, int):
        return value
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Period) else value
