"""What a well-formed argument looks like, whoever sends it.

Each function returns what is wrong, as words that follow the field's name, or
None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from points.domain.bounds import (
    ID_CHARACTERS_MAX,
    KEY_CHARACTERS_MAX,
    NEVER,
    PAIRS_MAX,
    POINTS_MAX,
    TIME_MAX,
    UNSET,
    VALUE_CHARACTERS_MAX,
)
from points.domain.identity import RESERVED_PREFIX


_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NUL = re.compile(r"[\x00\ud800-\udfff]")


def name_problem(text: str, maximum: int = ID_CHARACTERS_MAX) -> str | None:
    """Says what is wrong with an id or another short text that must be there."""
    if not text:
        return "is required"
    return optional_name_problem(text, maximum)


def optional_name_problem(text: str, maximum: int = ID_CHARACTERS_MAX) -> str | None:
    """Says what is wrong with a short text that may be empty."""
    if len(text) > maximum:
        return f"must have at most {maximum} characters, not {len(text)}"
    # What can be printed has no control characters, and says so much quicker.
    if not text.isprintable() and _CONTROL.search(text):
        return "must not contain control characters"
    return None


def request_id_problem(text: str) -> str | None:
    """Says what is wrong with a request id of a caller."""
    if text.startswith(RESERVED_PREFIX):
        return f"must not begin with {RESERVED_PREFIX!r}, which the server keeps"
    return name_problem(text)


def points_problem(points: int) -> str | None:
    """Says what is wrong with a number of points."""
    if points <= 0:
        return f"must be above zero, not {points}"
    if points > POINTS_MAX:
        return f"must be at most {POINTS_MAX}"
    return None


def time_problem(instant: int) -> str | None:
    """Says what is wrong with an instant in microseconds."""
    if instant in (NEVER, UNSET) or 0 <= instant <= TIME_MAX:
        return None
    return "must lie in the years 1970 to 9999"


def pairs_problem(pairs: Mapping[str, str]) -> str | None:
    """Says what is wrong with metadata or attributes."""
    if len(pairs) > PAIRS_MAX:
        return f"must have at most {PAIRS_MAX} entries, not {len(pairs)}"
    for key, value in pairs.items():
        problem = _pair_problem(key, value)
        if problem:
            return problem
    return None


def keys_problem(keys: Sequence[str]) -> str | None:
    """Says what is wrong with a list of keys of metadata or attributes."""
    if len(keys) > PAIRS_MAX:
        return f"must have at most {PAIRS_MAX} entries, not {len(keys)}"
    problems = (name_problem(key, KEY_CHARACTERS_MAX) for key in keys)
    return next((problem for problem in problems if problem), None)


def _pair_problem(key: str, value: str) -> str | None:
    problem = name_problem(key, KEY_CHARACTERS_MAX)
    if problem:
        return f"key {key[:KEY_CHARACTERS_MAX]!r} {problem}"
    if len(value) > VALUE_CHARACTERS_MAX:
        return f"value of {key!r} must have at most {VALUE_CHARACTERS_MAX} characters"
    if not value.isprintable() and _NUL.search(value):
        return f"value of {key!r} must not contain NUL"
    return None
