"""Which program loads the server: ghz, or h2load where ghz is missing."""

from __future__ import annotations

import shutil
import sys
from typing import Final


GHZ: Final = "ghz"
H2LOAD: Final = "h2load"

_GET_GHZ: Final = (
    "ghz is missing. With Go: go install github.com/bojand/ghz/cmd/ghz@v0.121.0"
)
_WITHOUT: Final = (
    "Without it h2load can stand in for `poe load` (on Debian: apt install"
    " nghttp2-client), and `uv run pytest tests/load` sends the same profiles one by"
    " one, and checks the ledger in the same way."
)
_INSTEAD: Final = (
    "h2load stands in: it sends one request of each profile again and again. That tells"
    " how many calls a server answers, and how fast, but writes are replays of the"
    " first one, and whether a call was OK is not seen."
)


def need_ghz() -> None:
    """Ends the program with what to do, unless ghz is there."""
    if shutil.which(GHZ) is None:
        sys.exit(f"{_GET_GHZ}\n{_WITHOUT}")


def load_tool() -> str:
    """Returns what there is, and says what h2load cannot tell where it stands in.

    Ends the program with what to do if there is neither.
    """
    if shutil.which(GHZ) is None and shutil.which(H2LOAD) is not None:
        print(f"{_GET_GHZ}\n{_INSTEAD}", file=sys.stderr)  # noqa: T201 - for its user
        return H2LOAD
    need_ghz()
    return GHZ
