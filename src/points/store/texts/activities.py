"""What a transaction says of an activity, as plain values for its record's body."""

from __future__ import annotations

from typing import Any, Final

from points.domain.activities import Activity, Award, Item
from points.domain.bounds import NEVER
from points.domain.progress import Move
from points.domain.values import Transaction


_NO_ACTIVITY: Final = Activity("", 0)
_NO_ITEM: Final = Item("")
_SHARES: Final = Award._fields.index("shares")


def activity_tree(transaction: Transaction) -> dict[str, Any]:
    """Returns the activity, its awards, and how they moved the member's progress.

    As far as there are any.
    """
    tree: dict[str, Any] = {}
    if transaction.activity:
        tree["activity"] = _fields(transaction.activity, _NO_ACTIVITY)
    if transaction.awards:
        tree["awards"] = [_award_tree(award) for award in transaction.awards]
    if transaction.moves:
        tree["moves"] = [_move_tree(move) for move in transaction.moves]
    if transaction.remainders:
        tree["remainders"] = transaction.remainders
    return tree


def read_activity(tree: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of a transaction that `activity_tree` wrote."""
    activity = tree.get("activity")
    return {
        "activity": _read_activity(activity) if activity else None,
        "awards": tuple(map(_read_award, tree.get("awards", ()))),
        "moves": tuple(map(_read_move, tree.get("moves", ()))),
        "remainders": tuple((n, rest) for n, rest in tree.get("remainders", ())),
    }


def _fields(value: Activity | Item, absent: Activity | Item) -> dict[str, Any]:
    """Returns the fields that say something, but never the last one: attributes."""
    told = zip(value._fields[:-1], value, absent, strict=False)
    tree = {name: found for name, found, default in told if found != default}
    if value.__class__ is Activity and value.items:
        tree["items"] = [_fields(item, _NO_ITEM) for item in value.items]
    return tree


def _read_activity(tree: dict[str, Any]) -> Activity:
    items = tuple(Item(**{"id": "", **item}) for item in tree.get("items", ()))
    return _NO_ACTIVITY._replace(**tree | {"items": items})


def _award_tree(award: Award) -> tuple[Any, ...]:
    """Returns the award without the last of its fields that say nothing."""
    if award.claim_position:
        return award
    return award[:_SHARES] if not award.shares else award[: _SHARES + 1]


def _read_award(tree: list[Any]) -> Award:
    rule_id, number, unit, points, lot_number, explanation, *rest = tree
    shares = tuple((item_id, share) for item_id, share in (rest[0] if rest else ()))
    steps, position = tuple(explanation), rest[1] if len(rest) > 1 else 0
    return Award(rule_id, number, unit, points, lot_number, steps, shares, position)


def _move_tree(move: Move) -> list[Any]:
    name, by, end_time = move
    return [name, by] if end_time == NEVER else [name, by, end_time]


def _read_move(tree: list[Any]) -> Move:
    name, by, *rest = tree
    return Move(name, by, rest[0] if rest else NEVER)
