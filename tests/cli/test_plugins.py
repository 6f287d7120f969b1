"""`points serve` lists its plugins, and no plugin stops it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugin.build import install, manifest
from tests.serving import ServerProcess


NO_MANIFEST = "TypeError: the plugin has no manifest: implement the hook `manifest`"


@pytest.fixture
def output(
    start_server: Callable[..., ServerProcess],
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """Returns what a server with a good plugin and two broken ones has printed."""
    site = tmp_path / "site"
    site.mkdir()
    install(site, "greeter", manifest("greeter", version="2.5"))
    install(site, "mute", "")
    install(site, "odd", "raise RuntimeError('[/no] [red]markup')")
    monkeypatch.setenv("PYTHONPATH", str(site))
    return start_server(sqlite_url).output.read_text()


def test_a_server_says_what_became_of_each_plugin(output: str) -> None:
    said = ", ".join(
        [
            "greeter 2.5",
            f"mute FAILED ({NO_MANIFEST})",
            "odd FAILED (RuntimeError: [/no] [red]markup)",
        ]
    )

    assert f"plugins      {said}" in output.splitlines()
