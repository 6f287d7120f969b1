"""Measured servers: `tests.load.server` in a process of its own, and what it uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final


ROOT: Final = Path(__file__).parents[2]
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_USER_TIME: Final = 11
"""Place of the ticks in user mode behind the name in /proc/PID/stat."""


@dataclass(frozen=True)
class Served:
    """Is a server in a process of its own."""

    address: str
    pid: int

    def cpu_seconds(self) -> float:
        """Returns the processor's time that it has taken so far, of all its threads."""
        text = Path(f"/proc/{self.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return sum(map(int, fields[_USER_TIME : _USER_TIME + 2])) / _TICKS

    def resident_bytes(self) -> int:
        """Returns the memory that it occupies now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE


@contextmanager
def served(url: str, folder: Path, *flags: str) -> Iterator[Served]:
    """Runs the measured server on a database, with flags of `tests.load.server`."""
    command = [sys.executable, "-m", "tests.load.server", url, *flags]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (folder / "server.log").read_text()
        yield Served(line.removeprefix("listening on ").strip(), process.pid)
    finally:
        process.kill()
        process.wait()
