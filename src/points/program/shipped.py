"""The built-in document, and the worked examples that ship with it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from points.program.document.root import ProgramDocument
from points.program.loading.documents import load_document


BUILT_IN: Final = "built-in"
"""The name of the document that holds until there is another."""

EXAMPLES: Final = ("airline", "game", "retail")
"""The names of the worked examples."""


def shipped_text(name: str = BUILT_IN) -> str:
    """Returns the text of a shipped document, as YAML with its comments."""
    if name not in (BUILT_IN, *EXAMPLES):
        raise ValueError(f"there is no document {name!r}")
    return (
        files("points.program").joinpath("examples", f"{name}.yaml").read_text("utf-8")
    )


@cache
def shipped_document(name: str = BUILT_IN) -> ProgramDocument:
    """Returns a shipped document."""
    return load_document(shipped_text(name))
