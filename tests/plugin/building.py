"""Builds plugins of tests without an installer: stubs, and a distribution's folder."""

from __future__ import annotations

from pathlib import Path

from grpc_tools import protoc


def generate(site: Path, name: str, proto: Path) -> None:
    """Writes the stubs of a plugin's proto into its package, as its build would."""
    package = f"points_{name}/v1"
    arguments = [
        "protoc",
        f"--proto_path={package}={proto.parent}",
        f"--proto_path={Path(protoc.__file__).parent / '_proto'}",
        f"--python_out={site}",
        f"--grpc_python_out={site}",
        f"{package}/{proto.name}",
    ]
    assert protoc.main(arguments) == 0
    (site / package / "__init__.py").touch()


def describe(site: Path, name: str, distribution: str) -> None:
    """Writes what an installer writes about a distribution with one plugin."""
    information = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(
        f"[points.plugins]\n{name} = points_{name}.plugin\n"
    )
