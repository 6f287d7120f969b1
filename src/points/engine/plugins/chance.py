"""Chance for plugins, out of what the operating system has gathered."""

from __future__ import annotations

from secrets import randbelow, token_bytes


class SystemRandom:
    """Is `points.plugin.Random` that nobody can foresee."""

    def token(self, length: int) -> bytes:
        """Returns as many random bytes."""
        return token_bytes(length)

    def below(self, bound: int) -> int:
        """Returns an integer from 0 to below the bound, each as likely."""
        return randbelow(bound)
