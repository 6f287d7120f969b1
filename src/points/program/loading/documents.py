"""The whole way from text to a checked document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from points.program.checking import faults_of
from points.program.document.root import ProgramDocument
from points.program.loading.toml_trees import read_toml
from points.program.loading.trees import CHARACTERS_MAX, Tree, unreadable
from points.program.loading.wording import path_in, reason_of
from points.program.loading.yaml_trees import read_yaml
from points.program.problems import DocumentWrong, Path, Problem, path_text


class Format(StrEnum):
    """Names how a document is written. JSON is YAML, too."""

    YAML = "YAML"
    TOML = "TOML"


CheckSection: TypeAlias = Callable[
    [str, Mapping[str, Any], Collection[str], Collection[str]],
    Iterable[tuple[Path, str]],
]
"""Says what is wrong with the settings of a plugin, by the way to each place there.

It is told the plugin, its section, and the units and the sinks of the document.
"""


def unchecked(
    _plugin: str,
    _section: Mapping[str, Any],
    _units: Collection[str],
    _sinks: Collection[str],
) -> Iterable[tuple[Path, str]]:
    """Takes the settings of a plugin as they are: they were checked before."""
    return ()


_READERS: Final[Mapping[Format, Callable[[str], Tree]]] = {
    Format.YAML: read_yaml,
    Format.TOML: read_toml,
}


def format_of(name: str) -> Format:
    """Returns the format that a file's name tells: TOML for .toml, else YAML."""
    return Format.TOML if PurePath(name).suffix.lower() == ".toml" else Format.YAML


def load_document(
    text: str,
    written: Format = Format.YAML,
    *,
    check_section: CheckSection = unchecked,
) -> ProgramDocument:
    """Returns the document; raises DocumentWrong with all that was found."""
    return load_tree(read_tree(text, written), check_section=check_section)


def read_tree(text: str, written: Format = Format.YAML) -> Tree:
    """Returns the values of a text and their places; raises DocumentWrong."""
    if len(text) > CHARACTERS_MAX:
        raise unreadable(
            f"must have at most {CHARACTERS_MAX} characters, not {len(text)}"
        )
    tree = _READERS[written](text)
    if not isinstance(tree.value, Mapping):
        raise unreadable("must be a table with program, units and so on")
    return tree


def load_tree(
    tree: Tree, *, check_section: CheckSection = unchecked
) -> ProgramDocument:
    """Returns the document of a tree; raises DocumentWrong."""
    try:
        document = ProgramDocument.model_validate(tree.value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        problems = [_problem(each, tree) for each in errors if not _follows(each)]
        raise DocumentWrong(sorted(problems, key=_place)) from None
    faults = [
        problem_at(path, reason, tree)
        for path, reason in (
            *faults_of(document),
            *_of_plugins(document, tree, check_section),
        )
    ]
    if faults:
        raise DocumentWrong(sorted(faults, key=_place))
    return document


def problem_at(path: Path, reason: str, tree: Tree) -> Problem:
    """Returns the problem of a value with its place."""
    line, column = tree.place(path)
    return Problem(path_text(path), reason, line, column)


def _of_plugins(
    document: ProgramDocument, tree: Tree, check_section: CheckSection
) -> Iterable[tuple[Path, str]]:
    for name, section in document.plugins.items():
        found = check_section(name, section, document.units, document.sinks)
        for path, reason in found:
            yield path_in(("plugins", name, *path), tree.value), reason


def _problem(error: ErrorDetails, tree: Tree) -> Problem:
    path = path_in(error["loc"], tree.value)
    is_key = error["type"] == "extra_forbidden" or "[key]" in error["loc"]
    line, column = tree.place(path, key=is_key)
    reason = reason_of(error, ProgramDocument)
    return Problem(path_text(path), reason, line, column)


def _follows(error: ErrorDetails) -> bool:
    """Says whether a list is too short only because what is in it is wrong."""
    is_short = error["type"] == "too_short"
    return is_short and len(error["input"]) >= error["ctx"]["min_length"]


def _place(problem: Problem) -> tuple[int, int, str]:
    return problem.line, problem.column, problem.path
