"""Times and periods of requests."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import UNSET
from points.domain.calendar.periods import Period
from points.domain.refusals import InvalidArgument
from points.v1 import period_pb2


_SECONDS_MAX: Final = 253_402_300_799
_NANOS: Final = 1_000_000_000
_COUNTS_MAX: Final = {"years": 100, "months": 1_200, "days": 36_500}


def timestamp(instant: int) -> Timestamp:
    """Returns an instant of microseconds as a timestamp."""
    seconds, rest = divmod(instant, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000)


def instant(
    request: Message, field: str, absent: int = UNSET, *, within: str = ""
) -> int:
    """Returns a time of the request in microseconds; raises InvalidArgument.

    `within` is the path to a message inside of the request, with its last dot.
    """
    if not request.HasField(field):
        return absent
    given: Timestamp = getattr(request, field)
    seconds, nanos = given.seconds, given.nanos
    if not (0 <= seconds <= _SECONDS_MAX and 0 <= nanos < _NANOS):
        raise InvalidArgument({within + field: "must lie in the years 1970 to 9999"})
    return seconds * 1_000_000 + nanos // 1_000


def period(request: Message, field: str) -> Period | None:
    """Returns a period of the request, None without one; raises InvalidArgument."""
    if not request.HasField(field):
        return None
    message: period_pb2.Period = getattr(request, field)
    counts = {name: getattr(message, name) for name in _COUNTS_MAX}
    violations = {
        f"{field}.{name}": f"must be 0 to {_COUNTS_MAX[name]}, not {count}"
        for name, count in counts.items()
        if not 0 <= count <= _COUNTS_MAX[name]
    }
    if violations:
        raise InvalidArgument(violations)
    return Period(**counts)
