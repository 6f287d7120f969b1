"""What the ledger asks of the rules of a program, without knowing their language."""

from __future__ import annotations

from typing import Protocol


class Rules(Protocol):
    """Is the compiled rules of one version of the program.

    They are frozen, and may be asked from several threads at once.
    """

    @property
    def digest(self) -> str:
        """Returns the SHA-256 of the document that the rules were made from."""
