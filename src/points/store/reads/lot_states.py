"""The states of lots as conditions of SQL: what `domain.lots` says of one lot."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_

from points.domain.bounds import NEVER
from points.domain.lots import LotState
from points.store.schema import lot


def in_states(
    states: frozenset[LotState], now: int, returned_to: Collection[int] = ()
) -> ColumnElement[bool]:
    """Returns the condition that a lot is in one of these states at an instant.

    Something is left of the lots in `returned_to`, whatever is stored of them.
    """
    drawn: Any = lot.c.is_drawn
    if returned_to:
        drawn = case((lot.c.number.in_(returned_to), 0), else_=drawn)
    found = [and_(*_conditions(state, now, drawn)) for state in sorted(states)]
    if not states & {LotState.DRAWN, LotState.EXPIRED, LotState.CANCELLED}:
        # Said once for all, so that the index on it serves.
        return and_(drawn == 0, lot.c.expire_time > now, or_(*found))
    return or_(*found)


def _conditions(
    state: LotState, now: int, drawn: Any
) -> tuple[ColumnElement[bool], ...]:
    column: Any = lot.c
    has_start, is_live = column.activate_time != NEVER, column.expire_time > now
    match state:
        case LotState.PENDING:
            return (is_live, drawn == 0, column.activate_time > now)
        case LotState.AVAILABLE:
            return (is_live, drawn == 0, column.activate_time <= now)
        case LotState.DRAWN:
            return (is_live, drawn == 1, has_start)
        case LotState.EXPIRED:
            return (~is_live, has_start)
        case LotState.CANCELLED:
            return (~has_start, or_(~is_live, drawn == 1))
