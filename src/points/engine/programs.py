"""The versions of the program that a process knows, compiled once each.

Every head says how many versions there are, so a batch learns from its locks, and a
read from its snapshot, whether there is one that was applied by somebody else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

import structlog

from points.domain.program import Program
from points.domain.versions import (
    STARTED_WITH,
    AppliedProgram,
    ProgramVersion,
    version_at,
)


Compile: TypeAlias = Callable[[str], Program]
"""Makes a program of a canonical text; may raise anything."""

Read: TypeAlias = Callable[[range], Iterable[AppliedProgram]]
"""Reads the versions with these numbers."""

_log = structlog.get_logger("points.engine")


class Programs:
    """Is every version that is known, from the one a server was started with on.

    Safe for any thread. A version that cannot be compiled here, such as one of a
    newer release, never takes the place of one that could: it is logged, and the
    version before it stays in force.
    """

    def __init__(self, first: Program, compile_document: Compile) -> None:
        """Begins with version 0."""
        self.first = first
        self._compile = compile_document
        self._lock = threading.Lock()
        self._last = STARTED_WITH
        self._versions: tuple[ProgramVersion, ...] = ()
        self._usable: tuple[ProgramVersion, ...] = ()
        self._compiled: dict[int, Program] = {}

    @property
    def versions(self) -> Sequence[ProgramVersion]:
        """Returns what is known of the versions that were applied, the first first."""
        return self._versions

    @property
    def last(self) -> int:
        """Returns the number of the last version that this process has read."""
        return self._last

    def learn(self, last: int, read: Read) -> None:
        """Reads and compiles the versions up to `last` that are not known yet."""
        if last <= self._last:
            return
        with self._lock:
            for applied in read(range(self._last + 1, last + 1)):
                self._add(applied)
            # Last, for other threads look at it without the lock.
            self._last = max(self._last, last)

    def add(self, applied: Sequence[AppliedProgram]) -> None:
        """Compiles versions that this process has just committed."""
        if applied:
            last = max(each.version for each in applied)
            self.learn(last, lambda new: [a for a in applied if a.version in new])

    def at(self, now: int) -> Program:
        """Returns the program in force at an instant, as far as it is known."""
        found = version_at(self._usable, now)
        return self.first if found is None else self._compiled[found.version]

    def of_version(self, version: int) -> Program | None:
        """Returns a version of the program, None for one that is not usable here."""
        if version == STARTED_WITH:
            return self.first
        return self._compiled.get(version)

    def _add(self, applied: AppliedProgram) -> None:
        version = applied.version
        told = applied.told()
        try:
            program = replace(self._compile(applied.document), version=version)
        except Exception as error:  # noqa: BLE001 - the last good one goes on
            _log.error("program_unusable", version=version, exc_info=error)
        else:
            self._compiled[version] = program
            self._usable += (told,)
        self._versions += (told,)


def cannot_compile(_document: str) -> Program:
    """Refuses every document: for engines that are run without a language."""
    message = "this process was started without a way to read documents"
    raise NotImplementedError(message)
