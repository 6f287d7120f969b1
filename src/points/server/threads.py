"""How many threads read for everybody, and how many of them plugins may take."""

from __future__ import annotations

from typing import Final


READ_THREADS: Final = 8
"""Reads at a time: as many as the store keeps connections for."""

QUERIES_MAX: Final = READ_THREADS // 4
"""Most queries of one plugin at a time.

All threads share one interpreter, so more would not answer more; and three plugins may
hang before a fourth finds no thread.
"""

QUERIES_OF_ALL_MAX: Final = READ_THREADS * 3 // 4
"""Most queries of all plugins together: the core reads in the rest, come what may."""
