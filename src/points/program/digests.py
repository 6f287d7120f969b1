"""What tells two versions of a document apart."""

from __future__ import annotations

import hashlib
import json

from points.program.document.root import ProgramDocument


def canonical_text(document: ProgramDocument) -> str:
    """Returns the one text of a document: the same for the same content.

    It is JSON with every default written out, so that a document keeps its meaning
    when a default changes, and loads as YAML.
    """
    table = document.model_dump(mode="json", exclude_none=True)
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest_of(document: ProgramDocument) -> str:
    """Returns the SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical_text(document).encode()).hexdigest()
