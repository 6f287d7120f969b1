"""Other processes: those that we kill, and those with fewer rights than we have."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final


_NOBODY: Final = 65_534
"""The user that owns nothing, on every Linux."""


class OtherPython:
    """Is a Python process that runs some code and that we talk to by lines."""

    def __init__(self, code: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )

    def say(self, line: str) -> None:
        """Sends a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")

    def hear(self) -> str:
        """Returns the next line that it prints, errors included."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def last_words(self) -> str:
        """Waits for its end and returns the last line that it printed."""
        said, _ = self._process.communicate()
        return said.splitlines()[-1]

    def kill(self) -> None:
        """Ends it at once, as a loss of power would."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def humble() -> Iterator[None]:
    """Gives up the rights of root for the length of the block, if we have them.

    Root may write everywhere, so a file that cannot be written to is none to it.
    """
    if os.getuid() != 0:
        yield
        return
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Yields a folder that everyone may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)
