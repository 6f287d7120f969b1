"""Documents of plugins that go: those of a member, or all that a plugin has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from typing import Final

from points.domain.commands import PurgePlugin
from points.domain.documents import CORE_PLUGIN, Document, DocumentChange
from points.domain.identity import CORE_CHANNEL, RESERVED_PREFIX
from points.domain.plugin_calls import Emitted, PluginCall
from points.domain.program import Program
from points.domain.refusals import NothingDue
from points.domain.state import Decision, Side, Stamp, State
from points.domain.values import Kind


PURGE: Final = "purge"
"""Is the method of records that tell of a purge, and the name of their event."""


def decide_purge_plugin(
    command: PurgePlugin, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the removal of the documents that are still there, in every part.

    Raises NothingDue where none is.
    """
    found = filter(None, map(state.document, sorted(command.places)))
    documents = [each for each in found if each.plugin == command.plugin]
    if not documents:
        raise NothingDue(command.plugin)
    payload = (
        ("documents", str(len(documents))),
        ("operator", command.operator),
        ("plugin", command.plugin),
        ("reason", command.reason),
    )
    told = PluginCall(CORE_PLUGIN, PURGE, events=(Emitted(PURGE, payload),))
    return Decision(
        result=told,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        sides=tuple(_sides(command, documents, stamp.now)),
    )


def purged_count(call: PluginCall) -> int:
    """Returns how many documents a recorded purge has removed."""
    return sum(int(dict(e.payload)["documents"]) for e in call.events)


def removal(
    plugin: str, method: str, documents: Sequence[Document], now: int
) -> Decision:
    """Returns that documents of a plugin go, all in one part."""
    gone = tuple(Document.gone(each.place()) for each in documents)
    told = PluginCall(plugin, method, documents=tuple(map(DocumentChange.of, gone)))
    return Decision(told, now, CORE_CHANNEL, documents=gone)


def _sides(
    command: PurgePlugin, documents: Sequence[Document], now: int
) -> Iterator[Side]:
    """Yields what is recorded in each part; the documents come by their parts."""
    text = f"{len(command.plugin)}:{command.plugin}{command.request_id}"
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    request_id = f"{RESERVED_PREFIX}purge/{digest}"
    for part, there in groupby(documents, attrgetter("part")):
        gone = removal(command.plugin, PURGE, list(there), now)
        yield Side(part, "", request_id, Kind.CALL, gone)
