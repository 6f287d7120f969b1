"""Holds: the calls that place, capture, void and read them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any, Final, TypeVar

from points.domain.bounds import NEVER
from points.domain.commands import Command
from points.domain.identity import Place
from points.domain.refusals import HoldNotFound, InvalidArgument
from points.domain.values import Hold, HoldState, Kind, Record, Transaction
from points.engine.jobs import Outcome
from points.server.answers import fill_draws, fill_time
from points.server.hold_requests import (
    capture_hold_command,
    place_hold_command,
    void_hold_command,
)
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View, check_names, check_unit_name
from points.server.writes import Writes, fill_answer
from points.store.reads.holds import PlacedHold
from points.v1 import hold_pb2 as pb
from points.v1.consistency_pb2 import Consistency


Written = TypeVar("Written", bound=Any)
"""A response with a transaction, a revision, whether it is a replay, and a hold."""

_STATES: Final = {
    HoldState(name.removeprefix("STATE_")): number
    for name, number in pb.Hold.State.items()
    if number
}
_STATES_OF: Final = {number: state for state, number in _STATES.items()}
_ACTIONS: Final = {
    name.removeprefix("TIMEOUT_ACTION_"): number
    for name, number in pb.TimeoutAction.items()
}


class HoldMethods:
    """Answers the calls about holds."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def place_hold(self, request: pb.PlaceHoldRequest) -> pb.PlaceHoldResponse:
        """Reserves points of a member for a burn."""
        command = place_hold_command(request)
        return await self._answer(command, request, pb.PlaceHoldResponse())

    async def capture_hold(
        self, request: pb.CaptureHoldRequest
    ) -> pb.CaptureHoldResponse:
        """Burns points of an open hold."""
        command = capture_hold_command(request)
        return await self._answer(command, request, pb.CaptureHoldResponse())

    async def void_hold(self, request: pb.VoidHoldRequest) -> pb.VoidHoldResponse:
        """Gives all open points of a hold back."""
        command = void_hold_command(request)
        return await self._answer(command, request, pb.VoidHoldResponse())

    async def get_hold(self, request: pb.GetHoldRequest) -> pb.GetHoldResponse:
        """Returns one hold."""
        check_names(hold_id=request.hold_id)
        place = Place.of_hold(request.hold_id)
        if place is None or not self._reads.has(place):
            raise HoldNotFound(request.hold_id)

        def read(view: View) -> pb.GetHoldResponse:
            found = view.snapshot.hold(place, now=view.now)
            if found is None:
                raise HoldNotFound(request.hold_id)
            return pb.GetHoldResponse(hold=_message(found), revision=view.revision())

        return await self._reads.of_part(place.part, request.consistency, read)

    async def list_holds(self, request: pb.ListHoldsRequest) -> pb.ListHoldsResponse:
        """Lists the holds of a member, the latest placed first."""
        check_names(member_id=request.member_id)
        check_unit_name(request.unit)
        size = page_size_of(request)
        states = _states(request.states)
        (before,) = read_token(request, start=(NEVER,))
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.ListHoldsResponse:
            view.check_unit(request.unit)
            view.existing_member(part, request.member_id)
            found = view.snapshot.holds(
                part,
                request.member_id,
                unit=request.unit,
                states=states,
                before=before,
                now=view.now,
                limit=size + 1,
            )
            page = cut(found, size, _message)
            return pb.ListHoldsResponse(
                holds=page.messages,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def _answer(
        self, command: Command, request: Any, response: Written
    ) -> Written:
        """Returns the response with the hold as the command left it.

        What a hold began with stands in the record that placed it, which for a
        later command is read here.
        """
        validate_only: bool = request.validate_only
        outcome = await self._writes.execute(command, validate_only=validate_only)
        fill_answer(response, outcome)
        hold = _hold_of(outcome)
        placing = outcome.record
        is_placed = placing.kind is Kind.HOLD
        if not is_placed:
            look = partial(_placing_record, hold=hold)
            placing = await self._reads.of_part(hold.part, Consistency(), look)
        _fill(response.hold, PlacedHold(hold, placing))
        if is_placed:
            # The very draws of the answer's transaction: to copy them costs half.
            response.hold.draws.MergeFrom(response.transaction.draws)
        else:
            _fill_draws(response.hold, placing)
        if validate_only:
            response.hold.ClearField("hold_id")
            if is_placed:
                response.hold.ClearField("transaction_id")
        return response


def _hold_of(outcome: Outcome) -> Hold:
    transaction = outcome.record.result
    assert isinstance(transaction, Transaction)
    assert transaction.hold is not None
    return transaction.hold


def _placing_record(view: View, *, hold: Hold) -> Record:
    record = view.snapshot.record(hold.part, hold.record_number)
    assert record is not None
    return record


def _message(placed: PlacedHold) -> pb.Hold:
    """Returns a hold as a message."""
    message = pb.Hold()
    _fill(message, placed)
    _fill_draws(message, placed.record)
    return message


def _fill(message: pb.Hold, placed: PlacedHold) -> None:
    """Writes a hold into an empty message, but for its draws."""
    hold, record = placed
    message.hold_id = hold.place().hold_id()
    message.member_id = hold.member_id
    message.unit = hold.unit
    message.points = hold.points
    message.open_points = hold.open_points
    message.captured_points = hold.captured_points
    message.voided_points = hold.voided_points
    message.state = _STATES[hold.state]
    message.on_timeout = _ACTIONS[hold.on_timeout]
    message.freeze_expiry = hold.freeze_expiry
    message.reason = hold.reason
    message.transaction_id = Place(hold.part, hold.record_number).transaction_id()
    message.sink = hold.sink
    message.metadata.update(_began(record).metadata)
    fill_time(message.place_time, hold.place_time)
    fill_time(message.update_time, hold.update_time)
    if hold.lapse_time != NEVER:
        fill_time(message.lapse_time, hold.lapse_time)


def _fill_draws(message: pb.Hold, placing: Record) -> None:
    """Writes what a hold began with into its message."""
    fill_draws(message.draws, _began(placing).draws)


def _began(placing: Record) -> Transaction:
    assert isinstance(placing.result, Transaction)
    return placing.result


def _states(numbers: Collection[pb.Hold.State.ValueType]) -> list[HoldState]:
    """Returns the states to list; raises InvalidArgument for one there is not."""
    if any(number not in _STATES_OF for number in numbers):
        raise InvalidArgument({"states": "must be states that holds have"})
    return [_STATES_OF[number] for number in numbers] or [HoldState.OPEN]


def _token(request: pb.ListHoldsRequest, last: PlacedHold | None) -> str:
    return "" if last is None else write_token(request, (last.hold.number,))
