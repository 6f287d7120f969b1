"""The states of a lot: the same whether the sweep has been there or not."""

from __future__ import annotations

from enum import StrEnum
from operator import itemgetter
from typing import Final

from points.domain.bounds import NEVER
from points.domain.terms import read_terms
from points.domain.values import Lot


DRAW_ORDER: Final = itemgetter(*map(Lot._fields.index, ("expire_time", "number")))
"""Sorts lots as they are drawn: the earliest expiry first, then the oldest."""


class LotState(StrEnum):
    """Tells what can be done with what is left of a lot."""

    PENDING = "PENDING"
    AVAILABLE = "AVAILABLE"
    DRAWN = "DRAWN"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


OVER: Final = frozenset({LotState.EXPIRED, LotState.CANCELLED})
"""States of lots of which nothing is left, whether they have been swept or not."""


def lot_state(lot: Lot, now: int) -> LotState:
    """Returns the state of a lot at an instant.

    A lot without an activation is cancelled once it is empty or its deadline has
    come. One that has come to its expiry is expired, whatever was left of it.
    """
    if lot.activate_time == NEVER:
        is_over = lot.is_drawn or lot.expire_time <= now
        return LotState.CANCELLED if is_over else LotState.PENDING
    if lot.expire_time <= now:
        return LotState.EXPIRED
    if lot.is_drawn:
        return LotState.DRAWN
    return LotState.PENDING if lot.activate_time > now else LotState.AVAILABLE


def shown_expire_time(lot: Lot, now: int) -> int:
    """Returns when a lot expires; NEVER as long as its expiry does not run.

    A lot that waits, or waited in vain, expires when it was earned to, not at the
    deadline until which it waits.
    """
    if not lot.expiry:
        return lot.expire_time
    terms = read_terms(lot.expiry)
    if lot.activate_time == NEVER:
        return terms.expire_time
    if terms.runs and lot.activate_time > now:
        return NEVER
    return lot.expire_time
