"""The progress of a member as the text of its row."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import msgspec

from points.domain.bounds import NEVER
from points.domain.progress import Progress, Tally


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


def write_progress(progress: Progress) -> str:
    """Returns the counters and remainders as JSON, by name."""
    counters = {
        name: [used] if end_time == NEVER else [used, end_time]
        for name, (used, end_time) in sorted(progress.counters.items())
    }
    rests = {name: str(rest) for name, rest in sorted(progress.remainders.items())}
    return _encode([counters, rests]).decode()


def read_progress(text: str, *, part: int, member_id: str) -> Progress:
    """Returns the progress that `write_progress` wrote for this member."""
    counters, rests = _decode(text)
    return Progress(
        part,
        member_id,
        {
            name: Tally(*pair, *(NEVER,) * (2 - len(pair)))
            for name, pair in counters.items()
        },
        {name: Fraction(rest) for name, rest in rests.items()},
    )
