"""The states of lots as conditions of SQL: what `domain.lots` says of one lot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from points.domain.bounds import NEVER
from points.domain.lots import LotState
from points.store.schema import lot


def in_states(states: frozenset[LotState], now: int) -> ColumnElement[bool]:
    """Returns the condition that a lot is in one of these states at an instant."""
    found = [and_(*_conditions(state, now)) for state in sorted(states)]
    if not states & {LotState.DRAWN, LotState.EXPIRED, LotState.CANCELLED}:
        # Said once for all, so that the index on it serves.
        return and_(lot.c.is_drawn == 0, lot.c.expire_time > now, or_(*found))
    return or_(*found)


def _conditions(state: LotState, now: int) -> tuple[ColumnElement[bool], ...]:
    column: Any = lot.c
    has_start, is_live = column.activate_time != NEVER, column.expire_time > now
    match state:
        case LotState.PENDING:
            return (is_live, column.is_drawn == 0, column.activate_time > now)
        case LotState.AVAILABLE:
            return (is_live, column.is_drawn == 0, column.activate_time <= now)
        case LotState.DRAWN:
            return (is_live, column.is_drawn == 1, has_start)
        case LotState.EXPIRED:
            return (~is_live, has_start)
        case LotState.CANCELLED:
            return (~has_start, or_(~is_live, column.is_drawn == 1))
