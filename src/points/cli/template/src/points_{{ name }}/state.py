"""What is kept of each member."""

from __future__ import annotations

from dataclasses import dataclass

from points.plugin import Collection, Owner


@dataclass(frozen=True, slots=True)
class Tally:
    """Is how often a member has collected."""

    count: int = 0


# When Tally changes: version=2, upgrades={1: a function from the old JSON to the new}.
TALLIES = Collection(name="tally", type=Tally, owner=Owner.MEMBER)
