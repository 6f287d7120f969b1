"""Transfer: one member gives points to another."""

from __future__ import annotations

from points.domain.commands import Transfer
from points.server.instants import instant
from points.server.writes import Writes
from points.v1 import ledger_service_pb2 as pb


class TransferMethods:
    """Answers Transfer."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    async def transfer(self, request: pb.TransferRequest) -> pb.TransferResponse:
        """Gives points of a member to another one."""
        return await self._writes.answer(
            transfer_command(request),
            pb.TransferResponse(),
            validate_only=request.validate_only,
        )


def transfer_command(request: pb.TransferRequest) -> Transfer:
    """Returns the command of a TransferRequest."""
    return Transfer(
        member_id=request.member_id,
        request_id=request.request_id,
        to_member_id=request.to_member_id,
        unit=request.unit,
        points=request.points,
        reason=request.reason,
        fee_points=request.fee_points,
        fee_account=request.fee_account,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )
