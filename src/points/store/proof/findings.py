"""What a comparison of the whole ledger has found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Final, NamedTuple


FINDINGS_MAX: Final = 1_000
"""Findings kept; those behind are only counted."""


class Finding(NamedTuple):
    """Is one difference; `number` is that of the record, 0 for none."""

    part: int
    number: int
    message: str

    def __str__(self) -> str:
        return f"part {self.part}: {self.message}"


class ChainHead(NamedTuple):
    """Is the last link of a part's chain; `number` is 0 and `digest` empty for none."""

    part: int
    number: int
    digest: str


@dataclass(slots=True)
class Counts:
    """Is how much was compared."""

    records: int = 0
    transactions: int = 0
    members: int = 0
    accounts: int = 0
    lots: int = 0
    holds: int = 0


@dataclass(slots=True)
class Audit:
    """Is what a comparison of the whole ledger has found so far.

    `total_record_count` is what the heads say there is to read. Of the findings the
    first are kept and all are counted; `heads` has every part that was read.
    """

    counts: Counts = field(default_factory=Counts)
    total_record_count: int = 0
    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    heads: list[ChainHead] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        """Returns the findings as sentences."""
        return [str(finding) for finding in self.findings]

    def add(self, part: int, number: int, messages: Iterable[str]) -> None:
        """Adds what was found at a record, or with 0 at none."""
        for message in messages:
            self.finding_count += 1
            if len(self.findings) < FINDINGS_MAX:
                # Damaged texts need not be UTF-8, and everybody must be told.
                told = message.encode(errors="backslashreplace").decode()
                self.findings.append(Finding(part, number, told))

    def as_json(self) -> str:
        """Returns the findings for programs."""
        told = {
            "counts": asdict(self.counts),
            "differences": self.differences,
            "difference_count": self.finding_count,
            "heads": [head._asdict() for head in self.heads],
        }
        return json.dumps(told)
