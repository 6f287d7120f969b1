"""Times of requests."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import UNSET
from points.domain.refusals import InvalidArgument


_SECONDS_MAX: Final = 253_402_300_799
_NANOS: Final = 1_000_000_000


def instant(request: Message, field: str, absent: int = UNSET) -> int:
    """Returns a time of the request in microseconds; raises InvalidArgument."""
    if not request.HasField(field):
        return absent
    timestamp: Timestamp = getattr(request, field)
    seconds, nanos = timestamp.seconds, timestamp.nanos
    if not (0 <= seconds <= _SECONDS_MAX and 0 <= nanos < _NANOS):
        raise InvalidArgument({field: "must lie in the years 1970 to 9999"})
    return seconds * 1_000_000 + nanos // 1_000
