"""What is asked of holds and lots, and what time does to them."""

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
from points.engine.sweeper import sweep
from tests.engine.model.drawn import currencies, few_points, names, sinks, spans, which
from tests.engine.model.rules import PointsRules
from tests.engine.model.things import DAY, HOUR, ModelHold, ModelLot


own: st.SearchStrategy[bool] = st.sampled_from([True, True, True, True, False])


class HoldRules(PointsRules):
    """Sets points aside, changes lots, and lets time go by."""

    def of(
        self, kind: type[Any], which: int, name: str, *, own: bool
    ) -> dict[str, Any]:
        """Returns the ids of a command about a thing, mostly of its owner."""
        found = self.thing(kind, which)
        ids = self.ids(name)
        known = self.model.books.named.get(found)
        if own and known is not None:
            ids["member_id"] = known.member_id
        return {**ids, ("hold_id" if kind is ModelHold else "lot_id"): found}

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

    @rule(microseconds=st.integers(1, 15))
    def wait(self, microseconds: int) -> None:
        """Lets time go by."""
        self.clock.advance(microseconds)
        self.model.pass_time(self.clock.now)

    @rule(span=st.sampled_from([HOUR, DAY]))
    def wait_long(self, span: int) -> None:
        """Lets much time go by."""
        self.wait(span)

    @rule()
    def sweep(self) -> None:
        """Records what time has done."""
        swept = sweep(self.engine)
        self.model.sweep()
        assert (swept.failed, swept.finished) == (0, True)
