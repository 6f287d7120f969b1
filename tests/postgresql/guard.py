"""Leave nothing behind, however the tests end.

A guard is a small shell process that waits on a pipe from this process. The pipe
closes when this process ends, be it by a signal, by `os._exit` or as planned, and
then the guard stops the server that still runs and removes its directory.
`atexit` would not see the first two.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator


_MEMORY = Path("/dev/shm")  # noqa: S108 - only for directories of `mkdtemp`

# Containers have 64 MB by default; some servers and a full log each need more.
_MEMORY_BYTES_MIN = 2 * 1024**3

# Each line that is read names the process to stop, an empty one names none. A
# server that was killed leaves its lock file, whose seventh line ends with the id
# of a System V memory segment that would outlive it.
_SCRIPT = """
lock=$1/data/postmaster.pid
while read -r line; do postmaster=$line; done
if [ -n "$postmaster" ]; then
    kill -QUIT "$postmaster"
    for _ in $(seq 100); do [ -e "$lock" ] || break; sleep 0.1; done
    if [ -e "$lock" ]; then kill -KILL "$postmaster"; fi
fi
segment=$(sed -n '7s/.* //p' "$lock")
if [ -n "$segment" ]; then ipcrm -m "$segment"; fi
rm -rf "$1"
"""


class Guard:
    """Watches over a directory and the process that works in it."""

    def __init__(self, directory: Path) -> None:
        """Start to watch over `directory`."""
        self.directory = directory
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "guard", str(directory)],
            cwd="/",
            stdin=subprocess.PIPE,
            # Not our output: whoever reads it would wait for the guard as well.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, process_id: int) -> None:
        """Stop this process, and no longer an earlier one, when we are gone."""
        self._tell(str(process_id))

    def unwatch(self) -> None:
        """Stop no process: the last one has ended."""
        self._tell("")

    def close(self) -> None:
        """Do now what is to be done when we are gone."""
        self._shell.communicate()

    def _tell(self, line: str) -> None:
        if self._shell.stdin is not None:
            self._shell.stdin.write(f"{line}\n")
            self._shell.stdin.flush()


@contextmanager
def guarded_directory() -> Iterator[Guard]:
    """Yield the guard of a new directory that is removed afterwards."""
    guard = Guard(new_directory(memory()))
    try:
        yield guard
    finally:
        guard.close()


def directory_until_exit(parent: Path | None) -> Path:
    """Make a directory that is removed when this process ends."""
    guard = Guard(new_directory(parent))
    atexit.register(guard.close)
    return guard.directory


def new_directory(parent: Path | None) -> Path:
    """Make a directory in `parent`, by default where temporary ones belong."""
    return Path(tempfile.mkdtemp(prefix="points-pg-", dir=parent))


def memory() -> Path | None:
    """Return a place in memory with room enough for data, if there is one.

    It outlives a killed server as a disk would, and is up to ten times as fast.
    """
    has_room = _MEMORY.is_dir() and disk_usage(_MEMORY).free >= _MEMORY_BYTES_MIN
    return _MEMORY if has_room and os.access(_MEMORY, os.W_OK) else None
