"""The program and its versions, for Python programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from points.client.connection import Connection
from points.client.requests import given_or_new, to_timestamp
from points.v1 import program_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency
from points.v1.program_pb2 import ProgramVersion


YAML: Final = pb.DOCUMENT_FORMAT_YAML


class ProgramCalls(Connection):
    """Adds the calls about the program to a connection."""

    def validate_program(
        self, document: str, *, document_format: pb.DocumentFormat.ValueType = YAML
    ) -> pb.ValidateProgramResponse:
        """Says what is wrong with a document, and what is seldom wise."""
        request = pb.ValidateProgramRequest(document=document, format=document_format)
        return self._call(self.programs.ValidateProgram, request)

    def plan_program(
        self,
        document: str,
        *,
        document_format: pb.DocumentFormat.ValueType = YAML,
        consistency: Consistency | None = None,
    ) -> pb.PlanProgramResponse:
        """Says what a document would change of the version in force."""
        request = pb.PlanProgramRequest(
            document=document, format=document_format, consistency=consistency
        )
        return self._call(self.programs.PlanProgram, request)

    def apply_program(
        self,
        document: str,
        *,
        operator: str,
        reason: str,
        document_format: pb.DocumentFormat.ValueType = YAML,
        effective_time: datetime | None = None,
        expected_version: int | None = None,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> pb.ApplyProgramResponse:
        """Makes a document the next version of the program.

        Args:
            document: Its text.
            operator: Who applies it.
            reason: Why.
            document_format: How it is written.
            effective_time: When it begins, with a time zone; now if None.
            expected_version: Last version that you know; not checked if None.
            request_id: Makes the call safe to repeat; made up unless given.
            validate_only: Does every check and changes nothing.
        """
        request = pb.ApplyProgramRequest(
            document=document,
            format=document_format,
            expected_version=expected_version,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        if effective_time is not None:
            request.effective_time.CopyFrom(to_timestamp(effective_time))
        return self._call(self.programs.ApplyProgram, request)

    def get_program(
        self, version: int | None = None, *, consistency: Consistency | None = None
    ) -> pb.GetProgramResponse:
        """Returns a version with its document; the one in force if None."""
        request = pb.GetProgramRequest(version=version, consistency=consistency)
        return self._call(self.programs.GetProgram, request)

    def list_program_versions(
        self, *, page_size: int = 0, consistency: Consistency | None = None
    ) -> Iterator[ProgramVersion]:
        """Yields the versions, the last applied first, page by page."""
        request = pb.ListProgramVersionsRequest(
            page_size=page_size, consistency=consistency
        )
        for page in self._pages(self.programs.ListProgramVersions, request):
            yield from page.versions
