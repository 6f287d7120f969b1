"""What decisions ask of the rules of a program, whoever works them out."""

from __future__ import annotations

from typing import Protocol

from points.domain.activities import Activity, Earnings
from points.domain.progress import Progress
from points.domain.values import Member


class Rules(Protocol):
    """Is the rules of one version of a program, ready to be asked by any thread."""

    def units(self, activity_type: str) -> tuple[str, ...]:
        """Returns the units that activities of a type may earn, each once."""

    def check(self, activity: Activity, now: int) -> None:
        """Raises InvalidArgument that names each field the program does not take."""

    def earn(self, activity: Activity, member: Member, progress: Progress) -> Earnings:
        """Returns what an activity that `check` has let in earns.

        Raises CapExceeded, which changes nothing.
        """
