"""Revisions: which state of the ledger an answer was made from.

A revision names the last record number of every part that the answer depends
on, written like `3-9,17-42`; callers treat it as opaque.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from points.domain.refusals import RevisionUnknown


_PAIR = re.compile(r"(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,18})")


def write_revision(numbers: Mapping[int, int]) -> str:
    """Returns the text of the last record number of each part.

    Of nothing it is `0-0`, which every ledger has reached.
    """
    pairs = [f"{part}-{number}" for part, number in sorted(numbers.items())]
    return ",".join(pairs) or "0-0"


def read_revision(text: str) -> dict[int, int]:
    """Returns the numbers that `write_revision` wrote; raises RevisionUnknown."""
    matches = [_PAIR.fullmatch(pair) for pair in text.split(",")]
    pairs = [(int(match[1]), int(match[2])) for match in matches if match]
    if len(pairs) < len(matches):
        raise RevisionUnknown(text)
    return dict(pairs)
