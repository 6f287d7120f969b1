"""What decisions ask of the rules of a program, whoever works them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from points.domain.activities import Activity, Award, Earnings
from points.domain.counters import Counter, CounterKey
from points.domain.progress import Progress
from points.domain.values import Member


class SegmentTerms(NamedTuple):
    """Is a segment as the program says it: a condition, within other segments."""

    name: str
    title: str
    condition: str
    within: tuple[str, ...]


class SegmentInfo(NamedTuple):
    """Is a segment of the program, and whether a member is in it."""

    name: str
    title: str
    is_inside: bool


class Rules(Protocol):
    """Is the rules of one version of a program, ready to be asked by any thread."""

    def units(self, activity_type: str) -> tuple[str, ...]:
        """Returns the units that activities of a type may earn, each once."""

    def looks_back(self, activity_type: str) -> bool:
        """Says whether activities of a type ask for the progress of their member.

        All that `earn` makes of one that does not is grants, whatever the progress.
        """

    def shares(self, activity_type: str) -> bool:
        """Says whether activities of a type may move counters shared by members."""

    def check(self, activity: Activity, now: int) -> None:
        """Raises InvalidArgument that names each field the program does not take."""

    def money(self, activity: Activity) -> int:
        """Returns the activity's money in minor units of the program's currency."""

    def counters(
        self, activity: Activity, member: Member, progress: Progress
    ) -> tuple[CounterKey, ...]:
        """Returns the counters shared by members that `earn` may ask for."""

    def earn(
        self,
        activity: Activity,
        member: Member,
        progress: Progress,
        tiers: Mapping[str, str],
        *,
        shared: Callable[[str, int], Counter],
    ) -> Earnings:
        """Returns what an activity that `check` has let in earns.

        `tiers` are those the member is in, by ladder. `shared` returns a counter
        that members share. Raises InvalidArgument, BudgetExhausted and what `shared`
        raises.
        """

    def counts(self, counter: str, award: Award) -> bool:
        """Says whether a cap, a budget or the times of a rule count an award.

        `counter` is the name of one of the member's own counters, or of a shared one.
        """

    def all_segments(self) -> tuple[SegmentTerms, ...]:
        """Returns the segments of the program, by name."""

    def segments(
        self,
        member: Member,
        progress: Progress,
        tiers: Mapping[str, str],
        now: int,
    ) -> tuple[SegmentInfo, ...]:
        """Returns the segments of the program, and whether the member is in each.

        `tiers` are those the member is in, by ladder; a condition that has no value
        for the member is not true.
        """
