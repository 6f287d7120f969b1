"""`points serve --program FILE`: the file becomes the program, if it is not yet."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

import click

from points.domain.commands import ApplyProgram
from points.domain.program import Program
from points.domain.refusals import Refusal
from points.domain.values import Record
from points.domain.versions import ProgramVersion
from points.engine.engine import running_engine
from points.engine.spending import with_spending
from points.program.bridge import program_of_text
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.funding import all_budgets
from points.program.loading.documents import (
    CheckSection,
    format_of,
    load_document,
    unchecked,
)
from points.program.problems import DocumentWrong
from points.store.opening import Store


_OPERATOR = "points serve"


def apply_file(
    store: Store, program: Program, file: str, check_section: CheckSection = unchecked
) -> str:
    """Applies a document unless it is in force; returns what became of it.

    A wrong document ends the process with 2, one that is refused with 1.
    """
    document = _document(file, check_section)
    command = ApplyProgram(
        request_id=str(uuid4()),
        digest=digest_of(document),
        document=canonical_text(document),
        units=tuple((code, u.is_spendable) for code, u in document.units.items()),
        budgets=all_budgets(document),
        zone=document.zone,
        operator=_OPERATOR,
        reason=f"--program {Path(file).name}"[:256],
    )
    with running_engine(store, program, compile_document=program_of_text) as engine:
        try:
            looked = with_spending(
                command, store.backend, engine.program, engine.clock()
            )
            outcome, *_ = engine.execute_everywhere(looked)
        except Refusal as refusal:
            raise click.ClickException(f"{file}: {refusal}") from None
    return _told(outcome.record)


def _document(file: str, check_section: CheckSection) -> ProgramDocument:
    try:
        document = load_document(
            Path(file).read_text("utf-8"),
            format_of(file),
            check_section=check_section,
        )
        program_of_text(canonical_text(document))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise click.ClickException(f"{file}: {reason}") from None
    except DocumentWrong as wrong:
        for problem in wrong.problems:
            click.echo(f"{file}:{problem}", err=True)
        sys.exit(2)
    return document


def _told(record: Record) -> str:
    version = record.result
    assert isinstance(version, ProgramVersion)
    does = "is in force already" if version.unchanged else "was applied now"
    return f"version {version.version}, which {does}"
