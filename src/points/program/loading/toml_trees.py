"""Trees of TOML, whose reader tells places only for what it cannot read."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from points.program.loading.trees import DEPTH_MAX, NOWHERE, Tree, unreadable


_PLACE: Final = re.compile(r" \(at line (\d+), column (\d+)\)$")


def read_toml(text: str) -> Tree:
    """Returns the tree of a text; raises DocumentWrong."""
    try:
        value = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        place = (int(found[1]), int(found[2])) if found else NOWHERE
        what = _PLACE.sub("", str(error))
        raise unreadable(f"is no TOML: {what}", place) from None
    except RecursionError:
        raise unreadable(f"is nested deeper than {DEPTH_MAX}") from None
    return Tree(_plain(value, 0), {}, {})


def _plain(value: Any, depth: int) -> Any:
    """Returns the value with its dates and times as texts, as YAML has them."""
    if depth > DEPTH_MAX:
        raise unreadable(f"is nested deeper than {DEPTH_MAX}")
    match value:
        case dict():
            return {key: _plain(each, depth + 1) for key, each in value.items()}
        case list():
            return [_plain(each, depth + 1) for each in value]
        case datetime():
            return value.isoformat("T", "auto")
        case time():
            return value.isoformat("minutes")
        case date():
            return value.isoformat()
    return value
