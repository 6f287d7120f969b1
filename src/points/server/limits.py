"""Limits: an operator bounds a member."""

from __future__ import annotations

from typing import Final

from points.domain.checks import name_problem
from points.domain.commands import SetLimits
from points.domain.identity import member_account
from points.domain.limits import read_limits
from points.domain.refusals import InvalidArgument
from points.domain.values import Limits, Velocity
from points.server.answers import limits_message
from points.server.reads import Reads, View
from points.server.writes import Writes, revision_of
from points.v1 import limits_pb2 as pb


_ACTIONS: Final[dict[int, str]] = {
    number: name.removeprefix("ACTION_")
    for name, number in pb.Velocity.Action.items()
    if number
}
_WINDOWS: Final[dict[int, str]] = {
    number: name.removeprefix("WINDOW_")
    for name, number in pb.Velocity.Window.items()
    if number
}


class LimitsMethods:
    """Answers SetLimits and GetLimits."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def set_limits(self, request: pb.SetLimitsRequest) -> pb.SetLimitsResponse:
        """Bounds a member in one unit."""
        command = set_limits_command(request)
        outcome = await self._writes.execute(
            command, validate_only=request.validate_only
        )
        limits = outcome.record.result
        assert isinstance(limits, Limits)
        return pb.SetLimitsResponse(
            limits=limits_message(limits),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def get_limits(self, request: pb.GetLimitsRequest) -> pb.GetLimitsResponse:
        """Tells how a member is bound in one unit."""
        member_id, unit = request.member_id, request.unit
        problems = {"member_id": name_problem(member_id), "unit": name_problem(unit)}
        violations = {field: what for field, what in problems.items() if what}
        if violations:
            raise InvalidArgument(violations)
        part = self._reads.part_of(member_id)

        def read(view: View) -> pb.GetLimitsResponse:
            view.check_unit(unit)
            view.existing_member(part, member_id)
            account = view.snapshot.account(part, member_account(member_id), unit)
            limits = read_limits(account.limits, member_id, unit)
            return pb.GetLimitsResponse(
                limits=limits_message(limits), revision=view.revision()
            )

        return await self._reads.of_part(part, request.consistency, read)


def set_limits_command(request: pb.SetLimitsRequest) -> SetLimits:
    """Returns the command of a SetLimitsRequest."""
    return SetLimits(
        member_id=request.member_id,
        request_id=request.request_id,
        unit=request.unit,
        floor=request.floor if request.HasField("floor") else None,
        ceiling=request.ceiling if request.HasField("ceiling") else None,
        velocities=tuple(map(_velocity, request.velocities)),
        operator=request.operator,
        reason=request.reason,
    )


def _velocity(velocity: pb.Velocity) -> Velocity:
    """Returns the velocity; an unknown number is a name that is refused."""
    return Velocity(
        action=_ACTIONS.get(velocity.action, ""),
        window=_WINDOWS.get(velocity.window, ""),
        points_max=velocity.points if velocity.HasField("points") else None,
        count_max=velocity.count if velocity.HasField("count") else None,
    )
