"""What time does, and what every machine asks for."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from points.engine.sweeper import sweep
from tests.engine.model.checks import Checks
from tests.engine.model.things import DAY, HOUR, ModelClaim, ModelHold, ModelLot


_FIELDS: Final = {ModelHold: "hold_id", ModelLot: "lot_id", ModelClaim: "claim_id"}


class TimeRules(Checks):
    """Lets time go by."""

    def of(
        self, kind: type[Any], which: int, name: str, *, own: bool
    ) -> dict[str, Any]:
        """Returns the ids of a command about a thing, mostly of its owner."""
        found = self.thing(kind, which)
        ids = self.ids(name)
        known = self.model.books.named.get(found)
        if own and known is not None:
            ids["member_id"] = known.member_id
        return {**ids, _FIELDS[kind]: found}

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
        self.model.lapse_claims()
        assert (swept.failed, swept.finished) == (0, True)
