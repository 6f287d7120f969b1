"""Documents of the program beside the records: what they must be, from the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from points.domain.program_replay import ProgramReplay
from points.domain.values import Kind
from points.domain.versions import PROGRAM_PART, AppliedProgram, ProgramVersion
from points.store.texts.rows import Row, record_of


_encode: Final = msgspec.json.Encoder().encode


def digest_of_text(document: str) -> str:
    """Returns the SHA-256 of a document's canonical text, as the records have it."""
    return sha256(document.encode(errors="surrogateescape")).hexdigest()


def expected_programs(
    part: int, told: ProgramReplay, documents: Mapping[int, str]
) -> dict[int, AppliedProgram]:
    """Returns what is stored of a part's versions, with these documents."""
    if part != PROGRAM_PART:
        return {}
    return {
        number: AppliedProgram(
            part=PROGRAM_PART,
            version=number,
            digest=version.digest,
            effective_time=version.effective_time,
            apply_time=told.apply_times[number],
            operator=version.operator,
            reason=version.reason,
            units=version.units,
            document=documents.get(number, ""),
        )
        for number, version in told.versions.items()
    }


def wrong_documents(told: ProgramReplay, documents: Mapping[int, str]) -> Iterator[str]:
    """Yields the versions whose document is missing or another one."""
    for number, version in told.versions.items():
        if number not in documents:
            yield f"program version {number} has no document"
        elif digest_of_text(documents[number]) != version.digest:
            yield f"program version {number} has another document than was applied"


class DocumentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Is a document as a line of an export; it is JSON already."""

    program_version: int
    document: msgspec.Raw


def line_of_document(program: AppliedProgram) -> bytes:
    """Returns the line of a document."""
    raw = msgspec.Raw(program.document.encode())
    return _encode(DocumentLine(program.version, raw)) + b"\n"


class DocumentLines:
    """Is the documents of an export by version, and those no record has named."""

    def __init__(self) -> None:
        self.documents: dict[int, str] = {}
        self._named: set[int] = set()

    def add(self, line: bytes) -> bool:
        """Adds a line and says whether it is the one of the next document."""
        try:
            read = msgspec.json.decode(line, type=DocumentLine)
            document = bytes(read.document).decode()
        except ValueError:
            return False
        number = read.program_version
        if number != len(self.documents) + 1 or _encode(read) + b"\n" != line:
            return False
        self.documents[number] = document
        return True

    def agree(self, row: Row) -> bool:
        """Says whether a record of the part of programs names a document as it is."""
        if row[0] != PROGRAM_PART or row[4] != Kind.APPLY_PROGRAM:
            return True
        result = record_of(row).result
        if not isinstance(result, ProgramVersion):
            return True
        self._named.add(result.version)
        document = self.documents.get(result.version)
        return document is not None and digest_of_text(document) == result.digest

    def unnamed(self) -> list[int]:
        """Returns the versions that no record names."""
        return sorted(self.documents.keys() - self._named)
