"""What ghz's templates in profiles stand for: the few functions that ours use."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final


_TEMPLATE: Final = re.compile(r"\{\{(.*?)\}\}")
_WORD: Final = re.compile(r"[()]|[^\s()]+")
_FUNCTIONS: Final[dict[str, Callable[[int, int], int]]] = {
    "add": int.__add__,
    "div": int.__floordiv__,
    "mod": int.__mod__,
}
_LATER: Final = "in half a year"
_HALF_A_YEAR: Final = timedelta(days=182)


def filled(template: str, number: int) -> str:
    """Returns the text with a request's number in place of its expressions.

    An expression is `.RequestNumber`, `.TimestampUnixNano`, a number, or one of `add`,
    `div` and `mod` with two of them. `in half a year` is none of ghz's: a midnight, the
    same all day. What is none of these stays as it is.
    """

    def fill(match: re.Match[str]) -> str:
        if match[1] == _LATER:
            return f"{datetime.now(UTC) + _HALF_A_YEAR:%Y-%m-%dT00:00:00Z}"
        try:
            return str(_value(iter(_WORD.findall(match[1])), number))
        except ValueError:
            return match[0]

    return _TEMPLATE.sub(fill, template)


def _value(words: Iterator[str], number: int) -> int:
    """Returns what the next words come to; raises ValueError for unknown ones."""
    word = next(words, "")
    if word == "(":
        value = _value(words, number)
        next(words)  # the closing one
        return value
    if word in _FUNCTIONS:
        return _FUNCTIONS[word](_value(words, number), _value(words, number))
    variables = {".RequestNumber": number, ".TimestampUnixNano": time.time_ns()}
    return variables[word] if word in variables else int(word)
