"""Reads what callers report, and refuses what nobody can mean."""

from __future__ import annotations

from typing import Any

from points.plugin import Context, Refused
from points_tasks import reasons
from points_tasks.entries import short_id
from points_tasks.events import Happening
from points_tasks.v1 import tasks_service_pb2 as pb


ID_CHARACTERS_MAX = 128
NAME_CHARACTERS_MAX = 64
TEXT_CHARACTERS_MAX = 256
FIELDS_MAX = 50


def reported(ctx: Context, request: pb.ReportEventRequest) -> Happening:
    """Returns what is reported; raises Refused if it cannot be."""
    require_text(request.event_id, "event_id", ID_CHARACTERS_MAX)
    require_text(request.name, "name", NAME_CHARACTERS_MAX)
    if request.name.isupper():
        raise invalid("name", "in upper case is the ledger's own")
    if len(request.cancels_event_id) > ID_CHARACTERS_MAX:
        raise invalid("cancels_event_id", f"is over {ID_CHARACTERS_MAX} characters")
    _require_fields(request)
    return Happening(
        event_id=short_id(request.event_id),
        name=request.name,
        time=_time(ctx, request),
        fields=dict(request.fields),
        cancels=short_id(request.cancels_event_id),
    )


def require_text(text: str, field: str, characters_max: int) -> None:
    """Raises Refused if a text is missing or too long."""
    if not 1 <= len(text) <= characters_max:
        raise invalid(field, f"must have 1 to {characters_max} characters")


def invalid(field: str, problem: str) -> Refused:
    """Returns the refusal of a field."""
    return Refused(reasons.EVENT_INVALID, field=field, problem=problem)


def _time(ctx: Context, request: pb.ReportEventRequest) -> int:
    if not request.HasField("occurred_time"):
        return ctx.now
    told: Any = request.occurred_time
    instant: int = told.seconds * 1_000_000 + told.nanos // 1_000
    if instant < 0:
        raise invalid("occurred_time", "must not be before 1970")
    if instant > ctx.now:
        raise Refused(reasons.TIME_IN_FUTURE, ahead_micros=instant - ctx.now)
    return instant


def _require_fields(request: pb.ReportEventRequest) -> None:
    if len(request.fields) > FIELDS_MAX:
        raise invalid("fields", f"must be at most {FIELDS_MAX}")
    for name, value in request.fields.items():
        if len(name) > ID_CHARACTERS_MAX or len(value) > TEXT_CHARACTERS_MAX:
            raise invalid("fields", f"are too long: {name[:32]}")
