"""The scores of a document as the domain knows them."""

from __future__ import annotations

from points.domain.calendar.windows import WindowKind
from points.domain.scores import Scoring
from points.program.document.root import ProgramDocument


def scoring_of(document: ProgramDocument) -> Scoring | None:
    """Returns how members are scored; None for a document without scores."""
    scores = document.scores
    if scores is None:
        return None
    return Scoring(
        types=frozenset(scores.activities),
        within=scores.within,
        each=WindowKind(scores.each.value),
        zone=document.zone,
    )
