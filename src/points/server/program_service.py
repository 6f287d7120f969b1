"""ProgramService: documents are checked, compared, applied and told again."""

from __future__ import annotations

import asyncio

from points.domain.bounds import NEVER, UNSET
from points.domain.commands import ApplyProgram
from points.domain.refusals import InvalidArgument, ProgramNotFound
from points.domain.versions import STARTED_WITH, AppliedProgram, ProgramVersion
from points.engine.engine import Engine
from points.engine.jobs import Job, accepted
from points.engine.spending import with_spending
from points.program.climbing import ladders_of
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.funding import all_budgets
from points.program.loading.documents import CheckSection, load_document, unchecked
from points.program.planning import plan
from points.program.shipped import shipped_document
from points.program.started import started_document
from points.server.answers import fill_version
from points.server.documents import fill_plan, unit_kinds, usable_document, validation
from points.server.instants import instant
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View
from points.server.tier_moves import tier_moves
from points.server.writes import Writes, revision_of
from points.v1 import program_pb2
from points.v1 import program_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency
from points.v1.tier_service_pb2 import TierMove


class ProgramService:
    """Answers the calls of `points.v1.ProgramService`.

    A document is read in a thread: a large one takes longer than other calls wait.
    `check_section` knows the settings of the plugins that take part.
    """

    def __init__(
        self,
        writes: Writes,
        reads: Reads,
        engine: Engine,
        check_section: CheckSection = unchecked,
    ) -> None:
        self._writes = writes
        self._reads = reads
        self._engine = engine
        self._check_section = check_section

    async def validate_program(
        self, request: pb.ValidateProgramRequest
    ) -> pb.ValidateProgramResponse:
        """Tells what is wrong with a document."""
        return await asyncio.to_thread(validation, request, self._check_section)

    async def plan_program(
        self, request: pb.PlanProgramRequest
    ) -> pb.PlanProgramResponse:
        """Tells what a document would change."""

        def read(view: View) -> pb.PlanProgramResponse:
            new = usable_document(request, self._check_section)
            response = pb.PlanProgramResponse(
                version=view.program.version,
                tier_moves=_tier_moves(view, new),
                member_count=view.snapshot.member_count(),
            )
            fill_plan(response, plan(_document_in_force(view), new))
            return response

        return await self._reads.of_all(request.consistency, read)

    async def apply_program(
        self, request: pb.ApplyProgramRequest
    ) -> pb.ApplyProgramResponse:
        """Makes a document the next version, in all parts or in none."""
        start_time, expected = instant(request, "effective_time"), _expected(request)
        document = await asyncio.to_thread(
            usable_document, request, self._check_section
        )
        command = ApplyProgram(
            request_id=request.request_id,
            digest=digest_of(document),
            document=canonical_text(document),
            units=unit_kinds(document),
            budgets=all_budgets(document),
            zone=document.zone,
            operator=request.operator,
            reason=request.reason,
            effective_time=start_time,
            expected_version=expected,
        )
        looked = await self._looked(command)
        job = Job(
            commands=self._writes.route_everywhere(looked),
            atomic=True,
            validate_only=request.validate_only,
        )
        outcomes = accepted(await self._writes.submit(job))
        records = [outcome.record for outcome in outcomes]
        version = records[0].result
        assert isinstance(version, ProgramVersion)
        response = pb.ApplyProgramResponse(
            revision=revision_of(records), replayed=outcomes[0].replayed
        )
        fill_version(response.version, version, records[0].record_time)
        return response

    async def _looked(self, command: ApplyProgram) -> ApplyProgram:
        """Returns the command with what budgets have paid.

        Those that are less than in the program that is in force, whoever applied it.
        """
        program = await self._reads.of_all(Consistency(), lambda view: view.program)
        backend, now = self._engine.store.backend, self._engine.clock()
        return await asyncio.to_thread(with_spending, command, backend, program, now)

    async def get_program(self, request: pb.GetProgramRequest) -> pb.GetProgramResponse:
        """Tells a version and its document."""

        def read(view: View) -> pb.GetProgramResponse:
            number = view.program.version
            if request.HasField("version"):
                number = request.version
            response = pb.GetProgramResponse(revision=view.revision())
            if number == STARTED_WITH:
                document = started_document(view.started_with)
                if document is None:
                    raise ProgramNotFound(number)
                response.version.digest = digest_of(document)
                response.document = canonical_text(document)
                return response
            applied = _applied(view, number)
            response.version.CopyFrom(_message(applied))
            response.document = applied.document
            return response

        return await self._reads.of_all(request.consistency, read)

    async def list_program_versions(
        self, request: pb.ListProgramVersionsRequest
    ) -> pb.ListProgramVersionsResponse:
        """Lists the versions, the last applied first."""
        size = page_size_of(request)
        (before,) = read_token(request, start=(NEVER,))

        def read(view: View) -> pb.ListProgramVersionsResponse:
            found = view.snapshot.programs_before(before, limit=size + 1)
            page = cut(found, size, _message)
            return pb.ListProgramVersionsResponse(
                versions=page.messages,
                version_in_force=view.program.version,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)


def _expected(request: pb.ApplyProgramRequest) -> int:
    if not request.HasField("expected_version"):
        return UNSET
    if request.expected_version < 0:
        raise InvalidArgument({"expected_version": "must not be negative"})
    return request.expected_version


def _document_in_force(view: View) -> ProgramDocument:
    """Returns the document in force; the built-in one where there can be none."""
    version = view.program.version
    if version == STARTED_WITH:
        return started_document(view.started_with) or shipped_document()
    return load_document(_applied(view, version).document)


def _tier_moves(view: View, new: ProgramDocument) -> list[TierMove]:
    """Returns who would move; nobody is looked at if the ladders are the same."""
    before, after = view.program.ladders, ladders_of(new)
    if (before and before.digest) == (after and after.digest):
        return []
    count = view.snapshot.member_count()
    return tier_moves(view, before, after, count, is_new=True)


def _applied(view: View, number: int) -> AppliedProgram:
    known = 0 < number < NEVER
    found = view.snapshot.programs(range(number, number + 1)) if known else []
    if not found:
        raise ProgramNotFound(number)
    return found[0]


def _message(applied: AppliedProgram) -> program_pb2.ProgramVersion:
    message = program_pb2.ProgramVersion()
    fill_version(message, applied.told(), applied.apply_time)
    return message


def _token(request: pb.ListProgramVersionsRequest, last: AppliedProgram | None) -> str:
    return "" if last is None else write_token(request, (last.version,))
