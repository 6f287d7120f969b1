"""What no request of a plugin's proto may hold, whatever the plugin would make of it.

Protobuf takes any number for an enum, and any seconds for a Timestamp or Duration: a
function that reads them would raise, and look as if it were broken. A request of a kind
that has none of those costs nothing here. Messages tell all about themselves, so that
the engine needs no protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias

from points.domain.bounds import TIME_MAX
from points.domain.refusals import InvalidArgument


Problem: TypeAlias = tuple[str, str]
"""Is the path of a field, and what is wrong with it."""

PROBLEMS_MAX: Final = 10
"""Most problems that one refusal tells: a request may hold thousands."""

_TIMESTAMP: Final = "google.protobuf.Timestamp"
_DURATION: Final = "google.protobuf.Duration"
_SECONDS_MAX: Final = TIME_MAX // 1_000_000
_DURATION_MAX: Final = 315_576_000_000
_NANOS: Final = 1_000_000_000


def check_wellformed(request: Any) -> None:
    """Raises InvalidArgument for times that are none, and values that no enum has."""
    if not _is_looked_at(request.DESCRIPTOR):
        return
    violations = dict(islice(_problems(request, ""), PROBLEMS_MAX))
    if violations:
        raise InvalidArgument(violations)


@cache
def _is_looked_at(descriptor: Any) -> bool:
    """Says whether such a message can hold, however deep, what is looked at."""
    seen, left = {descriptor}, [descriptor]
    while left:
        kind = left.pop()
        if _is_time(kind) or any(field.enum_type for field in kind.fields):
            return True
        kinds = {inner for field in kind.fields if (inner := field.message_type)}
        left += kinds - seen
        seen |= kinds
    return False


def _is_time(descriptor: Any) -> bool:
    return descriptor.full_name in (_TIMESTAMP, _DURATION)


def _problems(message: Any, path: str) -> Iterator[Problem]:
    """Yields what is wrong with a message and with what it holds."""
    for field, value in message.ListFields():
        kind = field.message_type
        if field.enum_type is None and not (kind and _is_looked_at(kind)):
            continue
        for name, each in _each(field, value):
            yield from _wrong(_enum_of(field), each, path + name)


def _each(field: Any, value: Any) -> Sequence[tuple[str, Any]]:
    """Returns the values of a field, be it one, a list or a map, each with its name."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return [(f"{field.name}[{key!r}]", value[key]) for key in value]
    if field.is_repeated:
        return [(f"{field.name}[{place}]", each) for place, each in enumerate(value)]
    return [(field.name, value)]


def _enum_of(field: Any) -> Any:
    """Returns the enum of a field's values, or of the values of a map."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return kind.fields_by_name["value"].enum_type
    return field.enum_type


def _wrong(enum: Any, value: Any, path: str) -> Iterator[Problem]:
    if enum is not None:
        if value not in enum.values_by_number:
            yield path, f"has no value {value}"
    elif value.DESCRIPTOR.full_name == _TIMESTAMP:
        if not (0 <= value.seconds <= _SECONDS_MAX and 0 <= value.nanos < _NANOS):
            yield path, "must lie in the years 1970 to 9999"
    elif value.DESCRIPTOR.full_name == _DURATION:
        if not _is_duration(value.seconds, value.nanos):
            yield path, "must be within 10,000 years, seconds and nanos of one sign"
    else:
        yield from _problems(value, path + ".")


def _is_duration(seconds: int, nanos: int) -> bool:
    is_in_bounds = abs(seconds) <= _DURATION_MAX and abs(nanos) < _NANOS
    return is_in_bounds and seconds * nanos >= 0
