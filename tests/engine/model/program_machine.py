"""The machine under a program: members do things, collect, climb and pool as well."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from points.domain.activities import Item
from points.domain.bounds import NEVER, UNSET
from points.domain.commands import (
    ActivateLot,
    CancelLot,
    ClaimAward,
    CreateMember,
    Earn,
    EraseMember,
    FreezeMember,
    FundBudget,
    MergeMembers,
    RecordActivity,
    Reverse,
    SetLimits,
    SetPool,
    SetStanding,
    UnfreezeMember,
)
from points.domain.commands.budgets import FundDirection
from points.domain.commands.reversal import ShortfallPolicy
from points.domain.values import ReasonCode, Velocity
from tests.engine.model.drawn import few_points, names, own, spans, units, which
from tests.engine.model.program_checks import ProgramChecks
from tests.engine.model.things import DAY, Deed, ModelClaim, ModelLot


sizes: Final = st.integers(1, 5)
late: Final = st.sampled_from([0, 0, 0, 0, 1, 2])
"""Days by which a fact is reported late."""
items: Final = st.lists(st.tuples(st.integers(0, 5), sizes), max_size=3)
"""Fifteenths of the money, and the quantity, of each item."""


class ProgramMachine(ProgramChecks):
    """Asks for all that a program decides, besides what points themselves do."""

    def __init__(self) -> None:
        super().__init__()
        self.fund_count = 0

    @initialize(pool=st.sampled_from(["", "company", "household"]))
    def prepare(self, pool: str) -> None:
        """Begins with a third member, a pool mostly, and a budget with some points."""
        self.send(CreateMember(**self.ids("eve")))
        self.join_pool("bob", "ada", pool)
        self.fund(15, FundDirection.PAY)

    def do(
        self,
        name: str,
        kind: str,
        days: int,
        items: list[tuple[int, int]],
        **drawn: Any,
    ) -> None:
        """Reports a fact, at times one that comes late; its items are a, b and c."""
        money = drawn.get("money", 0)
        named = [
            Item(each, money * part // 15, quantity)
            for each, (part, quantity) in zip("abc", items, strict=False)
        ]
        command = RecordActivity(
            **self.ids(name),
            **drawn,
            items=tuple(named),
            activity_type=kind,
            effective_time=self.clock.now - days * DAY if days else UNSET,
        )
        self.send(command)

    @rule(name=names, money=st.integers(0, 6_000), days=late, items=items)
    def buy(self, **drawn: Any) -> None:
        """Reports a purchase."""
        self.do(kind="purchase", **drawn)

    @rule(name=names, quantity=sizes, days=late, items=items)
    def order(self, **drawn: Any) -> None:
        """Reports a parcel on its way."""
        self.do(kind="parcel", **drawn)

    @rule(name=names, quantity=sizes, days=late, items=items)
    def write(self, **drawn: Any) -> None:
        """Reports a review, which is paid from what was paid ahead."""
        self.do(kind="review", **drawn)

    @rule(
        name=names,
        quantity=sizes,
        days=late,
        items=items,
        kind=st.sampled_from(["late", "walk"]),
    )
    def go(self, **drawn: Any) -> None:
        """Reports what is paid from a budget of all, or of each member."""
        self.do(**drawn)

    @rule(name=names, points=few_points)
    def fly(self, name: str, points: int) -> None:
        """Earns what counts towards tiers."""
        unit = "qualifying_points"
        self.send(Earn(**self.ids(name), unit=unit, points=points, reason="a flight"))

    @rule(which=which, name=names, own=own)
    def collect(self, which: int, name: str, own: bool) -> None:  # noqa: FBT001 - drawn by name
        """Collects what waits, mostly as the one it waits for."""
        self.send(ClaimAward(**self.of(ModelClaim, which, name, own=own)))

    @rule(which=which, name=names, own=own, is_lost=st.booleans())
    def arrive(self, which: int, name: str, own: bool, is_lost: bool) -> None:  # noqa: FBT001
        """Makes a pending lot usable, or takes it away."""
        ids = self.of(ModelLot, which, name, own=own)
        self.send(CancelLot(**ids, reason="lost") if is_lost else ActivateLot(**ids))

    @rule(
        name=names,
        into=names,
        what=st.sampled_from(["freeze", "unfreeze", "merge", "erase"]),
    )
    def change(self, name: str, into: str, what: str) -> None:
        """Freezes a member, makes two of them one, or forgets one."""
        ids = self.ids(name)
        if what == "merge":
            named = {"into_member_id": into, "operator": "op", "reason": "one person"}
            self.send(MergeMembers(**ids, **named))
        elif what == "erase":
            self.send(EraseMember(**ids, operator="op", reason="asked for"))
        else:
            self.send(
                FreezeMember(**ids) if what == "freeze" else UnfreezeMember(**ids)
            )

    @rule(name=names, unit=units, ceiling=st.integers(20, 90), most=st.integers(1, 4))
    def bound(self, name: str, most: int, **drawn: Any) -> None:
        """Bounds what a member may have and how often it may earn."""
        often = Velocity("EARN", "DAY", None, most)
        command = SetLimits(
            **self.ids(name),
            **drawn,
            floor=None,
            velocities=(often,),
            operator="op",
            reason="a policy",
        )
        self.send(command)

    @rule(
        which=which,
        policy=st.sampled_from(ShortfallPolicy),
        item_ids=st.lists(st.sampled_from("aaabbcd"), max_size=2, unique=True),
    )
    def take_back(
        self, which: int, policy: ShortfallPolicy, item_ids: list[str]
    ) -> None:
        """Undoes an activity or a claim, whole, or some items of an activity."""
        books = self.model.books
        found = [
            (place, deed)
            for place, deed in books.named.items()
            if isinstance(deed, Deed) and deed.kind in ("ACTIVITY", "CLAIM")
        ]
        if not found:
            return
        place, deed = found[which % len(found)]
        command = Reverse(
            **self.ids(deed.member_id),
            transaction_id=place,
            item_ids=tuple(item_ids),
            reason="a return",
            reason_code=ReasonCode.CLAWBACK,
            shortfall_policy=policy,
        )
        self.send(command)

    @rule(points=few_points, direction=st.sampled_from(FundDirection))
    def fund(self, points: int, direction: FundDirection) -> None:
        """Pays points ahead, or takes them back."""
        self.fund_count += 1
        command = FundBudget(
            request_id=f"fund-{self.fund_count}",
            budget="ads",
            points=points,
            operator="op",
            reason="a contract",
            direction=direction,
        )
        self.send(command)
        self.sent.remove(command)  # nobody's request id cannot be reused

    @rule(
        name=names,
        into=names,
        pool=st.sampled_from(["company", "household", "household", "", "club"]),
    )
    def join_pool(self, name: str, into: str, pool: str) -> None:
        """Lets a member earn for another one, or for itself again."""
        pools_into = into if pool else ""
        self.send(SetPool(**self.ids(name), pool=pool, pools_into=pools_into))

    @rule(
        name=names,
        ladder=st.sampled_from(["status", "status", "travel", "honour"]),
        tier=st.sampled_from(["", "silver", "gold", "lead"]),
        ends=st.none() | spans | st.sampled_from([DAY, 2 * DAY]),
    )
    def stand(self, name: str, ladder: str, tier: str, ends: int | None) -> None:
        """Puts a floor under a member."""
        until = self.now_and(ends if tier else None, NEVER)
        command = SetStanding(
            **self.ids(name),
            ladder=ladder,
            tier=tier,
            until_time=until,
            operator="op",
            reason="a policy",
        )
        self.send(command)
