"""Standings as they are written: in the bodies of records, and in their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from points.domain.bounds import NEVER
from points.domain.standings import Standing, StandingCause, StandingChange, TierChange


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode
_HISTORY: Final = Standing._fields.index("history")
_TIMES: Final = ("until_time", "lose_time", "floor_until_time", "due_time")


def standing_tree(standing: Standing) -> list[Any]:
    """Returns the fields of a standing but its part and member, which a record has."""
    never: dict[str, Any] = {
        name: None for name in _TIMES if getattr(standing, name) == NEVER
    }
    _, _, *rest, noticed_time = standing._replace(**never)
    return [*rest, noticed_time] if noticed_time else rest


def read_standing(tree: Sequence[Any], part: int, member_id: str) -> Standing:
    """Returns the standing that `standing_tree` wrote for this member."""
    standing = Standing(part, member_id, *tree)
    times: dict[str, Any] = {
        name: NEVER for name in _TIMES if getattr(standing, name) is None
    }
    return standing._replace(
        cause=StandingCause(standing.cause),
        history=_read_changes(standing.history),
        **times,
    )


def change_tree(change: StandingChange) -> dict[str, Any]:
    """Returns a change of standings as a tree."""
    tree: dict[str, Any] = {"standings": list(map(standing_tree, change.standings))}
    told = {"operator": change.operator, "reason": change.reason}
    return tree | {name: text for name, text in told.items() if text}


def read_change(tree: dict[str, Any], part: int, member_id: str) -> StandingChange:
    """Returns the change that `change_tree` wrote for this member."""
    found = (read_standing(each, part, member_id) for each in tree["standings"])
    return StandingChange(
        tuple(found), tree.get("operator", ""), tree.get("reason", "")
    )


def standing_row(standing: Standing) -> tuple[Any, ...]:
    """Returns the row of a standing."""
    plain: dict[str, Any] = {
        "cause": standing.cause.value,
        "history": _encode(standing.history).decode(),
    }
    return tuple(standing._replace(**plain))


def standing_of(row: Sequence[Any]) -> Standing:
    """Returns the standing in a row."""
    standing = Standing(*row)
    history = _read_changes(_decode(row[_HISTORY]))
    return standing._replace(cause=StandingCause(standing.cause), history=history)


def _read_changes(trees: Iterable[Any]) -> tuple[TierChange, ...]:
    return tuple(
        TierChange(tier, time, StandingCause(cause)) for tier, time, cause in trees
    )
