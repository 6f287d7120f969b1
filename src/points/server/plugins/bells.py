"""A watcher that wants to know that something has changed, not what."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from points.server.watchers import Told, Watcher


class Bell(Watcher):
    """Rings with every commit, and keeps nothing: it never falls behind."""

    def takes(self, told: Told) -> bool:
        """Says that any change counts."""
        del told
        return True

    def add(self, more: Iterable[Told]) -> None:
        """Rings."""
        if any(True for _ in more):
            self._woken.set()

    def clear(self) -> None:
        """Stops ringing: what comes from here on rings again."""
        self._woken.clear()

    async def wait(self, seconds: float) -> None:
        """Waits until it rings, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
