"""Removes what plugins that take no part have left, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from points.domain.documents import DocumentPlace
from points.engine.engine import Engine
from points.store.reads.reader import open_snapshot


PAGE: Final = 500
"""Most documents that one command removes."""


def given_up_of(engine: Engine, plugin: str) -> Mapping[str, int]:
    """Returns how much is given up for good of each subscriber and job; or StoreLost.

    By what it is, such as `subscriber/mail` and `job/close`.
    """
    with open_snapshot(engine.store.backend) as snapshot:
        counts = snapshot.given_up_counts(plugin, part_count=engine.store.part_count)
    return {
        collection.replace("dead:", "subscriber/").replace("failed:", "job/"): count
        for collection, count in counts.items()
    }


class Left(NamedTuple):
    """Is what a plugin has: how many documents, and where the first of them are."""

    total: int
    places: tuple[DocumentPlace, ...]


def left_of(engine: Engine, plugin: str) -> Left:
    """Returns what a plugin has now; raises StoreLost."""
    parts = engine.store.part_count
    with open_snapshot(engine.store.backend) as snapshot:
        total = snapshot.document_count(plugin, part_count=parts)
        places = snapshot.documents_of_plugin(plugin, part_count=parts, limit=PAGE)
    return Left(total, places)
