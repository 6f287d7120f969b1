"""Builders that the pure tests of tasks share."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from points.plugin import Days
from points_tasks.config import Task
from points_tasks.counting import Counted, counted, taken_back
from points_tasks.events import Happening
from points_tasks.progress import NONE_YET, Progress
from points_tasks.rules import Desk


MINUTE = 60_000_000
NOW = 1_767_268_800_000_000
"""2026-01-01 12:00 UTC."""


def task(*steps: dict[str, Any], **rules: Any) -> Task:
    """Returns a task with these steps, which have names and count `level`."""
    named = [
        {"name": f"step{at}", "event": "level", **step} for at, step in enumerate(steps)
    ]
    return Task.model_validate({"steps": named, **rules})


def happening(
    event_id: str, at: int = 0, name: str = "level", **fields: str
) -> Happening:
    """Returns an event, as many minutes before noon as `-at` says."""
    return Happening(
        event_id=event_id, name=name, time=NOW + at * MINUTE, fields=fields
    )


def desk(rules: Task, now: int = 0, **more: Any) -> Desk:
    """Returns a task at an instant, so many minutes after noon."""
    return Desk(
        task=rules,
        version=1,
        rules_of=lambda _version: rules,
        days=Days(ZoneInfo("UTC")),
        now=NOW + now * MINUTE,
        **more,
    )


def tell(rules: Task, *happenings: Happening, now: int = 0) -> Progress:
    """Returns the progress after events, in the order in which they are told."""
    progress = NONE_YET
    for one in happenings:
        found = came_to(rules, progress, one, now=now)
        progress = found.progress if found else progress
    return progress


def came_to(
    rules: Task, progress: Progress, one: Happening, *, now: int = 0
) -> Counted | None:
    """Returns what one more event comes to."""
    decide = taken_back if one.cancels else counted
    return decide(desk(rules, now), progress, one)
