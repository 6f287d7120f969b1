"""What is asked of points: everything but what concerns holds, lots and members."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from points.domain.calendar.periods import Period
from points.domain.commands import (
    Adjust,
    AdjustDirection,
    Burn,
    Command,
    CreateMember,
    Earn,
    ExpiredPolicy,
    Reverse,
    ShortfallPolicy,
    Transfer,
)
from points.domain.values import ReasonCode
from tests.engine.model.drawn import (
    currencies,
    few_points,
    names,
    sinks,
    spans,
    units,
    which,
)
from tests.engine.model.things import NEVER, Deed
from tests.engine.model.time_rules import TimeRules


class PointsRules(TimeRules):
    """Moves points about."""

    @initialize()
    def begin(self) -> None:
        """Begins with two members who have points."""
        for name in ("ada", "bob"):
            self.send(CreateMember(**self.ids(name)))
            self.send(self._earn(name, points=30))

    def _earn(self, name: str, **fields: Any) -> Earn:
        fields = {"unit": "points", "reason": "an activity", **fields}
        return Earn(**self.ids(name), **fields)

    @rule(
        name=names,
        unit=units,
        points=few_points,
        starts=st.none() | spans,
        ends=st.none() | spans,
    )
    def earn(
        self, name: str, starts: int | None, ends: int | None, **drawn: Any
    ) -> None:
        """Adds points that are usable for a time."""
        start = self.now_and(starts, -1)
        end = max(self.now_and(ends, NEVER), start + 1)
        self.send(self._earn(name, activate_time=start, expire_time=end, **drawn))

    @rule(
        name=names,
        unit=currencies,
        points=few_points,
        waits=st.booleans(),
        cancels=st.none() | spans,
        days=st.none() | st.integers(1, 3),
        ahead=st.integers(-2, 1),
    )
    def earn_pending(
        self,
        name: str,
        waits: bool,  # noqa: FBT001 - drawn by name
        cancels: int | None,
        days: int | None,
        ahead: int,
        **drawn: Any,
    ) -> None:
        """Adds points that wait for an event, or whose expiry runs from a start."""
        fields: dict[str, Any] = {"expire_after": Period(days=days) if days else None}
        if waits:
            fields["waits_for"] = "return period over"
            fields["cancel_time"] = self.now_and(cancels, NEVER)
        else:
            fields["activate_time"] = self.now_and(cancels, -1)
        fields["effective_time"] = self.clock.now + ahead
        self.send(self._earn(name, **fields, **drawn))

    @rule(name=names, unit=units, sink=sinks, points=few_points, late=spans)
    def burn(self, name: str, late: int, **drawn: Any) -> None:
        """Takes points from a member, mostly at once."""
        when = self.clock.now - late if late > 0 else -1
        ids = self.ids(name)
        self.send(Burn(**ids, **drawn, reason="a reward", effective_time=when))

    @rule(name=names, unit=currencies)
    def burn_everything(self, name: str, unit: str) -> None:
        """Takes all that a member has, to the last point."""
        points = max(self.model.available(name, unit), 1)
        self.send(Burn(**self.ids(name), unit=unit, points=points, reason="a reward"))

    @rule(
        name=names,
        unit=units,
        points=few_points,
        direction=st.sampled_from(AdjustDirection),
        ends=st.none() | spans,
    )
    def adjust(
        self, name: str, direction: AdjustDirection, ends: int | None, **drawn: Any
    ) -> None:
        """Puts right what a member has."""
        is_credit = direction is AdjustDirection.CREDIT
        end = self.now_and(ends, NEVER) if is_credit else NEVER
        command = Adjust(
            **self.ids(name),
            **drawn,
            direction=direction,
            expire_time=end,
            operator="op",
            reason="a mistake",
        )
        self.send(command)

    @rule(
        name=names,
        to=names,
        unit=units,
        points=few_points,
        fee_points=st.sampled_from([0, 0, 1, 5]),
    )
    def transfer(self, name: str, to: str, **drawn: Any) -> None:
        """Gives points to another member."""
        ids = self.ids(name)
        self.send(Transfer(**ids, **drawn, to_member_id=to, reason="a gift"))

    @rule(
        deed=which,
        is_owner=st.sampled_from([True, True, True, False]),
        name=names,
        points=st.sampled_from([0, 0, 1, 3, 10]),
        code=st.sampled_from([*ReasonCode, *[ReasonCode.CORRECTION] * 5]),
        shortfall_policy=st.sampled_from(ShortfallPolicy),
        grace=st.none() | st.integers(1, 10),
    )
    def reverse(
        self,
        deed: int,
        is_owner: bool,  # noqa: FBT001 - drawn by name
        name: str,
        code: ReasonCode,
        grace: int | None,
        **drawn: Any,
    ) -> None:
        """Undoes a transaction, mostly of the member who had it."""
        found = self.thing(Deed, deed)
        ids = self.ids(name)
        known = self.model.books.named.get(found)
        if is_owner and known is not None:
            ids["member_id"] = known.member_id
        policy = ExpiredPolicy.VOID if grace is None else ExpiredPolicy.REISSUE
        command = Reverse(
            **ids,
            **drawn,
            transaction_id=found,
            reason="a return",
            reason_code=code,
            expired_policy=policy,
            grace=-1 if grace is None else grace,
        )
        self.send(command)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Sends a request again."""
        self.send(data.draw(st.sampled_from(self.sent)))

    @rule(first=which, unit=units, points=few_points)
    def reuse(self, first: int, unit: str, points: int) -> None:
        """Sends a request id again, mostly with other content."""
        known = self.sent[first % len(self.sent)]
        ids: dict[str, Any] = {
            "member_id": known.member_id,
            "request_id": known.request_id,
        }
        self.send(Burn(**ids, unit=unit, points=points, reason="another reward"))

    @rule(first=which, name=names, unit=units, points=few_points)
    def validate(self, first: int, name: str, unit: str, points: int) -> None:
        """Asks what would become of a command, new or old."""
        new = Burn(**self.ids(name), unit=unit, points=points, reason="a reward")
        self.ask([new, *self.sent][first % (len(self.sent) + 1)])

    @rule(
        moves=st.lists(st.tuples(names, names, few_points), max_size=5),
        unit=currencies,
    )
    def atomic(self, moves: list[tuple[str, str, int]], unit: str) -> None:
        """Has several commands carried out together or not at all."""
        start = len(self.sent)
        commands: list[Command] = []
        for index, (name, to, points) in enumerate(moves):
            ids = {**self.ids(name), "request_id": f"r{start}-{index}"}
            fields: dict[str, Any] = {**ids, "unit": unit, "points": points}
            if points % 3 == 0:
                commands.append(Transfer(**fields, to_member_id=to, reason="x"))
            else:
                kind = Earn if points % 2 else Burn
                commands.append(kind(**fields, reason="together"))
        self.send_together(commands)
