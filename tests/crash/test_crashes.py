"""No answer is lost when a server is killed, and nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.crash.checks import verify
from tests.crash.crashes import Crashes, check_everything
from tests.crash.journal import Journal
from tests.crash.load import load, resend
from tests.crash.traffic import opening
from tests.serving import ServerProcess
from points.client import PointsClient
import pytest


StartServer = Callable[..., ServerProcess]


def test_nothing_acknowledged_is_lost_when_a_server_is_killed(
    sqlite_url: str, tmp_path: Path
) -> None:
    findings = Crashes(sqlite_url, tmp_path, seconds_max=0.5, seed=time.time_ns()).run(
        3
    )

    assert findings.wrong == []
    assert findings.found == findings.acknowledged > 100
