"""The load profiles: plain configurations of ghz, and what each has to leave behind.

Each file is usable with ghz alone against a server with `python -m
tests.load.prepare` behind it:

    ghz --config tests/load/profiles/earn.json 127.0.0.1:50051

Its tags say what the ledger must hold afterwards: a transaction of `kind` for each
call that was answered OK, `records` of them, or for each of the `distinct` request
ids; and that one call in `refused` was refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


FOLDER: Final = Path(__file__).parent
MEMBERS: Final = 200
"""Members `load-0` to `load-199` that the profiles spread their calls over."""

_NUMBER = re.compile(r"\{\{(?:mod )?\.RequestNumber(?: (\d+))?\}\}")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Is one kind of traffic: what is called, with what, and what comes of it."""

    name: str
    call: str
    data: Mapping[str, Any]
    call_count: int
    kind: str
    records: int
    distinct: int | None
    refused: int | None
    file: Path

    def request(self, number: int) -> dict[str, Any]:
        """Returns the request with a number, as ghz makes it of the template."""
        found: dict[str, Any] = json.loads(_filled(json.dumps(self.data), number))
        return found

    def transactions_of(self, accepted: int) -> int:
        """Returns how many transactions so many calls that were OK have to leave."""
        return self.records * min(accepted, self.distinct or accepted)

    def refusals_of(self, call_count: int) -> int:
        """Returns how many of so many calls have to be refused."""
        return -(-call_count // self.refused) if self.refused else 0


def load_profile(name: str) -> Profile:
    """Returns the profile of a name; raises FileNotFoundError."""
    file = FOLDER / f"{name}.json"
    config = json.loads(file.read_text())
    tags = config["tags"]
    return Profile(
        name=config["name"],
        call=config["call"],
        data=config["data"],
        call_count=config["total"],
        kind=tags["kind"],
        records=int(tags["records"]),
        distinct=_optional(tags.get("distinct")),
        refused=_optional(tags.get("refused")),
        file=file,
    )


def profile_names() -> list[str]:
    """Returns the names of all profiles."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def _filled(template: str, number: int) -> str:
    """Returns the template with a request's number in place of its expressions."""

    def fill(match: re.Match[str]) -> str:
        return str(number % int(match[1]) if match[1] else number)

    return _NUMBER.sub(fill, template)


def _optional(text: str | None) -> int | None:
    return None if text is None else int(text)
