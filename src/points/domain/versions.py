"""Versions of the program: which were applied, and which of them is in force when.

A version is in force from its `effective_time` on, until the next one begins; of
those that begin at the same instant the last one applied counts. Before all of them
there is version 0, which a server is started with and nobody has recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias


STARTED_WITH: Final = 0
"""Number of the program that a server was started with."""

PROGRAM_PART: Final = 0
"""Part in which the documents are kept: they are the same for all."""

UnitKinds: TypeAlias = tuple[tuple[str, bool], ...]
"""Codes of units in their order, each with whether its points can be spent."""


class ProgramVersion(NamedTuple):
    """Is a program as it was applied, the same in every part, without its document.

    `digest` is the SHA-256 of the document's canonical text. If it was `unchanged`,
    `version` is the one that had the same content, and nothing was applied.
    """

    version: int
    digest: str
    effective_time: int
    operator: str
    reason: str
    units: UnitKinds
    unchanged: bool = False


class AppliedProgram(NamedTuple):
    """Is a version with its document, a canonical text: what is kept beside records.

    `part` is always `PROGRAM_PART`.
    """

    part: int
    version: int
    digest: str
    effective_time: int
    apply_time: int
    operator: str
    reason: str
    units: UnitKinds
    document: str

    def told(self) -> ProgramVersion:
        """Returns what the records say of it."""
        return ProgramVersion(
            self.version,
            self.digest,
            self.effective_time,
            self.operator,
            self.reason,
            self.units,
        )


def schedule_of(versions: Iterable[ProgramVersion]) -> list[ProgramVersion]:
    """Returns the versions that ever come into force, the first to do so first."""
    by_start = {each.effective_time: each for each in sorted(versions, key=_number)}
    return [by_start[start] for start in sorted(by_start)]


def version_at(versions: Sequence[ProgramVersion], now: int) -> ProgramVersion | None:
    """Returns the version in force at an instant, None for the one before all."""
    begun = [each for each in versions if each.effective_time <= now]
    return max(begun, key=_place, default=None)


def units_lost(before: UnitKinds, after: UnitKinds) -> list[str]:
    """Returns the units that are gone afterwards, or spent otherwise than before."""
    left = dict(after)
    return [code for code, spendable in before if left.get(code) is not spendable]


def _number(version: ProgramVersion) -> int:
    return version.version


def _place(version: ProgramVersion) -> tuple[int, int]:
    return version.effective_time, version.version
