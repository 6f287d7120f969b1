"""Single lots: activated, cancelled and extended."""

from __future__ import annotations

from typing import Final

from points.domain.bounds import UNSET
from points.domain.commands import ActivateLot, CancelLot, ExtendLot
from points.domain.lots import LotState
from points.domain.refusals import InvalidArgument
from points.server.instants import instant
from points.server.writes import Writes
from points.v1 import ledger_service_pb2 as pb
from points.v1 import lot_pb2


_STATES: Final = {
    number: LotState(name.removeprefix("STATE_"))
    for name, number in lot_pb2.Lot.State.items()
    if number
}


class LotMethods:
    """Answers the calls of `points.v1.LedgerService` that change one lot."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    async def activate_lot(
        self, request: pb.ActivateLotRequest
    ) -> pb.ActivateLotResponse:
        """Makes a pending lot usable now."""
        return await self._writes.answer(
            activate_lot(request),
            pb.ActivateLotResponse(),
            validate_only=request.validate_only,
        )

    async def cancel_lot(self, request: pb.CancelLotRequest) -> pb.CancelLotResponse:
        """Takes a pending lot away before it becomes usable."""
        return await self._writes.answer(
            cancel_lot(request),
            pb.CancelLotResponse(),
            validate_only=request.validate_only,
        )

    async def extend_lot(self, request: pb.ExtendLotRequest) -> pb.ExtendLotResponse:
        """Lets a lot expire later."""
        return await self._writes.answer(
            extend_lot(request),
            pb.ExtendLotResponse(),
            validate_only=request.validate_only,
        )


def activate_lot(request: pb.ActivateLotRequest) -> ActivateLot:
    """Returns the command of an ActivateLotRequest."""
    return ActivateLot(
        member_id=request.member_id,
        request_id=request.request_id,
        lot_id=request.lot_id,
        reason=request.reason,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def cancel_lot(request: pb.CancelLotRequest) -> CancelLot:
    """Returns the command of a CancelLotRequest."""
    return CancelLot(
        member_id=request.member_id,
        request_id=request.request_id,
        lot_id=request.lot_id,
        reason=request.reason,
        effective_time=instant(request, "effective_time"),
        metadata=dict(request.metadata),
    )


def extend_lot(request: pb.ExtendLotRequest) -> ExtendLot:
    """Returns the command of an ExtendLotRequest."""
    return ExtendLot(
        member_id=request.member_id,
        request_id=request.request_id,
        lot_id=request.lot_id,
        reason=request.reason,
        operator=request.operator,
        expire_time=instant(request, "expire_time", absent=UNSET),
        metadata=dict(request.metadata),
    )


def lot_states(request: pb.ListLotsRequest) -> frozenset[LotState]:
    """Returns the states that a list names; raises InvalidArgument."""
    if request.states and request.show_closed:
        what = "must not be given together with show_closed"
        raise InvalidArgument({"states": what})
    unknown = next((number for number in request.states if number not in _STATES), None)
    if unknown is not None:
        raise InvalidArgument({"states": f"must be of Lot.State, not {unknown}"})
    return frozenset(_STATES[number] for number in request.states)
