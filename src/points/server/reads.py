"""Snapshots in threads, as fresh as the caller asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TypeVar

from points.domain.bounds import POINTS_MAX
from points.domain.checks import name_problem, optional_name_problem
from points.domain.identity import Place, part_of
from points.domain.refusals import InvalidArgument, MemberNotFound, RevisionUnknown
from points.domain.revision import read_revision, write_revision
from points.domain.values import Head, Member
from points.engine.engine import Engine
from points.server.readers import Readers
from points.store.reads.reader import Snapshot
from points.v1.consistency_pb2 import Consistency


Result = TypeVar("Result")


class View:
    """Is a snapshot together with the instant it is looked at.

    `now` is the server's clock, but never before the part's last record: with
    several servers another one's clock may be a little ahead. `program` is the one
    in force then, `started_with` the one before all that were applied.
    """

    def __init__(self, engine: Engine, snapshot: Snapshot, heads: list[Head]) -> None:
        self.snapshot = snapshot
        self.numbers = {head.part: head.last_number for head in heads}
        self.now = max([engine.clock(), *(head.last_time for head in heads)])
        self.program = engine.program_of(snapshot, heads[0], now=self.now)
        self.started_with = engine.programs.first

    def revision(self) -> str:
        """Returns the revision of what is seen."""
        return revision_of(self.numbers)

    def check_unit(self, unit: str) -> None:
        """Raises UnitUnknown for a unit that is given and not in the program."""
        if unit:
            self.program.unit(unit)

    def existing_member(self, part: int, member_id: str) -> Member:
        """Returns the member; raises MemberNotFound."""
        member = self.snapshot.member(part, member_id)
        if member is None:
            raise MemberNotFound(member_id)
        return member


class Reads:
    """Runs reads in threads, each on a snapshot."""

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._readers = Readers(engine.store.backend, threads)

    @property
    def part_count(self) -> int:
        """Returns how many parts the ledger has."""
        return self._engine.store.part_count

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""
        return part_of(member_id, self._engine.store.part_count)

    def has(self, place: Place) -> bool:
        """Says whether the ledger has such a part, and could have such a number."""
        return place.part < self.part_count and place.number <= POINTS_MAX

    async def of_part(
        self, part: int, consistency: Consistency, read: Callable[[View], Result]
    ) -> Result:
        """Returns what `read` makes of one part; raises RevisionUnknown."""
        return await self._run(consistency, read, part)

    async def of_all(
        self, consistency: Consistency, read: Callable[[View], Result]
    ) -> Result:
        """Returns what `read` makes of the whole ledger; raises RevisionUnknown."""
        return await self._run(consistency, read, None)

    async def _run(
        self, consistency: Consistency, read: Callable[[View], Result], part: int | None
    ) -> Result:
        wanted = wanted_numbers(consistency)

        def look(snapshot: Snapshot) -> Result:
            heads = snapshot.heads() if part is None else [snapshot.head(part)]
            is_enough = wanted.keys() <= {head.part for head in heads}
            _check_fresh(wanted, heads if is_enough else snapshot.heads())
            return read(View(self._engine, snapshot, heads))

        return await self._readers.run(look)


def wanted_numbers(consistency: Consistency) -> dict[int, int]:
    """Returns the numbers that parts must have reached; raises RevisionUnknown."""
    if consistency.WhichOneof("requirement") != "at_least_as_fresh":
        return {}
    return read_revision(consistency.at_least_as_fresh)


def revision_of(numbers: Mapping[int, int]) -> str:
    """Returns the revision of parts whose last numbers these are, 0 of none."""
    return write_revision({part: last for part, last in numbers.items() if last})


def check_names(**names: str) -> None:
    """Raises InvalidArgument for ids that are missing or malformed."""
    problems = {field: name_problem(text) for field, text in names.items()}
    violations = {field: what for field, what in problems.items() if what}
    if violations:
        raise InvalidArgument(violations)


def check_unit_name(unit: str) -> None:
    """Raises InvalidArgument for a unit that is given and malformed."""
    if problem := optional_name_problem(unit):
        raise InvalidArgument({"unit": problem})


def _check_fresh(wanted: dict[int, int], heads: list[Head]) -> None:
    """Raises RevisionUnknown unless the heads have reached the wanted numbers.

    Both databases read everything that is committed, so a revision that is not
    there was never given by this ledger.
    """
    reached = {head.part: head.last_number for head in heads}
    if any(reached.get(part, -1) < number for part, number in wanted.items()):
        raise RevisionUnknown(write_revision(wanted))
