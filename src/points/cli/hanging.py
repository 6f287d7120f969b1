"""What becomes of a server that a plugin holds up: it begins anew without the plugin.

Nothing ends a function of Python from outside but the end of its process. Whatever was
acknowledged is committed by then, and whatever was not is rolled back: callers repeat
it. Which plugin it was goes to the successor in its environment, and from there into
the ledger, as a switch that every server sees.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Final
from uuid import uuid4

from points.cli.log_lines import PATIENCE_SECONDS
from points.server.liveness import Hang, HangLimit
from points.server.plugins.switches import Hung
from points.settings import Settings


VARIABLE: Final = "POINTS_HUNG_PLUGINS"
"""Names the plugins that have hung, as JSON, in the environment of a successor."""

HUNG: Final = 3
"""Status of a process that ends since a plugin holds it up."""


def hung_before() -> tuple[Hung, ...]:
    """Returns the plugins that servers before this one could not go on with."""
    told = json.loads(os.environ.get(VARIABLE, "[]"))
    return tuple(Hung(*each) for each in told)


def remember(hung: Hung) -> None:
    """Keeps for successors that a plugin has hung."""
    others = [each for each in hung_before() if each.plugin != hung.plugin]
    os.environ[VARIABLE] = json.dumps([*others, hung])


def limit_of(settings: Settings, leave: Callable[[Hung], None]) -> HangLimit | None:
    """Returns how long a plugin may hold the server up, which then leaves.

    A server that is about to stop just ends. So does one that cannot leave as it
    should: whoever looks after the process starts another one.
    """

    def end(hang: Hang) -> None:
        try:
            if not hang.is_stopping:
                leave(Hung(hang.plugin, hang.hook, hang.seconds, f"hung-{uuid4().hex}"))
        finally:
            os._exit(HUNG)

    seconds = settings.plugin_hang_seconds
    return HangLimit(seconds, end) if seconds else None


def begin_anew(hung: Hung) -> None:
    """Puts this very command in the place of this process; raises OSError.

    What was written and nobody takes, be it a full disk or a pipe that is not read, is
    lost with this process.
    """
    remember(hung)
    flushing = Thread(target=_flush, daemon=True)
    flushing.start()
    flushing.join(PATIENCE_SECONDS)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - us


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
