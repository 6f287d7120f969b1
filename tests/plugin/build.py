"""Distributions with a plugin, written to a folder as an installer would."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from textwrap import dedent
from typing import Any

from points.plugin.host import EVERY, Host, PluginState, load_plugins


HEADER = "from points.plugin import Manifest, hookimpl\n"


def manifest(name: str, version: str = "1.0") -> str:
    """Returns the code of a hook that introduces a plugin."""
    return dedent(f"""
        @hookimpl
        def manifest():
            return Manifest(name={name!r}, version={version!r}, summary="Says hello.")
        """)


def install(
    folder: Path,
    name: str,
    code: str,
    *,
    distribution: str = "",
    needs: tuple[str, ...] = (),
    keywords: str = "",
    files: tuple[str, ...] = (),
) -> None:
    """Writes a distribution whose plugin, a module, has this code."""
    called = distribution or f"points-{name}"
    unique = f"{folder.name}_{called}".replace("-", "_")
    module = f"points_{name}_{unique}"
    (folder / f"{module}.py").write_text(HEADER + dedent(code))
    information = folder / f"{called.replace('-', '_')}-1.0.dist-info"
    information.mkdir()
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {called}",
        "Version: 1.0",
        *(f"Requires-Dist: {need}" for need in needs),
        *([f"Keywords: {keywords}"] if keywords else []),
    ]
    (information / "METADATA").write_text("\n".join(metadata) + "\n")
    (information / "entry_points.txt").write_text(
        f"[points.plugins]\n{name} = {module}\n"
    )
    if files:
        (information / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def here() -> list[EntryPoint]:
    """Returns the installed plugins that are not first-party ones."""
    return [
        entry
        for entry in entry_points(group="points.plugins")
        if entry.dist is None or not entry.dist.name.startswith("points-engine-")
    ]


def load(allowed: Collection[str] = (EVERY,)) -> Host:
    """Loads what a test has installed."""
    return load_plugins(here(), allowed=allowed)


def reason(site: Path, code: str, **metadata: Any) -> str:
    """Returns why a plugin with this code fails."""
    install(site, "wrong", code, **metadata)
    (status,) = load().statuses
    assert status.state is PluginState.FAILED
    return status.reason


def load_named(name: str) -> Host:
    """Loads the one installed plugin that has the name."""
    return load_plugins(entry_points(group="points.plugins", name=name))
