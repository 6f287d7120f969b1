"""`points serve` lists its plugins, and no plugin stops it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Points
from tests.plugin.build import install, manifest
from tests.serving import ServerProcess


NO_MANIFEST = "the plugin has no manifest: implement the hook `manifest`"


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
    (told,) = [line for line in output.splitlines() if line.startswith("plugins  ")]

    for said in (
        "greeter 2.5",
        f"mute FAILED ({NO_MANIFEST})",
        "odd FAILED (RuntimeError: [/no] [red]markup)",
    ):
        assert said in told


def test_a_server_does_not_start_without_what_is_required(
    points: Points, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "mute", "")
    monkeypatch.syspath_prepend(tmp_path)

    ended = points(
        "serve", "--database-url", sqlite_url, "--required-plugins", "mute,gone"
    )

    assert ended.status == 1
    assert f"plugin mute is required: FAILED: {NO_MANIFEST}" in ended.err
    assert "plugin gone is required: it is not installed" in ended.err
