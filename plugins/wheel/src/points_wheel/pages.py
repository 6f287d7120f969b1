"""How long a page of a list is."""

from __future__ import annotations

from typing import Any, Final

from points.plugin import Refused
from points_wheel import reasons


PAGE_MAX: Final = 500
"""Most items of one answer."""

_PAGE: Final = 50


def page_size_of(request: Any) -> int:
    """Returns how many items to list, 50 for 0; refuses with PAGE_SIZE_INVALID."""
    if request.page_size < 0:
        raise Refused(reasons.PAGE_SIZE_INVALID)
    return min(request.page_size or _PAGE, PAGE_MAX)
