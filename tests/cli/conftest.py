"""Fixtures of the command line tests."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from points.cli.main import main
from tests.serving import clean_environment, points_command


@dataclass(frozen=True, slots=True)
class Ended:
    """Is what a command has said, and its exit status."""

    status: int
    out: str
    err: str


Points = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the working folder of the test, without settings around it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in [name for name in clean_environment() if name.startswith("POINTS_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def points(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Points]:
    """Yields a function that runs `points` within this process."""
    del folder
    thresholds = gc.get_threshold()

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["points", *arguments])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        shown = capfd.readouterr()
        return Ended(status, shown.out, shown.err)

    yield run
    structlog.reset_defaults()
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.fixture
def process(folder: Path) -> Points:
    """Returns a function that runs `points` as a process of its own."""

    def run(*arguments: str) -> Ended:
        done = subprocess.run(
            points_command(*arguments),
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
