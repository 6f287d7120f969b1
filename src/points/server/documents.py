"""Documents of the program from requests, and what is told about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from points.domain.refusals import InvalidArgument
from points.domain.versions import UnitKinds
from points.program.bridge import program_of_text
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.lints import lints_of
from points.program.loading.documents import (
    CheckSection,
    Format,
    load_document,
    load_tree,
    read_tree,
)
from points.program.planning import Change, ChangeKind, Difference, Plan, shown_value
from points.program.problems import DocumentWrong, Problem
from points.v1 import program_service_pb2 as pb


_FORMATS: Final = {
    pb.DOCUMENT_FORMAT_UNSPECIFIED: Format.YAML,
    pb.DOCUMENT_FORMAT_YAML: Format.YAML,
    pb.DOCUMENT_FORMAT_JSON: Format.YAML,
    pb.DOCUMENT_FORMAT_TOML: Format.TOML,
}
_KINDS: Final = {
    kind: pb.ProgramChange.Kind.Value(f"KIND_{kind}") for kind in ChangeKind
}

_TOLD_MAX: Final = 10
"""Most problems in an error, for they go into a header; ValidateProgram tells all."""


def validation(
    request: pb.ValidateProgramRequest, check_section: CheckSection
) -> pb.ValidateProgramResponse:
    """Returns what is wrong with the document of a request, and what is unwise."""
    text, written = _text(request), _format(request)
    try:
        tree = read_tree(text, written)
        document = load_tree(tree, check_section=check_section)
        program_of_text(canonical_text(document))
    except DocumentWrong as wrong:
        return pb.ValidateProgramResponse(problems=_messages(wrong.problems))
    except InvalidArgument as wrong:
        return pb.ValidateProgramResponse(problems=_violated(wrong))
    return pb.ValidateProgramResponse(
        lints=_messages(lints_of(document, tree)), digest=digest_of(document)
    )


def usable_document(request: Any, check_section: CheckSection) -> ProgramDocument:
    """Returns the document of a request, which can be a program.

    Raises InvalidArgument that names each place where something is wrong.
    """
    text, written = _text(request), _format(request)
    try:
        document = load_document(text, written, check_section=check_section)
        program_of_text(canonical_text(document))
    except DocumentWrong as wrong:
        raise _refused(wrong.problems) from None
    except InvalidArgument as wrong:
        raise InvalidArgument(
            {f"document.{path}": what for path, what in wrong.violations.items()}
        ) from None
    return document


def unit_kinds(document: ProgramDocument) -> UnitKinds:
    """Returns the units of a document with their kinds."""
    units = document.units.items()
    return tuple((code, unit.is_spendable) for code, unit in units)


def fill_plan(response: pb.PlanProgramResponse, found: Plan) -> None:
    """Writes what changes into a response."""
    response.old_digest, response.new_digest = found.old_digest, found.new_digest
    response.changes.extend(map(_change_message, found.changes))
    kinds = [change.kind for change in found.changes]
    response.added_count = kinds.count(ChangeKind.ADDED)
    response.removed_count = kinds.count(ChangeKind.REMOVED)
    response.altered_count = kinds.count(ChangeKind.ALTERED)


def _text(request: Any) -> str:
    if not request.document:
        raise InvalidArgument({"document": "is required"})
    return str(request.document)


def _format(request: Any) -> Format:
    try:
        return _FORMATS[request.format]
    except KeyError:
        raise InvalidArgument({"format": "is no format of documents"}) from None


def _refused(problems: tuple[Problem, ...]) -> InvalidArgument:
    """Returns the refusal that tells the first problems, by their paths."""
    violations: dict[str, str] = {}
    for problem in problems[:_TOLD_MAX]:
        path = f"document.{problem.path}" if problem.path else "document"
        told = violations.get(path)
        at = f" (line {problem.line})" if problem.line else ""
        what = f"{problem.reason}{at}"
        violations[path] = f"{told}; {what}" if told else what
    if len(problems) > _TOLD_MAX:
        more = len(problems) - _TOLD_MAX
        told = violations.get("document")
        what = f"has {more} more problems: ask ValidateProgram"
        violations["document"] = f"{told}; {what}" if told else what
    return InvalidArgument(violations)


def _messages(problems: Iterable[Problem]) -> list[pb.DocumentProblem]:
    return [
        pb.DocumentProblem(
            path=problem.path,
            line=problem.line,
            column=problem.column,
            message=problem.reason,
        )
        for problem in problems
    ]


def _violated(refusal: InvalidArgument) -> list[pb.DocumentProblem]:
    return _messages(Problem(path, what) for path, what in refusal.violations.items())


def _change_message(change: Change) -> pb.ProgramChange:
    return pb.ProgramChange(
        kind=_KINDS[change.kind],
        thing=change.thing,
        name=change.name,
        differences=map(_difference_message, change.differences),
        summary=str(change),
    )


def _difference_message(difference: Difference) -> pb.ProgramDifference:
    return pb.ProgramDifference(
        path=difference.path,
        before=_shown(difference.before),
        after=_shown(difference.after),
    )


def _shown(value: object) -> str:
    return "" if value is None else shown_value(value)
