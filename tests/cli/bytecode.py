"""Lets the processes of the tests share what Python compiles."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def bytecode_in(folder: Path) -> Iterator[None]:
    """Keeps compiled modules for the next process where Python is told not to.

    Images of containers say PYTHONDONTWRITEBYTECODE; each server would then compile
    all its libraries first, which takes three times as long as starting it.
    """
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
            patch.setenv("PYTHONPYCACHEPREFIX", str(folder))
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps compiled modules for all processes of the tests; see `bytecode_in`."""
    with bytecode_in(tmp_path_factory.getbasetemp().parent / "bytecode"):
        yield
