"""`points program`: the document of a program, without a database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from points.program.digests import digest_of
from points.program.document.root import ProgramDocument
from points.program.lints import lints_of
from points.program.loading.documents import format_of, load_tree, read_tree
from points.program.loading.trees import Tree
from points.program.planning import Change, Plan, plan, shown_value
from points.program.problems import DocumentWrong, Problem
from points.program.shipped import BUILT_IN, EXAMPLES, shipped_text


_FILE = click.argument("file", metavar="FILE")


@click.group()
def program() -> None:
    """Checks and compares documents of a program.

    FILE is YAML, or TOML if it ends in .toml. A name of `points program show` stands
    for that document where there is no such file. Exit status 2 means that a
    document is wrong.
    """


@program.command()
@_FILE
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def validate(*, file: str, as_json: bool) -> None:
    """Says what is wrong with a document, and what is seldom wise.

    Exit status 0 means that it can be used, 1 that it cannot be read, 2 that it is
    wrong.
    """
    try:
        tree, document = _load(file)
    except DocumentWrong as wrong:
        _tell(file, wrong.problems, as_json=as_json)
        sys.exit(2)
    _tell(file, (), lints_of(document, tree), document, as_json=as_json)


@program.command()
def schema() -> None:
    """Prints the JSON Schema of documents, for editors."""
    _print_json(ProgramDocument.model_json_schema())


@program.command()
@click.option(
    "--example",
    type=click.Choice([BUILT_IN, *EXAMPLES]),
    default=BUILT_IN,
    help="Which document to print.",
    show_default=True,
)
def show(*, example: str) -> None:
    """Prints the built-in document, or a worked example to begin with."""
    click.echo(shipped_text(example), nl=False)


@program.command(name="plan")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def plan_command(*, old: str, new: str, as_json: bool) -> None:
    """Says what a new document would change.

    Exit status 0 whether or not anything does, 2 if one of them is wrong.
    """
    documents = []
    for file in (old, new):
        try:
            documents.append(_load(file)[1])
        except DocumentWrong as wrong:
            _tell(file, wrong.problems, as_json=as_json)
            sys.exit(2)
    found = plan(*documents)
    if as_json:
        _print_json(found.as_table())
    else:
        _show(found)


def _load(file: str) -> tuple[Tree, ProgramDocument]:
    tree = read_tree(_text(file), format_of(file))
    return tree, load_tree(tree)


def _text(file: str) -> str:
    path = Path(file)
    if file in (BUILT_IN, *EXAMPLES) and not path.exists():
        return shipped_text(file)
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise click.ClickException(f"{file}: {reason}") from None


def _tell(
    file: str,
    problems: tuple[Problem, ...],
    lints: tuple[Problem, ...] = (),
    document: ProgramDocument | None = None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        told: dict[str, Any] = {
            "problems": [problem.as_table() for problem in problems],
            "lints": [lint.as_table() for lint in lints],
            "digest": digest_of(document) if document else None,
        }
        _print_json(told)
        return
    for problem in problems:
        click.echo(f"{file}:{problem}")
    for lint in lints:
        click.echo(f"{file}:{lint}")
    click.echo(_summary(document) if document else _verdict(problems))


def _verdict(problems: tuple[Problem, ...]) -> str:
    return _counted(len(problems), "problems")


def _summary(document: ProgramDocument) -> str:
    counts = {
        "units": document.units,
        "ladders": document.ladders,
        "rules": document.rules,
        "caps": document.caps,
        "budgets": document.budgets,
    }
    told = ", ".join(_counted(len(table), name) for name, table in counts.items())
    return f"program {document.program} can be used: {told}"


def _counted(count: int, names: str) -> str:
    return f"{count} {names.removesuffix('s') if count == 1 else names}"


def _show(found: Plan) -> None:
    if not found.changes:
        click.echo("nothing changes")
        return
    table = Table("what", "which", "how", "from", "to")
    for change in found.changes:
        _add(table, change)
    Console().print(table)


def _add(table: Table, change: Change) -> None:
    kind = change.kind.lower()
    if not change.differences:
        table.add_row(change.thing, change.name, kind)
    for difference in change.differences:
        before, after = (_cell(each) for each in (difference.before, difference.after))
        how = f"{kind}: {difference.path}"
        table.add_row(change.thing, change.name, how, before, after)


def _cell(value: object) -> str:
    return "" if value is None else escape(shown_value(value))


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
