"""`points program`: the document of a program, in files and on servers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from points.cli.schemas import schema_with_plugins
from points.cli.served_program import (
    ADDRESS,
    apply_served,
    served_history,
    served_plan,
    served_program,
)
from points.plugin.host import load_plugins
from points.program.digests import digest_of
from points.program.document.root import ProgramDocument
from points.program.lints import lints_of
from points.program.loading.documents import format_of, load_tree, read_tree
from points.program.loading.trees import Tree
from points.program.planning import Change, Plan, plan, shown_value
from points.program.problems import DocumentWrong, Problem
from points.program.shipped import BUILT_IN, EXAMPLES, shipped_text


_FILE = click.argument("file", metavar="FILE")
_VERSION = click.IntRange(0, 2**63 - 1)
_COMPARED_MAX = 2


@click.group()
def program() -> None:
    """Checks, compares and applies documents of a program.

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
    """Prints the JSON Schema of documents, for editors.

    With the sections of the plugins that are installed here.
    """
    _print_json(schema_with_plugins(load_plugins()))


@program.command()
@click.option(
    "--example",
    type=click.Choice([BUILT_IN, *EXAMPLES]),
    default=BUILT_IN,
    help="Which document to print.",
    show_default=True,
)
@click.option("--address", help="A server, host:port, whose document to print.")
@click.option(
    "--version", type=_VERSION, help="Which one of a server.  [default: in force]"
)
@click.option("--json", "as_json", is_flag=True, help="Print who applied it, too.")
def show(
    *, example: str, address: str | None, version: int | None, as_json: bool
) -> None:
    """Prints the built-in document, a worked example, or that of a server."""
    if address is None:
        if version is not None or as_json:
            message = "--version and --json are those of a server: give --address"
            raise click.UsageError(message)
        click.echo(shipped_text(example), nl=False)
        return
    found = served_program(address, version)
    _print_json(found if as_json else found["document"])


@program.command(name="plan")
@click.argument("files", metavar="[OLD] NEW", nargs=-1, required=True)
@ADDRESS
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def plan_command(*, files: tuple[str, ...], address: str, as_json: bool) -> None:
    """Says what a new document would change, of an old one or of a running server.

    Of a server also, how many members would move from tier to tier.

    Exit status 0 whether or not anything does, 2 if one of them is wrong.
    """
    if len(files) > _COMPARED_MAX:
        raise click.UsageError("give one document, or an old and a new one")
    documents = [_sound(file, as_json=as_json) for file in files]
    if len(files) == _COMPARED_MAX:
        _tell_plan(plan(*documents), as_json=as_json)
        return
    text, written = _text(files[0]), format_of(files[0])
    served = served_plan(address, text, written)
    if as_json:
        _print_json(served.as_table())
    else:
        _show(served.plan)
        served.show_moves()


def _tell_plan(found: Plan, *, as_json: bool) -> None:
    if as_json:
        _print_json(found.as_table())
    else:
        _show(found)


@program.command()
@_FILE
@ADDRESS
@click.option("--operator", required=True, help="Who applies it.")
@click.option("--reason", required=True, help="Why.")
@click.option(
    "--from",
    "start",
    help="First instant at which it is in force, as 2026-01-01T00:00:00Z."
    "  [default: now]",
)
@click.option(
    "--expected-version",
    type=_VERSION,
    help="Last version that you know; another one is refused.",
)
@click.option("--request-id", help="Makes it safe to repeat.  [default: a new one]")
@click.option("--validate-only", is_flag=True, help="Check all and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def apply(*, file: str, address: str, as_json: bool, **fields: Any) -> None:
    """Makes a document the next version of a running server's program.

    Exit status 0 means that it is, or was already, 1 that the server says no, 2
    that the document is wrong.
    """
    _sound(file, as_json=as_json)
    applied = apply_served(address, _text(file), format_of(file), **fields)
    if as_json:
        _print_json(applied.as_table())
    else:
        click.echo(applied.told())


@program.command()
@ADDRESS
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def history(*, address: str, as_json: bool) -> None:
    """Lists the versions of a running server's program, the last applied first."""
    found = served_history(address)
    if as_json:
        _print_json(found.as_table())
    else:
        found.show()


def _sound(file: str, *, as_json: bool) -> ProgramDocument:
    """Returns the document of a file; ends with 2 if it is wrong."""
    try:
        return _load(file)[1]
    except DocumentWrong as wrong:
        _tell(file, wrong.problems, as_json=as_json)
        sys.exit(2)


def _load(file: str) -> tuple[Tree, ProgramDocument]:
    tree = read_tree(_text(file), format_of(file))
    return tree, load_tree(tree, check_section=load_plugins().section_problems)


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
