"""Transactions as trees, and back: the body of most records."""

from __future__ import annotations

from typing import Any, Final

from points.domain.values import Posting, ReasonCode, Transaction
from points.store.texts.activities import activity_tree, read_activity
from points.store.texts.claims import claim_tree, read_claim
from points.store.texts.standings import read_standing, standing_tree
from points.store.texts.trees import (
    draw_trees,
    hold_tree,
    lot_tree,
    move_tree,
    read_draw,
    read_hold,
    read_lot,
    read_move,
    read_place,
    read_retimed,
)


_ACTIVITY: Final = {"activity", "awards", "moves", "remainders"}
_NO_TRANSACTION: Final = Transaction((), 0, "", {})
_NO_MORE: Final = _NO_TRANSACTION[6:]
_MOVED: Final = slice(6, Transaction._fields.index("activity"))
_EARNED: Final = slice(_MOVED.stop, Transaction._fields.index("counters"))
_COUNTED: Final = slice(_EARNED.stop, None)
_NOT_MOVED: Final = _NO_TRANSACTION[_MOVED]
_NOT_EARNED: Final = _NO_TRANSACTION[_EARNED]
_NOT_COUNTED: Final = _NO_TRANSACTION[_COUNTED]


def transaction_tree(transaction: Transaction) -> dict[str, Any]:
    """Returns a transaction, without what is as it is by default."""
    tree: dict[str, Any] = {
        "postings": transaction.postings,
        "balance_after": transaction.balance_after,
        "reason": transaction.reason,
    }
    if transaction.draws:
        tree["draws"] = draw_trees(transaction.draws)
    if transaction.lots:
        tree["lots"] = [lot_tree(lot) for lot in transaction.lots]
    # Most transactions have none of the rest, and most commands are these two.
    return tree if transaction[6:] == _NO_MORE else tree | _more(transaction)


def _more(transaction: Transaction) -> dict[str, Any]:
    """Returns the fields of a transaction that only few kinds have.

    Most have some of one kind alone: those of the others are not even looked at.
    """
    tree: dict[str, Any] = {}
    if transaction[_MOVED] != _NOT_MOVED:
        tree |= _moved(transaction)
    if transaction[_COUNTED] != _NOT_COUNTED:
        tree |= _counted(transaction)
    tree = {name: value for name, value in tree.items() if value}
    if transaction[_EARNED] != _NOT_EARNED:
        tree |= activity_tree(transaction)
    return tree


def _moved(transaction: Transaction) -> dict[str, Any]:
    reverses, other = transaction.reverses, transaction.counterparty_place
    return {
        "returns": draw_trees(transaction.returns),
        "retimed": draw_trees(transaction.retimed),
        "hold": transaction.hold and hold_tree(transaction.hold),
        "reverses": reverses and list(reverses),
        "reason_code": transaction.reason_code,
        "operator": transaction.operator,
        "counterparty": transaction.counterparty,
        "counterparty_place": other and list(other),
    }


def _counted(transaction: Transaction) -> dict[str, Any]:
    return {
        "counters": [move_tree(move) for move in transaction.counters],
        "standings": list(map(standing_tree, transaction.standings)),
        "claims": list(map(claim_tree, transaction.claims)),
        "unswept": draw_trees(transaction.unswept),
        "returned_items": transaction.returned_items,
        "returns_all": transaction.returns_all,
    }


def read_transaction(
    tree: dict[str, Any], metadata: dict[str, str], part: int, member_id: str
) -> Transaction:
    """Returns the transaction of a tree."""
    hold, code = tree.get("hold"), tree.get("reason_code")
    return Transaction(
        postings=tuple(Posting(*posting) for posting in tree["postings"]),
        balance_after=tree["balance_after"],
        reason=tree["reason"],
        metadata=metadata,
        draws=tuple(map(read_draw, tree.get("draws", ()))),
        lots=tuple(read_lot(lot, part, member_id) for lot in tree.get("lots", ())),
        returns=tuple(map(read_draw, tree.get("returns", ()))),
        retimed=tuple(map(read_retimed, tree.get("retimed", ()))),
        hold=read_hold(hold, part, member_id) if hold else None,
        reverses=read_place(tree.get("reverses")),
        reason_code=ReasonCode(code) if code else None,
        operator=tree.get("operator", ""),
        counterparty=tree.get("counterparty", ""),
        counterparty_place=read_place(tree.get("counterparty_place")),
        standings=tuple(
            read_standing(each, part, member_id) for each in tree.get("standings", ())
        ),
        claims=tuple(
            read_claim(each, part, member_id) for each in tree.get("claims", ())
        ),
        **(read_activity(tree) if _ACTIVITY & tree.keys() else {}),
        counters=tuple(map(read_move, tree.get("counters", ()))),
        unswept=tuple(map(read_draw, tree.get("unswept", ()))),
        returned_items=tuple(tree.get("returned_items", ())),
        returns_all=tree.get("returns_all", False),
    )
