"""Events that subscribers are told of, out of what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Refusal
from points.domain.values import Record, Transaction
from points.engine.plugins.reacting import points_by_unit
from points.plugin.reactions import Event


def events_of(record: Record) -> Iterator[Event]:
    """Yields what a record tells: what a plugin has emitted, or the record itself.

    Refusals have changed nothing, and are told to nobody.
    """
    place, result = record.place().transaction_id(), record.result
    member_id, instant = record.member_id, record.record_time
    if isinstance(result, PluginCall):
        for number, (name, payload) in enumerate(result.events, start=1):
            told = dict(payload)
            event_id = f"{place}/{number}"
            yield Event(event_id, name, result.plugin, member_id, instant, told)
    elif not isinstance(result, Refusal):
        kind = record.kind.value
        yield Event(place, kind, "", member_id, instant, _payload(record))


def _payload(record: Record) -> Mapping[str, str]:
    """Returns what the core tells of its own records: nothing that is personal."""
    told = {"channel": record.channel, "effective_time": str(record.effective_time)}
    if isinstance(record.result, Transaction):
        told["transaction_id"] = record.place().transaction_id()
        told["reason"] = record.result.reason
        points = points_by_unit(record.member_id, record.result)
        told |= {f"points.{unit}": str(moved) for unit, moved in points.items()}
    return told
