"""What is asked of holds and lots."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from points.domain.commands import (
    ActivateLot,
    CancelLot,
    CaptureHold,
    ExtendLot,
    PlaceHold,
    VoidHold,
)
from points.domain.values import TimeoutAction
from tests.engine.model.drawn import (
    currencies,
    few_points,
    names,
    own,
    sinks,
    spans,
    which,
)
from tests.engine.model.rules import PointsRules
from tests.engine.model.things import ModelHold, ModelLot


class HoldRules(PointsRules):
    """Sets points aside, and changes lots."""

    @rule(
        name=names,
        unit=currencies,
        points=few_points,
        sink=sinks,
        ends=st.none() | spans,
        is_timeout=st.booleans(),
        captures=st.booleans(),
        freeze_expiry=st.booleans(),
    )
    def hold(
        self,
        name: str,
        ends: int | None,
        is_timeout: bool,  # noqa: FBT001 - drawn by name
        captures: bool,  # noqa: FBT001 - drawn by name
        **drawn: Any,
    ) -> None:
        """Sets points aside."""
        if ends is None:
            captures = False
        elif is_timeout:
            drawn["timeout"] = max(ends, 1)
        else:
            drawn["lapse_time"] = self.clock.now + ends
        action = TimeoutAction.CAPTURE if captures else TimeoutAction.VOID
        ids = self.ids(name)
        self.send(PlaceHold(**ids, **drawn, on_timeout=action, reason="a bid"))

    @rule(
        which=which,
        name=names,
        own=own,
        points=st.sampled_from([0, 0, 1, 2, 10]),
        sink=st.sampled_from(["", "", "donation", "void"]),
        void_rest=st.booleans(),
    )
    def capture(self, which: int, name: str, own: bool, **drawn: Any) -> None:  # noqa: FBT001
        """Burns points of a hold."""
        self.send(CaptureHold(**self.of(ModelHold, which, name, own=own), **drawn))

    @rule(which=which, name=names, own=own)
    def void(self, which: int, name: str, own: bool) -> None:  # noqa: FBT001
        """Gives the points of a hold back."""
        self.send(VoidHold(**self.of(ModelHold, which, name, own=own)))

    @rule(which=which, name=names, own=own, late=st.integers(-1, 2))
    def activate(self, which: int, name: str, own: bool, late: int) -> None:  # noqa: FBT001
        """Makes a pending lot usable."""
        when = self.clock.now - late if late else -1
        ids = self.of(ModelLot, which, name, own=own)
        self.send(ActivateLot(**ids, effective_time=when))

    @rule(which=which, name=names, own=own)
    def cancel(self, which: int, name: str, own: bool) -> None:  # noqa: FBT001
        """Takes a pending lot away."""
        self.send(CancelLot(**self.of(ModelLot, which, name, own=own), reason="gone"))

    @rule(which=which, name=names, own=own, ends=spans)
    def extend(self, which: int, name: str, own: bool, ends: int) -> None:  # noqa: FBT001
        """Lets a lot live longer."""
        command = ExtendLot(
            **self.of(ModelLot, which, name, own=own),
            reason="goodwill",
            operator="op",
            expire_time=self.clock.now + 5 + ends,
        )
        self.send(command)
