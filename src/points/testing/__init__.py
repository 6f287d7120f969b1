"""The kit of plugin authors: a pytest plugin, `-p points.testing.fixtures`.

The fixture `bench` is a real engine on a real database, with the installed plugins,
a clock that stands still, and chance with a seed. After every test its books are
checked. `served` is the same behind gRPC. points/plugin/GUIDE.md shows how to use it.

Everything is imported when it is first asked for: that pytest knows of this package
costs runs without plugins nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final


if TYPE_CHECKING:
    from points.testing.bench import Bench, Crashed
    from points.testing.chance import SeededRandom
    from points.testing.clock import Clock
    from points.testing.conformance import Example, assert_conforms
    from points.testing.proofs import CrashPoint, assert_idempotent, crash_at, race
    from points.testing.served import Served


__all__ = [
    "Bench",
    "Clock",
    "CrashPoint",
    "Crashed",
    "Example",
    "SeededRandom",
    "Served",
    "assert_conforms",
    "assert_idempotent",
    "crash_at",
    "race",
]

_PLACES: Final = {
    "Bench": "bench",
    "Clock": "clock",
    "CrashPoint": "proofs",
    "Crashed": "bench",
    "Example": "conformance",
    "SeededRandom": "chance",
    "Served": "served",
    "assert_conforms": "conformance",
    "assert_idempotent": "proofs",
    "crash_at": "proofs",
    "race": "proofs",
}


def __getattr__(name: str) -> Any:
    """Imports what is asked for."""
    if name not in _PLACES:
        raise AttributeError(f"points.testing has no {name!r}")
    return getattr(import_module(f"points.testing.{_PLACES[name]}"), name)
