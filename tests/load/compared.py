"""What a benchmark has found: ratios of two things measured in turn, and figures."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple


class Speed(NamedTuple):
    """Is how fast something went once.

    `rate` is calls a second, or transactions of batches. `cpu` is the processor's
    microseconds of the server for each of them, 0 where nobody knows.
    """

    rate: float
    cpu: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0


_LATENCIES: Final = ("p50_ms", "p99_ms")

Measure = Callable[[], Speed]
"""Measures once, with requests that were never sent before."""


@dataclass(frozen=True)
class Compared:
    """Is something and what it is compared with, measured in turn; medians count."""

    name: str
    against: str
    database: str
    target: float | None = None
    of_this: list[Speed] = field(default_factory=list)
    of_that: list[Speed] = field(default_factory=list)

    def measure(
        self, rounds: int, this: Measure, that: Measure, *, until: float = math.inf
    ) -> None:
        """Measures both in each round; neither is always the first.

        Once, and then as often as it will be over before `until`, by the monotonic
        clock, if each pair takes as long as the last one.
        """
        took = 0.0
        for number in range(rounds):
            began = time.monotonic()
            if number and began + took > until:
                return
            pair = [(that, self.of_that), (this, self.of_this)]
            for measured, found in reversed(pair) if number % 2 else pair:
                found.append(measured())
            took = time.monotonic() - began

    @property
    def ratio(self) -> float:
        """Returns how fast this is by the clock, as a share of that."""
        pairs = zip(self.of_this, self.of_that, strict=True)
        return statistics.median(this.rate / that.rate for this, that in pairs)

    @property
    def cpu_ratio(self) -> float | None:
        """Returns the same by the processor's time; None where that is not known."""
        pairs = list(zip(self.of_this, self.of_that, strict=True))
        if not all(this.cpu and that.cpu for this, that in pairs):
            return None
        return statistics.median(that.cpu / this.cpu for this, that in pairs)

    def median(self, what: str) -> float:
        """Returns the median of a field of `Speed`, of this."""
        found: list[float] = [getattr(each, what) for each in self.of_this]
        return statistics.median(found)

    def told(self) -> dict[str, Any]:
        """Returns it for programs."""
        return {
            "name": self.name,
            "against": self.against,
            "database": self.database,
            "target": self.target,
            "ratio": self.ratio,
            "cpu_ratio": self.cpu_ratio,
            "this": [each._asdict() for each in self.of_this],
            "that": [each._asdict() for each in self.of_that],
        }

    def cells(self) -> list[str]:
        """Returns it as a line of a table."""
        cpu_ratio, cpu = self.cpu_ratio, self.median("cpu")
        return [
            self.name,
            self.against,
            f"{self.median('rate'):,.0f}",
            f"{self.ratio:.2f}",
            f"{cpu:,.0f}" if cpu else "",
            "" if cpu_ratio is None else f"{cpu_ratio:.2f}",
            *(f"{self.median(p):.1f}" if self.median(p) else "" for p in _LATENCIES),
            "" if self.target is None else f"{self.target:.2f}",
        ]


@dataclass(frozen=True)
class Figure:
    """Is something that is compared with nothing but its target, in words."""

    name: str
    database: str
    value: str
    target: str = ""

    def told(self) -> dict[str, Any]:
        """Returns it for programs."""
        return {
            "name": self.name,
            "database": self.database,
            "value": self.value,
            "target": self.target,
        }
