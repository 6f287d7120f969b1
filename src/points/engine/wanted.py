"""What the commands of a batch want to have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Final, NamedTuple

from points.domain.claims import ClaimPlace
from points.domain.commands import Reads
from points.domain.counters import CounterKey
from points.domain.documents import DocumentRange
from points.domain.identity import Place
from points.domain.program import Program
from points.engine.jobs import Routed
from points.store.texts.rows import Row


_FIRST_RARE: Final = Reads._fields.index("books_until")
_NOTHING_RARE: Final = Reads()[_FIRST_RARE:]


class Mark(NamedTuple):
    """Is how much was wanted at a time, of what other things lead to as well."""

    accounts: int = 0
    names: int = 0
    progress: int = 0
    standings: int = 0
    lots: int = 0
    undrawn_lots_of: int = 0
    lots_of: int = 0


NOTHING: Final = Mark()


class More(NamedTuple):
    """Is what was wanted since a time."""

    accounts: Sequence[Row]
    names: Sequence[Row]
    progress: Sequence[Row]
    standings: Sequence[Row]
    lots: Sequence[Place]
    undrawn_lots_of: Sequence[Row]
    lots_of: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Is what to read.

    Dictionaries as sets that keep their order: reads come out the same each time.
    """

    program: Program
    sliding_units: frozenset[str]
    counted_units: frozenset[str]
    keys: dict[Row, None] = field(default_factory=dict)
    members: dict[Row, None] = field(default_factory=dict)
    accounts: dict[Row, None] = field(default_factory=dict)
    lots_of: dict[Row, None] = field(default_factory=dict)
    lots: dict[Place, None] = field(default_factory=dict)
    holds: dict[Place, None] = field(default_factory=dict)
    transactions: dict[Place, None] = field(default_factory=dict)
    books: dict[tuple[int, int], None] = field(default_factory=dict)
    bounded: dict[Row, None] = field(default_factory=dict)
    names: dict[Row, None] = field(default_factory=dict)
    open_holds_of: dict[Row, None] = field(default_factory=dict)
    undrawn_lots_of: dict[Row, None] = field(default_factory=dict)
    progress: dict[Row, None] = field(default_factory=dict)
    counter_keys: dict[CounterKey, None] = field(default_factory=dict)
    counters_of: dict[Row, set[str]] = field(default_factory=dict)
    standings: dict[Row, None] = field(default_factory=dict)
    claims: dict[ClaimPlace, None] = field(default_factory=dict)
    open_claims_of: dict[Row, None] = field(default_factory=dict)
    documents: dict[DocumentRange, None] = field(default_factory=dict)
    documents_of: dict[Row, None] = field(default_factory=dict)

    @classmethod
    def under(cls, program: Program) -> Wanted:
        """Returns what to read under a program, nothing as yet."""
        return cls(program, program.sliding_units, program.counted_units)

    def add_command(self, routed: Routed) -> None:
        """Adds what a command declares."""
        self.keys[routed.key()] = None
        command = routed.command
        self.add_own(routed, command.reads_under(self.program))
        for part, member_id, reads in routed.others:
            self.add(part, member_id, reads)
        for wanted in routed.documents:
            self.documents[wanted] = None

    def mark(self) -> Mark:
        """Returns how much is wanted by now."""
        return Mark(*(len(getattr(self, name)) for name in Mark._fields))

    def since(self, mark: Mark) -> More:
        """Returns what is wanted since then."""
        return More(
            *(
                list(islice(getattr(self, name), count, None))
                for name, count in zip(Mark._fields, mark, strict=True)
            )
        )

    def take_in(self, more: Wanted) -> None:
        """Adds what was asked for since."""
        for each in fields(self):
            found = getattr(more, each.name)
            if isinstance(found, dict):
                getattr(self, each.name).update(found)

    def add_own(self, routed: Routed, reads: Reads) -> None:
        """Adds what a command reads of its own member, and of shared counters."""
        self.add(routed.part, routed.command.member_id, reads)
        if reads.all_documents:
            self.documents_of[routed.part, routed.command.member_id] = None
        if reads.counters:
            self.counter_keys.update(dict.fromkeys(reads.counters))
            names = {name for name, _ in reads.counters}
            self.counters_of.setdefault(routed.key(), set()).update(names)

    def add(self, part: int, member_id: str, reads: Reads) -> None:
        """Adds what is read of one member."""
        self.members[part, member_id] = None
        for account, unit in reads.accounts:
            self.accounts[part, account, unit] = None
            if unit in self.sliding_units:
                self.lots_of[part, member_id, unit] = None
            if unit in self.counted_units:
                self.progress[part, member_id] = None
                self.standings[part, member_id] = None
        if reads.lots_of is not None:
            self.lots_of[part, member_id, reads.lots_of] = None
        for lot in reads.lots:
            self.lots[lot] = None
        if reads.hold is not None:
            self.holds[reads.hold] = None
        if reads.transaction is not None:
            self.transactions[reads.transaction] = None
        # Most commands want none of the rest.
        if reads[_FIRST_RARE:] != _NOTHING_RARE:
            self._add_rare(part, member_id, reads)

    def _add_rare(self, part: int, member_id: str, reads: Reads) -> None:
        if reads.books_until is not None:
            self.books[part, reads.books_until] = None
        if reads.bounded is not None:
            self.bounded[part, member_id, reads.bounded] = None
        for name in reads.names:
            self.names[part, name] = None
        if reads.open_holds:
            self.open_holds_of[part, member_id] = None
        if reads.undrawn_lots:
            self.undrawn_lots_of[part, member_id] = None
        if reads.progress:
            self.progress[part, member_id] = None
        if reads.standings:
            self.standings[part, member_id] = None
        self.claims.update(dict.fromkeys(reads.claims))
        if reads.open_claims:
            self.open_claims_of[part, member_id] = None
        for unit in reads.lots_of_units:
            self.lots_of[part, member_id, unit] = None
