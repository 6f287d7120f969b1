"""Runs ghz and reads what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


_TURNED_AWAY: Final = ("ResourceExhausted", "Canceled")


@dataclass(frozen=True, kw_only=True)
class Run:
    """Is what ghz says about one run: calls a second, latencies, calls by status."""

    rate: float
    p50_ms: float
    p99_ms: float
    statuses: Mapping[str, int]

    @property
    def accepted(self) -> int:
        """Returns how many calls were answered OK."""
        return self.statuses.get("OK", 0)

    @property
    def turned_away(self) -> int:
        """Returns how many calls a server did not take, since it had too many.

        gRPC itself cancels calls, some at random, while more than a thousand wait to be
        looked at.
        """
        return sum(self.statuses.get(each, 0) for each in _TURNED_AWAY)

    @property
    def call_count(self) -> int:
        """Returns how many calls there were."""
        return sum(self.statuses.values())


def run_ghz(*arguments: str | Path) -> Run:
    """Runs ghz with the arguments; raises CalledProcessError if it cannot run.

    It ends well even when every call fails: look at the statuses.
    """
    command = ["ghz", "--format", "json", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True)
    return read_report(json.loads(done.stdout))


def read_report(report: Mapping[str, Any]) -> Run:
    """Returns the run that ghz has reported as JSON."""
    latencies = report.get("latencyDistribution") or ()
    return Run(
        rate=report["rps"],
        p50_ms=_latency(latencies, 50),
        p99_ms=_latency(latencies, 99),
        statuses=report["statusCodeDistribution"],
    )


def _latency(latencies: Sequence[Mapping[str, Any]], percentage: int) -> float:
    found = (e["latency"] for e in latencies if e["percentage"] == percentage)
    return next(found, 0) / 1e6
