"""What the host adds to the responses of plugins: the fields that all writes have.

A response that has a text `revision` or a bool `replayed` gets them, as the core's own
responses do. They come behind the bytes that are stored: those stay what they are.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from points.domain.plugin_calls import PluginCall
from points.domain.revision import write_revision
from points.engine.jobs import Outcome
from points.engine.plugins.requests import response_of
from points.plugin.methods import Method


_REVISION: Final = ("revision", FieldDescriptor.TYPE_STRING)
_REPLAYED: Final = ("replayed", FieldDescriptor.TYPE_BOOL)


class Telling:
    """Adds to the responses of one method what they have room for."""

    def __init__(self, method: Method, kind: Any) -> None:
        fields = {(each.name, each.type) for each in kind.DESCRIPTOR.fields}
        self._method = method
        self._kind = kind
        self._has_revision = _REVISION in fields
        self._has_replayed = _REPLAYED in fields

    def told(self, outcome: Outcome, *, validate_only: bool) -> bytes:
        """Returns the response to a call, as it goes to the caller.

        A call that was only validated has left no state to name.
        """
        call = outcome.record.result
        assert isinstance(call, PluginCall)
        more: dict[str, object] = {}
        if self._has_replayed and outcome.replayed:
            more["replayed"] = True
        if self._has_revision and (outcome.replayed or not validate_only):
            more["revision"] = _revision(outcome, call)
        written: bytes = self._kind(**more).SerializeToString() if more else b""
        response = response_of(self._method, outcome, is_validated=validate_only)
        return response + written


def _revision(outcome: Outcome, call: PluginCall) -> str:
    """Returns the revision of a ledger that holds all that the call has recorded."""
    record = outcome.record
    numbers = {record.part: record.number}
    for place in call.transactions:
        numbers[place.part] = max(place.number, numbers.get(place.part, 0))
    return write_revision(numbers)
