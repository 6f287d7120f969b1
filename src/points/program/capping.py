"""What caps leave of awards, and how far their counters move.

Pure: the caller reads the counters that `counters_of` names, and writes the moves
together with the awards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import floor
from typing import NamedTuple

from points.domain.activities import Activity
from points.domain.calendar.windows import Window, rolling_window, window_of
from points.program.amounts import Step
from points.program.asking import Asking
from points.program.document.bounds import Cap, CapKey, CapOverflow
from points.program.earning import Award
from points.program.facts import Facts
from points.program.rounding import split
from points.program.rulebook import Rulebook


class CapCounter(NamedTuple):
    """Is one counter of a cap: whose it is, and for which window."""

    cap_id: str
    key: tuple[str, ...]
    window: Window


class Fitted(NamedTuple):
    """Is awards within their caps, and how far each counter moves with them."""

    awards: tuple[Award, ...]
    moves: Mapping[CapCounter, int]


def counters_of(
    rulebook: Rulebook, activity: Activity, facts: Facts, awards: Sequence[Award]
) -> tuple[CapCounter, ...]:
    """Returns the counters that the awards' caps have, each once.

    Raises ExpressionFailed if the key of a cap has no value.
    """
    if not rulebook.document.caps:
        return ()
    asking = Asking(rulebook, activity, facts)
    rules = dict.fromkeys(award.rule_id for award in awards)
    counters = (
        _counter(name, rule_id, asking)
        for rule_id in rules
        for name in rulebook.document.rules[rule_id].caps
    )
    return tuple(dict.fromkeys(counters))


def fit_awards(
    rulebook: Rulebook,
    activity: Activity,
    facts: Facts,
    awards: Sequence[Award],
    used: Mapping[CapCounter, int],
) -> Fitted:
    """Returns what the caps leave, in the order of the awards.

    A cap clamps awards to what it has left, or rejects those that do not fit. The
    caps of a rule are asked in their order; a counter that the caller leaves out
    stands at zero. Raises ExpressionFailed as `counters_of`.
    """
    fitting = _Fitting(Asking(rulebook, activity, facts), used)
    fitted: list[Award] = []
    for rule_id, group in groupby(awards, key=lambda award: award.rule_id):
        fitted += fitting.fit(rule_id, list(group))
    moves = {counter: by for counter, by in fitting.moves.items() if by}
    return Fitted(tuple(fitted), moves)


class _Fitting:
    def __init__(self, asking: Asking, used: Mapping[CapCounter, int]) -> None:
        self._asking = asking
        self._used = used
        self.moves: dict[CapCounter, int] = {}

    def fit(self, rule_id: str, awards: list[Award]) -> list[Award]:
        document = self._asking.rulebook.document
        names = document.rules[rule_id].caps
        caps = {
            _counter(name, rule_id, self._asking): document.caps[name] for name in names
        }
        for counter, cap in caps.items():
            awards = self._left(counter, cap, awards)
        # A counter moves by what all caps have left, not by what it let through.
        for counter, cap in caps.items():
            moved = self._size(cap, awards)
            self.moves[counter] = self.moves.get(counter, 0) + moved
        return awards

    def _left(self, counter: CapCounter, cap: Cap, awards: list[Award]) -> list[Award]:
        size = self._size(cap, awards)
        gone = self._used.get(counter, 0) + self.moves.get(counter, 0)
        left = max(0, _bound(cap) - gone)
        if size <= left:
            return awards
        if cap.overflow is CapOverflow.REJECT:
            return [_cut(each, 0, counter.cap_id, cap) for each in awards]
        return _clamped(awards, left, size, counter.cap_id, cap)

    def _size(self, cap: Cap, awards: list[Award]) -> int:
        """Returns what the awards of one rule take of a cap."""
        points = sum(award.points for award in awards if _covers(cap, award))
        if not points:
            return 0
        if cap.bound.points is not None:
            return points
        return 1 if cap.bound.count is not None else floor(self._asking.money)


def _clamped(
    awards: list[Award], left: int, size: int, cap_id: str, cap: Cap
) -> list[Award]:
    """Returns awards cut in the same proportion: of points, or of their money."""
    covered = [award.points for award in awards if _covers(cap, award)]
    if cap.bound.points is not None:
        shares = iter(split(left, covered))
    else:
        shares = iter([points * left // size for points in covered])
    return [
        _cut(award, next(shares), cap_id, cap) if _covers(cap, award) else award
        for award in awards
    ]


def _cut(award: Award, points: int, cap_id: str, cap: Cap) -> Award:
    if not _covers(cap, award) or points == award.points:
        return award
    is_rejected = cap.overflow is CapOverflow.REJECT
    verb = "rejects" if is_rejected else "clamps"
    weights = [share for _, share in award.shares]
    ids = [item_id for item_id, _ in award.shares]
    shares = split(points, weights) if weights else []
    return award._replace(
        points=points,
        steps=(*award.steps, Step(f"cap {cap_id} {verb}", points)),
        # What is rejected as a whole leaves no fraction behind.
        remainder=None if is_rejected else award.remainder,
        shares=tuple(zip(ids, shares, strict=True)),
    )


def _covers(cap: Cap, award: Award) -> bool:
    return cap.unit in (None, award.unit)


def _bound(cap: Cap) -> int:
    bounds = (cap.bound.points, cap.bound.count, cap.bound.money)
    return next(bound for bound in bounds if bound is not None)


def _counter(name: str, rule_id: str, asking: Asking) -> CapCounter:
    cap = asking.rulebook.document.caps[name]
    parts = {
        CapKey.MEMBER: asking.facts.member_id,
        CapKey.RULE: rule_id,
        CapKey.CHANNEL: asking.activity.channel,
        CapKey.SUB_PROGRAM: asking.activity.sub_program,
        CapKey.PARTNER: asking.activity.partner,
    }
    key = [parts[part] for part in cap.per]
    expression = asking.rulebook.cap_keys.get(name)
    if expression:
        key.append(str(expression.value(asking.activation)))
    return CapCounter(name, tuple(key), _window(cap, asking))


def _window(cap: Cap, asking: Asking) -> Window:
    instant, zone = asking.activity.occur_time, asking.rulebook.zone
    if cap.window.each is not None:
        return window_of(cap.window.each, instant, zone)
    assert cap.window.rolling is not None
    return rolling_window(cap.window.rolling, instant, zone)
