"""Reverse and adjust, and what has been reversed of the transactions that are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from points.domain.identity import Place
from points.domain.values import Kind, Record
from points.server.answers import transaction_message
from points.server.reversal_requests import adjust_command, reverse_command
from points.server.writes import Writes
from points.store.reads.reader import Snapshot
from points.store.reads.reversals import Reversed, read_reversed
from points.v1 import ledger_service_pb2 as pb
from points.v1 import transaction_pb2


class ReversalMethods:
    """Answers Reverse and Adjust."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    async def reverse(self, request: pb.ReverseRequest) -> pb.ReverseResponse:
        """Undoes a transaction, wholly or in part."""
        return await self._writes.answer(
            reverse_command(request),
            pb.ReverseResponse(),
            validate_only=request.validate_only,
        )

    async def adjust(self, request: pb.AdjustRequest) -> pb.AdjustResponse:
        """Adds or takes points by hand."""
        return await self._writes.answer(
            adjust_command(request),
            pb.AdjustResponse(),
            validate_only=request.validate_only,
        )


def reversed_of(
    snapshot: Snapshot, records: Sequence[Record]
) -> Mapping[Place, Reversed]:
    """Returns what has been reversed of those transactions of one part."""
    numbers = [r.number for r in records if r.kind in _REVERSIBLE]
    if not numbers:
        return {}
    return read_reversed(snapshot, records[0].part, numbers)


def read_transaction_message(
    record: Record, found: Mapping[Place, Reversed]
) -> transaction_pb2.Transaction:
    """Returns a transaction as a message that tells what has been reversed of it."""
    message = transaction_message(record)
    undone = found.get(record.place())
    if undone is not None:
        message.reversed_points = undone.points
        message.reversed_by.extend(place.transaction_id() for place in undone.by)
    return message


_REVERSIBLE = (Kind.EARN, Kind.ACTIVITY, Kind.CLAIM, Kind.BURN, Kind.CAPTURE)
