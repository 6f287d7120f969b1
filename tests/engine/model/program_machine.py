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
doers: Final = st.sampled_from(["ada", "bob", "bob", "bob", "eve"])
"""Who does something: mostly the one who begins in a pool."""
late: Final = st.sampled_from([0, 0, 0, 0, 1, 2])
"""Days by which a fact is reported late."""
items: Final = st.lists(st.tuples(st.integers(0, 5), sizes), max_size=3)
"""Fifteenths of the money, and the quantity, of each item."""
chosen: Final = st.sampled_from([(), (0,), (0,), (1,), (0, 2)])
"""Places of the items that are returned; the one behind the last does not exist."""
policies: Final = st.sampled_from(ShortfallPolicy)


class ProgramMachine(ProgramChecks):
    """Asks for all that a program decides, besides what points themselves do."""

    def __init__(self) -> None:
        super().__init__()
        self.fund_count = 0

    @initialize(pool=st.sampled_from(["", "company", "company", "household"]))
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

    @rule(name=doers, money=st.integers(0, 6_000), days=late, items=items)
    def buy(self, **drawn: Any) -> None:
        """Reports a purchase."""
        self.do(kind="purchase", **drawn)

    @rule(name=doers, quantity=sizes, days=late, items=items)
    def order(self, **drawn: Any) -> None:
        """Reports a parcel on its way."""
        self.do(kind="parcel", **drawn)

    @rule(name=doers, quantity=sizes, days=late, items=items)
    def write(self, **drawn: Any) -> None:
        """Reports a review, which is paid from what was paid ahead."""
        self.do(kind="review", **drawn)

    @rule(
        name=doers,
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
        """Makes a pending lot usable, or takes it away: one of a pool if there is."""
        ids = self.of(ModelLot, which, name, own=own)
        pending = [
            (lot_id, lot)
            for lot_id, lot in self.model.books.named.items()
            if isinstance(lot, ModelLot) and lot.is_pending(self.clock.now)
        ]
        pooled = [each for each in pending if each[1].earner] or pending
        if own and pooled:
            lot_id, lot = pooled[which % len(pooled)]
            ids |= {"lot_id": lot_id, "member_id": lot.member_id}
        self.send(CancelLot(**ids, reason="lost") if is_lost else ActivateLot(**ids))

    @rule(
        name=names,
        into=names,
        what=st.sampled_from(["freeze", "unfreeze", "merge", "erase", "vanish"]),
    )
    def change(self, name: str, into: str, what: str) -> None:
        """Freezes a member, makes two of them one, forgets one, or one after other."""
        ids = self.ids(name)
        if what in ("merge", "vanish"):
            named = {"into_member_id": into, "operator": "op", "reason": "one person"}
            self.send(MergeMembers(**ids, **named))
        if what in ("erase", "vanish"):
            self.send(EraseMember(**self.ids(name), operator="op", reason="asked for"))
        if what in ("freeze", "unfreeze"):
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

    @rule(which=which, policy=policies, chosen=chosen, of_pool=st.booleans())
    def take_back(
        self,
        which: int,
        of_pool: bool,  # noqa: FBT001 - drawn by name
        **drawn: Any,
    ) -> None:
        """Undoes an activity or a claim, whole, or some items of an activity."""
        found = self._earnings(of_pool=of_pool)
        if found:
            self._undo(*found[which % len(found)], **drawn)

    @rule(
        name=doers,
        quantity=sizes,
        items=items,
        is_lost=st.booleans(),
        policy=policies,
        chosen=chosen,
    )
    def regret(
        self,
        name: str,
        is_lost: bool,  # noqa: FBT001 - drawn by name
        policy: ShortfallPolicy,
        chosen: tuple[int, ...],
        **drawn: Any,
    ) -> None:
        """Orders a parcel and sends it back, be it that some of it was lost."""
        self.order(name=name, days=0, **drawn)
        self.everything_agrees()
        if is_lost:
            self.arrive(which=-1, name=name, own=True, is_lost=True)
        found = self._earnings(of_pool=False)
        if found:
            self._undo(*found[-1], policy, chosen)

    def _undo(
        self, place: str, deed: Deed, policy: ShortfallPolicy, chosen: tuple[int, ...]
    ) -> None:
        known = [(*deed.items, "z")[each : each + 1] for each in chosen if deed.items]
        command = Reverse(
            **self.ids(deed.member_id),
            transaction_id=place,
            item_ids=tuple(each for (each,) in filter(None, known)),
            reason="a return",
            reason_code=ReasonCode.CLAWBACK,
            shortfall_policy=policy,
        )
        self.send(command)

    def _earnings(self, *, of_pool: bool) -> list[tuple[str, Deed]]:
        """Returns activities and claims by their ids, those of pools if there are."""
        named = self.model.books.named.items()
        found = [
            (place, deed)
            for place, deed in named
            if isinstance(deed, Deed) and deed.kind in ("ACTIVITY", "CLAIM")
        ]
        pooled = [each for each in found if each[1].pool and of_pool]
        return pooled or found

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
