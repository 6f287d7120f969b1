"""Real `points serve` processes for tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self


_START_SECONDS: Final = 110
_LISTENING = re.compile(r"listening on (\S+)")


@dataclass
class ServerProcess:
    """Is a server in a process of its own, with its output in files."""

    process: subprocess.Popen[bytes]
    address: str
    output: Path
    log: Path

    @classmethod
    def start(
        cls,
        database_url: str,
        *flags: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> Self:
        """Starts a server on a free port and waits until it says that it listens.

        `log` is a file of the caller's for its standard error. Raises AssertionError
        with its output if it does not.
        """
        number = len(list(folder.glob("server-*.out")))
        output = folder / f"server-{number}.out"
        log = log or folder / f"server-{number}.log"
        with output.open("wb") as out, log.open("wb") as err:
            process = subprocess.Popen(
                points_command(
                    "serve",
                    "--address=127.0.0.1:0",
                    "--log-format=json",
                    f"--database-url={database_url}",
                    *flags,
                ),
                stdout=out,
                stderr=err,
                cwd=folder,
                env=clean_environment(**(environment or {})),
            )
        return cls(process, _wait(process, output, log), output, log)

    def stop(self) -> int:
        """Asks the server to stop and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """Ends the server at once, as a crash would; harmless if it has ended."""
        self.process.kill()
        self.process.wait()


def points_command(*arguments: str) -> list[str]:
    """Returns the command line that runs `points` with this interpreter."""
    return [sys.executable, "-m", "points", *arguments]


def clean_environment(**more: str) -> dict[str, str]:
    """Returns the environment without settings of points, plus `more`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("POINTS_")}
    return kept | {"NO_COLOR": "1", "COLUMNS": "100"} | more


def _wait(process: subprocess.Popen[bytes], output: Path, log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        match = _LISTENING.search(output.read_text())
        if match:
            return match[1]
        time.sleep(0.02)
    process.kill()
    message = f"the server did not start:\n{output.read_text()}{log.read_text()}"
    raise AssertionError(message)
