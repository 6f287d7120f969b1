"""The load profiles: plain configurations of ghz, and what each has to leave behind.

Those of the engine are in this folder, those of plugins in `plugins/*/load`. Each is
usable with ghz alone, against a server with `python -m tests.load.prepare` behind it:

    ghz --config tests/load/profiles/earn.json 127.0.0.1:50051

Its tags say what the ledger must hold afterwards: a transaction, or a call of a
plugin, of each `kind` for each call that was answered OK, `records` of them, or for
each of the `distinct` request ids; and that one call in `refused` was refused, or
`some`, where that depends on which of two calls comes first.

What a plugin needs beforehand are profiles, too: those in `plugins/*/load/prepare`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.load.templates import filled


FOLDER: Final = Path(__file__).parent
PLUGINS: Final = FOLDER.parents[2] / "plugins"
MEMBERS: Final = 200
"""Members `load-0` to `load-199` that most profiles spread their calls over."""

SOME: Final = "some"
"""Tells that calls may be refused, and nobody knows how many."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Is one kind of traffic: what is called, with what, and what comes of it.

    `refused` is None where nothing is, and 0 where nobody knows how much is.
    """

    name: str
    call: str
    data: Mapping[str, Any]
    call_count: int
    kinds: tuple[str, ...]
    records: int
    distinct: int | None
    refused: int | None
    file: Path

    def request(self, number: int) -> dict[str, Any]:
        """Returns the request with a number, as ghz makes it of the template."""
        found: dict[str, Any] = json.loads(filled(json.dumps(self.data), number))
        return found

    def transactions_of(self, accepted: int) -> int:
        """Returns how many of each kind so many calls that were OK have to leave."""
        return self.records * min(accepted, self.distinct or accepted)

    def refusals_of(self, call_count: int) -> int | None:
        """Returns how many of so many calls have to be refused, None for any."""
        if self.refused is None:
            return 0
        return -(-call_count // self.refused) if self.refused else None


def load_profile(name: str) -> Profile:
    """Returns the profile of a name; raises KeyError."""
    return read_profile(_files()[name])


def read_profile(file: Path) -> Profile:
    """Returns the profile in a file."""
    config = json.loads(file.read_text())
    tags = config["tags"]
    return Profile(
        name=file.stem,
        call=config["call"],
        data=config["data"],
        call_count=config["total"],
        kinds=tuple(tags["kind"].split(",")),
        records=int(tags["records"]),
        distinct=_optional(tags.get("distinct")),
        refused=_optional(tags.get("refused")),
        file=file,
    )


def profile_names() -> list[str]:
    """Returns the names of all profiles."""
    return sorted(_files())


def preparing_profiles() -> list[Profile]:
    """Returns what has to be sent once before those of plugins."""
    return [
        read_profile(file) for file in sorted(PLUGINS.glob("*/load/prepare/*.json"))
    ]


def _files() -> dict[str, Path]:
    found = [*FOLDER.glob("*.json"), *PLUGINS.glob("*/load/*.json")]
    return {file.stem: file for file in found}


def _optional(text: str | None) -> int | None:
    if text is None:
        return None
    return 0 if text == SOME else int(text)
