"""Distributions with a plugin, written to a folder as an installer would."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent


HEADER = "from points.plugin import Manifest, hookimpl\n"


def manifest(name: str, version: str = "1.0") -> str:
    """Returns the code of a hook that introduces a plugin."""
    return dedent(f"""
        @hookimpl
        def manifest():
            return Manifest(name={name!r}, version={version!r}, summary="Says hello.")
        """)


def install(folder: Path, name: str, code: str) -> None:
    """Writes a distribution whose plugin, a module, has this code."""
    module = f"points_{name}_{folder.name.replace('-', '_')}"
    (folder / f"{module}.py").write_text(HEADER + dedent(code))
    information = folder / f"points_{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: points-{name}\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(
        f"[points.plugins]\n{name} = {module}\n"
    )
