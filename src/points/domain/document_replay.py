"""Works documents of plugins out from the records of a part alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from points.domain.documents import Document
from points.domain.plugin_calls import PluginCall
from points.domain.values import Record


DocumentKey: TypeAlias = tuple[str, str, str, str]
"""Is plugin, collection, owner and key."""


def add_documents(
    documents: dict[DocumentKey, Document], record: Record, call: PluginCall
) -> Iterator[str]:
    """Adds what a call has changed and yields what is wrong with it.

    `documents` are those of the part so far.
    """
    for change in call.documents:
        document = change.document(record.part, call.plugin)
        if document.is_gone:
            documents.pop(document.place()[1:], None)
        else:
            documents[document.place()[1:]] = document
    for place in call.transactions:
        if place.part == record.part and place.number >= record.number:
            yield f"record {record.number} names record {place.number} as made by it"
