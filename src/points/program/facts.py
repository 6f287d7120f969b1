"""What is known when rules are asked: an activity, and its member so far."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from points.domain.activities import Activity, Item
from points.domain.calendar.windows import WindowKind
from points.domain.scores import NO_SCORES, Scores


__all__ = ["Activity", "Facts", "Item", "RemainderKey", "TimesKey"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

TimesKey: TypeAlias = tuple[str, WindowKind]
"""Is a rule, and the window in which its earlier times are counted."""

RemainderKey: TypeAlias = tuple[str, int]
"""Is a rule, and which of its awards a fraction is carried for."""


class Facts(NamedTuple):
    """Is what is known of the member before the activity.

    `times` is how often rules were met before, as `Sheet.times` asks for it;
    `remainders` the fractions that awards carry. `scores` are those recorded last.
    """

    member_id: str = ""
    create_time: int = 0
    attributes: Mapping[str, str] = _NOTHING
    tiers: Mapping[str, str] = _NOTHING
    times: Mapping[TimesKey, int] = MappingProxyType({})
    remainders: Mapping[RemainderKey, Fraction] = MappingProxyType({})
    scores: Scores = NO_SCORES
