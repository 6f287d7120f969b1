"""GetBalances: by a glance where one tells it all, else from a snapshot."""

from __future__ import annotations

from concurrent.futures import Executor

from points.domain.refusals import MemberNotFound
from points.domain.values import Balances
from points.engine.engine import Engine
from points.server.answers import balances_message
from points.server.glances import Glances
from points.server.reads import (
    Reads,
    View,
    check_names,
    check_unit_name,
    revision_of,
    wanted_numbers,
)
from points.server.timelines import read_balances
from points.store.reads.glances import Glance
from points.v1 import ledger_service_pb2 as pb


class BalanceMethods:
    """Answers GetBalances."""

    def __init__(self, reads: Reads, engine: Engine, threads: Executor) -> None:
        self._reads = reads
        self._programs = engine.programs
        self._glances = Glances(engine, threads)

    async def get_balances(
        self, request: pb.GetBalancesRequest
    ) -> pb.GetBalancesResponse:
        """Tells what a member has."""
        check_names(member_id=request.member_id)
        check_unit_name(request.unit)
        part = self._reads.part_of(request.member_id)
        glance = await self._glance(part, request)
        if glance is not None:
            return self._by_glance(part, request, glance)

        def read(view: View) -> pb.GetBalancesResponse:
            view.check_unit(request.unit)
            found = read_balances(view, part, request)
            return _response(request, found, view.revision())

        return await self._reads.of_part(part, request.consistency, read)

    async def _glance(self, part: int, request: pb.GetBalancesRequest) -> Glance | None:
        """Returns a glance that tells all that is asked for, else None."""
        wanted = wanted_numbers(request.consistency)
        if request.HasField("record_time") or not wanted.keys() <= {part}:
            return None
        glance = await self._glances.of(part, request.member_id)
        is_fresh = glance is not None and wanted.get(part, 0) <= glance.last_number
        return glance if is_fresh else None

    def _by_glance(
        self, part: int, request: pb.GetBalancesRequest, glance: Glance
    ) -> pb.GetBalancesResponse:
        if request.unit:
            self._programs.at(glance.now).unit(request.unit)
        if not glance.is_member:
            raise MemberNotFound(request.member_id)
        revision = revision_of({part: glance.last_number})
        return _response(request, glance.balances(), revision)


def _response(
    request: pb.GetBalancesRequest, found: list[Balances], revision: str
) -> pb.GetBalancesResponse:
    if request.unit:
        found = [each for each in found if each.unit == request.unit]
        found = found or [Balances(unit=request.unit)]
    messages = [balances_message(each) for each in found]
    return pb.GetBalancesResponse(balances=messages, revision=revision)
