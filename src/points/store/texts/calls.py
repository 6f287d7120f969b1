"""Calls of plugins as plain values in the bodies of records."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from points.domain.bounds import NEVER
from points.domain.documents import DocumentChange
from points.domain.identity import Place
from points.domain.plugin_calls import Emitted, PluginCall
from points.store.texts.trees import move_tree, read_move


def call_tree(call: PluginCall) -> dict[str, Any]:
    """Returns the fields of a call that are not empty."""
    tree: dict[str, Any] = {"plugin": call.plugin, "method": call.method}
    if call.response:
        tree["response"] = b64encode(call.response).decode()
    if call.documents:
        tree["documents"] = [_document_tree(each) for each in call.documents]
    if call.events:
        tree["events"] = [[each.name, dict(each.payload)] for each in call.events]
    if call.counters:
        tree["counters"] = [move_tree(move) for move in call.counters]
    if call.transactions:
        tree["transactions"] = call.transactions
    return tree


def read_call(tree: dict[str, Any]) -> PluginCall:
    """Returns the call that `call_tree` wrote."""
    return PluginCall(
        plugin=tree["plugin"],
        method=tree["method"],
        response=b64decode(tree.get("response", "")),
        documents=tuple(map(_read_document, tree.get("documents", ()))),
        events=tuple(
            Emitted(name, tuple(payload.items()))
            for name, payload in tree.get("events", ())
        ),
        counters=tuple(map(read_move, tree.get("counters", ()))),
        transactions=tuple(Place(*place) for place in tree.get("transactions", ())),
    )


def _document_tree(change: DocumentChange) -> list[Any]:
    """Returns the fields of a change; one that removes has no version and no body."""
    *place, version, body, due_time = change
    if not version:
        return place
    told = [*place, version, body]
    return told if due_time == NEVER else [*told, due_time]


def _read_document(tree: list[Any]) -> DocumentChange:
    collection, owner, key, *rest = tree
    return DocumentChange(collection, owner, key, *(rest or (0,)))
