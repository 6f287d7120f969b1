"""Builds the stubs of the plugin's proto whenever the package is built.

Generated code is never committed. The compiler is pinned in pyproject.toml, and
the run-time floors of grpcio and protobuf there belong to that compiler.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


NAME: Final = "auction"


class ProtoBuildHook(BuildHookInterface[Any]):
    """Writes `src/points_NAME/v1` from `protos/points/plugins/NAME/v1`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the stubs anew, before the files of the package are collected."""
        del version, build_data
        root = Path(self.root)
        target = root / "src" / f"points_{NAME}" / "v1"
        shutil.rmtree(target, ignore_errors=True)
        generate(root / "protos" / "points" / "plugins" / NAME / "v1", root / "src")
        (target / "__init__.py").write_text('"""Stubs generated from `protos/`."""\n')


def generate(protos: Path, destination: Path) -> None:
    """Runs protoc over the protos of a folder; raises SystemExit if it refuses.

    protoc is told that they lie in `points_NAME/v1`, the package that the stubs are
    imported from; the proto package stays `points.plugins.NAME.v1`.
    """
    from grpc_tools import protoc  # noqa: PLC0415 - only there while building

    package = f"points_{NAME}/v1"
    arguments = [
        "protoc",
        f"--proto_path={package}={protos}",
        f"--proto_path={Path(protoc.__file__).parent / '_proto'}",
        f"--python_out={destination}",
        f"--grpc_python_out={destination}",
        *typing_plugins(destination),
        *sorted(f"{package}/{path.name}" for path in protos.glob("*.proto")),
    ]
    if protoc.main(arguments) != 0:
        sys.exit("protoc refused the protos: see its messages above")


def typing_plugins(destination: Path) -> list[str]:
    """Returns protoc's flags for the type stubs of mypy-protobuf.

    Build environments put scripts in different places, so they are looked up on
    the path and beside the interpreter.
    """
    flags = []
    for name in ("mypy", "mypy_grpc"):
        script = f"protoc-gen-{name}"
        beside = Path(sys.executable).with_name(script)
        found = shutil.which(script) or (str(beside) if beside.exists() else None)
        if found is None:
            sys.exit(f"{script} is missing: install mypy-protobuf")
        flags += [f"--plugin={script}={found}", f"--{name}_out={destination}"]
    return flags
