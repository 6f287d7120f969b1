"""Reactions: what plugins are told of records, and how what they do is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from points.domain.activities import Activity
from points.domain.identity import (
    ISSUANCE,
    RESERVED_PREFIX,
    member_account,
    transaction_id,
)
from points.domain.state import Decision
from points.domain.values import Kind, Member, Record, Transaction
from points.engine.plugins.work import Work
from points.engine.recording import carry_out_side
from points.engine.tallies import Hook
from points.plugin.reactions import Reaction, Recorded
from points.plugin.registry import Plugin


class Listening(NamedTuple):
    """Is a reaction with the channels that it does not react to."""

    plugin: Plugin
    reaction: Reaction
    channels: frozenset[str]
    hook: Hook

    @classmethod
    def of(cls, plugin: Plugin, reaction: Reaction) -> Listening:
        """Returns the reaction of a plugin, which leaves its own channels alone."""
        channels = frozenset(each.name for each in plugin.channels)
        hook = (plugin.name, f"reaction/{reaction.name}")
        return cls(plugin, reaction, channels, hook)


def recorded_of(record: Record) -> Recorded | None:
    """Returns a record as plugins see it; None for one of no member."""
    result = record.result
    if isinstance(result, Transaction):
        return _of_transaction(record, result)
    if not isinstance(result, Member):
        return None
    return Recorded(
        record.place().transaction_id(),
        str(record.kind),
        record.member_id,
        record.channel,
        {},
        "",
        record.effective_time,
        result.attributes,
    )


def _of_transaction(record: Record, result: Transaction) -> Recorded:
    # In their order: it is made of every earn that anybody reacts to.
    moved, transacted = _amounts(record.member_id, result)
    return Recorded(
        transaction_id(record.part, record.number),
        str(record.kind),
        record.member_id,
        record.channel,
        moved,
        result.reason,
        record.effective_time,
        result.metadata,
        _activity(result.activity) if result.activity else None,
        result.reverses.transaction_id() if result.reverses else "",
        result.counterparty,
        transacted,
        result.returned_items != () and not result.returns_all,
    )


def _amounts(
    member_id: str, result: Transaction
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Returns what has moved of the member's balance, and what was transacted."""
    if len(result.postings) == 1:
        ((source, destination, unit, points),) = result.postings
        if source == ISSUANCE and destination == member_account(member_id):
            earned = {unit: points}
            return earned, earned
    return points_by_unit(member_id, result), transacted_by(result)


def record_reaction(work: Work, cause: Record, decision: Decision) -> None:
    """Records what a reaction has done, in the part of what it reacted to."""
    workspace = work.workspace
    request_id = f"{RESERVED_PREFIX}reaction/{work.plugin.name}/{work.name}"
    record = cause._replace(
        number=workspace.stamp(cause.part).number,
        request_id=request_id,
        kind=Kind.CALL,
        channel=decision.channel,
        fingerprint=work.name,
        effective_time=decision.effective_time,
        result=decision.result,
        salt="",
    )
    workspace.carry_out(record, decision)
    for side in decision.sides:
        carry_out_side(workspace, record, side)


def points_by_unit(member_id: str, transaction: Transaction) -> Mapping[str, int]:
    """Returns by how many points the member's balance has moved, by unit."""
    name = member_account(member_id)
    found: dict[str, int] = {}
    for source, destination, unit, points in transaction.postings:
        moved = points * ((destination == name) - (source == name))
        if moved:
            found[unit] = found.get(unit, 0) + moved
    return found


def transacted_by(transaction: Transaction) -> Mapping[str, int]:
    """Returns the points that came from or went to nobody, by unit.

    Of a reverse those that go back there.
    """
    found: dict[str, int] = {}
    is_back = transaction.reverses is not None
    for source, destination, unit, points in transaction.postings:
        start, end = (destination, source) if is_back else (source, destination)
        if start == ISSUANCE or end.startswith("burn:"):
            found[unit] = found.get(unit, 0) + points
    return found


def _activity(activity: Activity) -> Mapping[str, Any]:
    """Returns what was reported as plain values; `amount` is the money."""
    told = activity._asdict()
    told["amount"] = told.pop("money")
    told["items"] = tuple(item._asdict() for item in activity.items)
    return told
