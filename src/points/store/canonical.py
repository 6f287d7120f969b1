"""The one way in which records are written down: JSON without spaces, keys in order.

A record's columns hold what is searched for; its body, written here, holds the
rest. The text of a body never changes once it is stored, and reading it back
gives the value that was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from points.domain.bounds import NEVER
from points.domain.identity import Place
from points.domain.refusals import Frozen, Refusal, frozen_reasons
from points.domain.values import Draw, Lot, Member, MemberState, Posting, Transaction


_FROZEN = frozen_reasons()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def write_pairs(pairs: Mapping[str, str]) -> str:
    """Returns metadata or attributes as text, in the order of the keys."""
    return _encode(_in_order(pairs)).decode()


def read_pairs(text: str) -> dict[str, str]:
    """Returns the metadata or attributes that `write_pairs` wrote."""
    pairs: dict[str, str] = _decode(text)
    return pairs


def write_result(result: Transaction | Member | Refusal) -> str:
    """Returns the body of a record with this result."""
    match result:
        case Transaction():
            return _encode({"transaction": _transaction_tree(result)}).decode()
        case Member():
            return _encode({"member": _member_tree(result)}).decode()
        case Frozen():
            tree = {"reason": result.reason(), "data": result.freeze()}
            return _encode({"refusal": tree}).decode()
    message = f"{type(result).__name__} is never recorded"
    raise TypeError(message)


def read_result(
    body: str, *, part: int, member_id: str
) -> Transaction | Member | Refusal:
    """Returns the result that `write_result` wrote for a record of this member."""
    ((name, tree),) = _decode(body).items()
    if name == "transaction":
        return _read_transaction(tree, part, member_id)
    if name == "member":
        return _read_member(tree, part, member_id)
    return _FROZEN[tree["reason"]].thaw(tree["data"])


def _transaction_tree(transaction: Transaction) -> dict[str, Any]:
    return {
        "postings": transaction.postings,
        "balance_after": transaction.balance_after,
        "reason": transaction.reason,
        "metadata": _in_order(transaction.metadata),
        "draws": [
            [draw.lot.part, draw.lot.number, draw.points, _instant(draw.expire_time)]
            for draw in transaction.draws
        ],
        "lots": [_lot_tree(lot) for lot in transaction.lots],
    }


def _lot_tree(lot: Lot) -> list[Any]:
    return [
        lot.number,
        lot.record_number,
        lot.unit,
        lot.points,
        lot.earn_time,
        lot.activate_time,
        _instant(lot.expire_time),
    ]


def _member_tree(member: Member) -> dict[str, Any]:
    return {
        "state": member.state,
        "attributes": _in_order(member.attributes),
        "create_time": member.create_time,
        "update_time": member.update_time,
        "version": member.version,
    }


def _read_transaction(tree: dict[str, Any], part: int, member_id: str) -> Transaction:
    return Transaction(
        postings=tuple(Posting(*posting) for posting in tree["postings"]),
        balance_after=tree["balance_after"],
        reason=tree["reason"],
        metadata=tree["metadata"],
        draws=tuple(
            Draw(Place(lot_part, number), points, _read_instant(expire_time))
            for lot_part, number, points, expire_time in tree["draws"]
        ),
        lots=tuple(_read_lot(lot, part, member_id) for lot in tree["lots"]),
    )


def _read_lot(tree: list[Any], part: int, member_id: str) -> Lot:
    number, record_number, unit, points, earn_time, activate_time, expire_time = tree
    return Lot(
        part=part,
        number=number,
        member_id=member_id,
        unit=unit,
        points=points,
        remaining=points,
        earn_time=earn_time,
        activate_time=activate_time,
        expire_time=_read_instant(expire_time),
        record_number=record_number,
    )


def _read_member(tree: dict[str, Any], part: int, member_id: str) -> Member:
    return Member(
        part=part,
        member_id=member_id,
        state=MemberState(tree["state"]),
        attributes=tree["attributes"],
        create_time=tree["create_time"],
        update_time=tree["update_time"],
        version=tree["version"],
    )


def _in_order(pairs: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(pairs.items())) if pairs else {}


def _instant(instant: int) -> int | None:
    """Returns the instant, with None for never: readers need not know the sentinel."""
    return None if instant == NEVER else instant


def _read_instant(instant: int | None) -> int:
    return NEVER if instant is None else instant
