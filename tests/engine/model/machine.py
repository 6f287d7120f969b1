"""The whole machine: what is asked of members completes it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from points.domain.commands import (
    CreateMember,
    EraseMember,
    FreezeMember,
    MergeMembers,
    SetLimits,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.values import Velocity
from tests.engine.model.drawn import names, pairs, spans, units
from tests.engine.model.hold_rules import HoldRules


velocities: st.SearchStrategy[Velocity] = st.builds(
    Velocity,
    action=st.sampled_from(["EARN", "BURN", "TRANSFER"]),
    window=st.sampled_from(["HOUR", "DAY"]),
    points_max=st.none() | st.integers(0, 60),
    count_max=st.integers(0, 4),
)


class LedgerMachine(HoldRules):
    """Asks the engine and the model for the same things, whatever there is."""

    @rule(name=names, attributes=pairs)
    def create(self, name: str, attributes: dict[str, str]) -> None:
        """Creates a member."""
        self.send(CreateMember(**self.ids(name), attributes=attributes))

    @rule(name=names)
    def freeze(self, name: str) -> None:
        """Freezes a member."""
        self.send(FreezeMember(**self.ids(name)))

    @rule(name=names)
    def unfreeze(self, name: str) -> None:
        """Unfreezes a member."""
        self.send(UnfreezeMember(**self.ids(name)))

    @rule(
        name=names,
        attributes=pairs,
        keys=st.none() | st.lists(st.sampled_from("abc")).map(tuple),
        etag=st.sampled_from(["", "", "1", "2", "3"]),
    )
    def update(self, name: str, **drawn: Any) -> None:
        """Changes the attributes of a member."""
        self.send(UpdateMember(**self.ids(name), **drawn))

    @rule(
        name=names,
        unit=units,
        floor=st.none() | st.integers(0, 10),
        ceiling=st.none() | st.integers(10, 80),
        velocities=st.lists(velocities, max_size=2, unique_by=lambda v: v[:2]),
    )
    def limit(self, name: str, velocities: list[Velocity], **drawn: Any) -> None:
        """Bounds a member."""
        command = SetLimits(
            **self.ids(name),
            **drawn,
            velocities=tuple(velocities),
            operator="op",
            reason="a policy",
        )
        self.send(command)

    @rule(name=names, into=names)
    def merge(self, name: str, into: str) -> None:
        """Moves everything of a member to another one."""
        command = MergeMembers(
            **self.ids(name),
            into_member_id=into,
            operator="op",
            reason="the same person",
        )
        self.send(command)

    @rule(back=st.integers(-1, 3) | spans)
    def close(self, back: int) -> None:
        """Closes the books up to about now."""
        self.close_until(self.clock.now - back)

    @rule(name=names)
    def erase(self, name: str) -> None:
        """Forgets a member."""
        self.send(EraseMember(**self.ids(name), operator="op", reason="asked for"))
