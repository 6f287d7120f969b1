"""A folder in which tests install plugins."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a folder from which Python imports, for plugins to be installed in."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path
