"""What is wrong with a document: where it is, and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias


Path: TypeAlias = tuple[str | int, ...]
"""Is the keys and numbers that lead to a place in a document."""

_PLAIN: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SHOWN_MAX: Final = 64

PROBLEMS_MAX: Final = 100
"""Most problems that are told at once: nobody mends more before trying again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Is one thing that is wrong, or unwise, at one place of a document.

    `path` is written as in `rules.purchase.awards[0].unit` and empty for the
    document as a whole. `line` and `column` count from 1, and are 0 where the
    format does not tell them.
    """

    path: str
    reason: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else ""
        return f"{place}{self.path or 'document'} {self.reason}"

    def as_table(self) -> dict[str, str | int]:
        """Returns the fields, for JSON."""
        return asdict(self)


class DocumentWrong(Exception):  # noqa: N818 - says what is wrong
    """A document cannot be a program; `problems` say why, in its order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:PROBLEMS_MAX])
        super().__init__("\n".join(map(str, self.problems)))


def path_text(path: Path) -> str:
    """Returns the path as it is written: keys with dots, numbers in brackets.

    Keys that are no names are quoted, and cut if they are long.
    """
    return "".join(map(_step_text, path)).removeprefix(".")


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    is_plain = _PLAIN.fullmatch(step)
    return f".{step}" if is_plain else f".{json.dumps(step[:_SHOWN_MAX])}"
