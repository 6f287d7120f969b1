"""Works the versions of the program out from the records of a part alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from points.domain.identity import ADJUSTMENT, ISSUANCE, TRANSIT
from points.domain.values import Record
from points.domain.versions import PROGRAM_PART, STARTED_WITH, ProgramVersion


_SOURCES: Final = frozenset({ISSUANCE, ADJUSTMENT, TRANSIT})
"""Accounts that the first points of any unit come from."""


class ProgramReplay:
    """Is the versions that the records of one part tell, the last as `last`."""

    def __init__(self) -> None:
        self.last = STARTED_WITH
        self.versions: dict[int, ProgramVersion] = {}
        self.apply_times: dict[int, int] = {}

    def check(self, record: Record) -> Iterator[str]:
        """Yields what is wrong if there was no such version to decide under.

        Not the last one need be meant: a server may be too old to understand it.
        """
        under = self.versions.get(record.program_version)
        if record.program_version == STARTED_WITH:
            return
        if under is None or under.effective_time > record.record_time:
            yield (
                f"record {record.number} was decided under program version"
                f" {record.program_version}, which was not in force"
            )

    def apply(
        self,
        record: Record,
        version: ProgramVersion,
        accounts: Iterable[tuple[str, str]],
    ) -> Iterator[str]:
        """Adds a version and yields what is wrong with it.

        `accounts` are names and units of all that was posted to.
        """
        where = f"record {record.number}"
        if version.unchanged:
            if self.versions.get(version.version) != version._replace(unchanged=False):
                yield f"{where} names program version {version.version} otherwise"
            return
        if version.version != self.last + 1:
            yield f"{where} applies program version {version.version} after {self.last}"
        if version.effective_time < record.record_time:
            yield f"{where} applies a program to what had passed"
        used = {unit for name, unit in accounts if name in _SOURCES}
        for unit in sorted(used - dict(version.units).keys()):
            yield f"{where} takes away unit {unit!r}, which is in use"
        self.last = version.version
        self.versions[version.version] = version
        self.apply_times[version.version] = record.record_time


class ProgramsAgree:
    """Compares the versions that every part tells: they are those of part 0."""

    def __init__(self) -> None:
        self._first: ProgramReplay | None = None

    def add(self, part: int, found: ProgramReplay) -> Iterator[str]:
        """Adds a part, the first one first, and yields how it differs."""
        if part == PROGRAM_PART or self._first is None:
            self._first = found
        elif found.versions != self._first.versions:
            yield f"the versions of the program are not those of part {PROGRAM_PART}"
