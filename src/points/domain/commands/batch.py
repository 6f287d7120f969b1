"""Batches: the request id of a batch stands for what came with it, for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

from points.domain.checks import request_id_problem
from points.domain.commands.base import Command, Problems
from points.domain.values import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBatch(Command):
    """Asks to keep the request id of a batch for its content.

    It is recorded under no member, so that it never meets the request id of a
    command. `content` is the digest of the commands.
    """

    kind: ClassVar[Kind] = Kind.BATCH
    member_id: str = ""
    command_count: int
    is_atomic: bool
    content: str

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "request_id", request_id_problem(self.request_id)


def batch_content(items: Sequence[Sequence[str]]) -> str:
    """Returns 32 hexadecimal digits: the same for the same commands, for ever.

    `items` are what tells each command, such as its fingerprint and request id.
    """
    text = json.dumps(items, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=16).hexdigest()
