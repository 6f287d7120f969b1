"""What a call of a plugin comes to, as its record tells it."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.counters import CounterMove
from points.domain.documents import DocumentChange
from points.domain.identity import Place


class Emitted(NamedTuple):
    """Is an event that a plugin has told; `payload` is pairs, in their order."""

    name: str
    payload: tuple[tuple[str, str], ...] = ()


class PluginCall(NamedTuple):
    """Is what a plugin did: its answer, and all that changed besides the ledger.

    `response` is what every repetition is answered with, to the byte. `documents`
    are those of the record's own part; in each other part that the call has changed
    a record of the same kind tells those there. `counters` are what it moved of
    counters that members share, and `transactions` where the records stand that it
    has made, in any part.
    """

    plugin: str
    method: str
    response: bytes = b""
    documents: tuple[DocumentChange, ...] = ()
    events: tuple[Emitted, ...] = ()
    counters: tuple[CounterMove, ...] = ()
    transactions: tuple[Place, ...] = ()
