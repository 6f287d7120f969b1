"""Chance with a seed: the same test draws the same, and can say what it drew."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class SeededRandom:
    """Is what plugins draw from as `ctx.random`; `drawn` are all draws so far.

    `script` comes first: put numbers there to have them drawn next.
    """

    seed: int = 0
    drawn: list[int | bytes] = field(default_factory=list)
    script: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._source = Random(self.seed)  # noqa: S311 - foreseen on purpose

    def token(self, length: int) -> bytes:
        """Returns as many random bytes."""
        token = self._source.randbytes(length)
        self.drawn.append(token)
        return token

    def below(self, bound: int) -> int:
        """Returns an integer from 0 to below the bound: the next of the script, if any.

        Raises ValueError for a number of the script that is not below the bound.
        """
        number = self.script.pop(0) if self.script else self._source.randrange(bound)
        if not 0 <= number < bound:
            raise ValueError(f"the script has {number}, which is not below {bound}")
        self.drawn.append(number)
        return number
