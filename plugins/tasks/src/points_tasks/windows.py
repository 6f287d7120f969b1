"""When a task can be done: the window that holds an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from points.plugin import Days
from points_tasks.config import Fixed, Recurring, Task
from points_tasks.schedules import last_begun, next_begun


NEVER: Final = 2**63 - 1
MINUTE: Final = 60_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """Is the time from an instant to before another; NEVER for no end."""

    start: int
    end: int

    def holds(self, instant: int) -> bool:
        """Tells whether an instant is in the window."""
        return self.start <= instant < self.end


def window_at(task: Task, days: Days, instant: int) -> Window | None:
    """Returns the window of a task that holds an instant, or None.

    Rolling windows are one without an end: what is old falls out when it is counted.
    """
    window = _window(task, days, instant)
    return window if window is not None and window.holds(instant) else None


def window_ahead(task: Task, days: Days, instant: int) -> Window | None:
    """Returns the next window that begins after an instant, or None."""
    match task.window:
        case Fixed() as fixed:
            window = _fixed(fixed)
            return window if window.start > instant else None
        case Recurring() as recurring:
            start = next_begun(recurring.schedule, days, instant)
            return None if start is None else _from(recurring, days, start)
    return None


def _window(task: Task, days: Days, instant: int) -> Window | None:
    match task.window:
        case Fixed() as fixed:
            return _fixed(fixed)
        case Recurring() as recurring:
            start = last_begun(recurring.schedule, days, instant)
            return None if start is None else _from(recurring, days, start)
    return Window(0, NEVER)


def _fixed(fixed: Fixed) -> Window:
    start = _instant(fixed.start_time) if fixed.start_time else 0
    return Window(start, _instant(fixed.end_time) if fixed.end_time else NEVER)


def _from(recurring: Recurring, days: Days, start: int) -> Window:
    following = next_begun(recurring.schedule, days, start)
    end = NEVER if following is None else following
    if recurring.minutes is not None:
        end = min(end, start + recurring.minutes * MINUTE)
    return Window(start, end)


def _instant(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta.resolution
