"""How a plugin says no: reasons it declares, and the refusal that it raises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Answer(StrEnum):
    """Tells what kind of no a reason is: the status that the caller sees."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    PERMISSION_DENIED = "PERMISSION_DENIED"


PASSING: Final = frozenset({Answer.INVALID_ARGUMENT, Answer.PERMISSION_DENIED})
"""Answers that are not stored: the same request id may be used for a better call."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Is one reason to say no, declared by the hook `reasons`.

    `name` is upper case, such as CAMPAIGN_UNKNOWN, and is sent as the reason of the
    error under the domain `<plugin>.points`. `sentence` names the metadata in
    braces: `there is no campaign {campaign}`.
    """

    name: str
    answer: Answer
    sentence: str


class Refused(Exception):  # noqa: N818 - the domain's word; it is an outcome too
    """Is raised by a handler to answer no; all that the command did is undone.

    `metadata` fills the sentence of the reason, and is sent beside it.
    """

    def __init__(self, reason: Reason, **metadata: object) -> None:
        super().__init__(reason, metadata)
        self.reason = reason
        self.metadata = {name: str(value) for name, value in metadata.items()}

    def __str__(self) -> str:
        return self.reason.sentence.format_map(self.metadata)
