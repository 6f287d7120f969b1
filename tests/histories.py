"""Random histories in which every kind of command has its place."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random
from typing import Any, Final

from points.domain.activities import Item
from points.domain.bounds import NEVER, UNSET
from points.domain.budgets import BudgetForm, BudgetTerms
from points.domain.calendar.periods import Period
from points.domain.claims import ClaimPlace
from points.domain.commands import (
    ActivateLot,
    Adjust,
    AdjustDirection,
    ApplyProgram,
    Burn,
    CancelLot,
    CaptureHold,
    ClaimAward,
    ClaimBatch,
    CloseBooks,
    Command,
    CreateMember,
    Earn,
    EraseMember,
    ExpiredPolicy,
    ExtendLot,
    FreezeMember,
    FundBudget,
    MeasureLiability,
    MergeMembers,
    PlaceHold,
    RecordActivity,
    ReportFigures,
    Reverse,
    SetLimits,
    SetPool,
    SetStanding,
    ShortfallPolicy,
    Transfer,
    UnfreezeMember,
    UpdateMember,
    VoidHold,
)
from points.domain.commands.budgets import FundDirection
from points.domain.identity import Place
from points.domain.program import Program
from points.domain.values import ReasonCode, TimeoutAction, Velocity
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Job, route, route_claim, route_everywhere
from points.engine.sweeper import sweep
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, HOUR, Clock
from tests.engine.build import answers, carry_out
from tests.engine.climbing import program_with
from tests.engine.shop import Shop, call
from tests.store.build import rows


_NAMES: Final = ("ada", "bob", "eve", "zoë")


_DOCUMENT: Final = """
program: histories
units:
  points: {kind: currency, notice: P1D}
  miles: {kind: currency, notice: P1D, expiry: {after: P2D, reset_by: [BURN]}}
  qualifying_points: {kind: growth}
sinks: [redemption, donation]
pools:
  firm: {units: [points, miles]}
  home: {units: [points], share: 1/3}
scores: {activities: [visit], within: P2D}
rules:
  visit:
    activities: [visit]
    awards:
      - unit: points
        points: {per_quantity: {each: 3, points: 2}}
        remainder: CARRY
        first_time: {add: 5}
      - {unit: qualifying_points, points: {per_quantity: {points: 1}}}
      - {unit: miles, points: {per_quantity: {points: 2}}, items: "true"}
    caps: [a_day]
  parcel:
    activities: [visit]
    when: activity.quantity > 4
    awards:
      - {unit: miles, points: {fixed: 3}}
    pending: {until_event: delivery, cancel_after: P2D}
  praise:
    activities: [visit, call]
    awards:
      - {unit: points, points: {per_quantity: {points: 2}}}
      - {unit: miles, points: {fixed: 4}}
    claim: {within: P1D}
    budget: words
  card:
    activities: [call]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: cards
  thanks:
    activities: [visit]
    awards: [{unit: points, points: {per_quantity: {points: 1}}, items: "true"}]
    claim: {within: P0D}
    budget: month
budgets:
  month:
    unit: points
    fixed: {points: 90, per: MONTH}
    overflow: LOWER_RATE
    lower_to: 0.5
  words: {unit: points, fixed: {points: 20, per: DAY}, overflow: QUEUE}
  cards: {unit: points, per_member: {points: 5, per: DAY}, overflow: QUEUE}
caps:
  a_day: {unit: points, window: {each: DAY}, bound: {points: 8}}
"""


def sliding_program() -> Program:
    """Returns a program with rules, in which burns let lots of miles live on."""
    program = to_program(load_document(_DOCUMENT))
    ads = BudgetTerms("ads", "points", BudgetForm.PREFUNDED)
    owed = BudgetTerms("owed", "points", BudgetForm.LIABILITY, 900)
    budgets = {**program.budgets, "ads": ads, "owed": owed}
    return replace(program, budgets=budgets, ladders=program_with().ladders)


def living_engine(store: Store, clock: Clock) -> AbstractContextManager[Engine]:
    """Runs an engine to which every document means the sliding program."""
    program = sliding_program()
    return running_engine(
        store,
        program,
        clock=clock,
        compile_document=lambda _: program,
        plugins=Shop().plugins(),
    )


@dataclass
class History:
    """Has one thing done after the other, much of which is refused.

    Members end now and then; each is followed by a new one, and still asked for
    things by those who have not heard of it.
    """

    random: Random
    engine: Engine
    clock: Clock
    sent: int = 0
    living: list[str] = field(default_factory=lambda: list(_NAMES))
    ended: list[str] = field(default_factory=list)

    @property
    def member_ids(self) -> list[str]:
        """Returns all members there have ever been."""
        return [*self.living, *self.ended]

    def start(self) -> None:
        """Creates the members, with points of both units."""
        for name in self.member_ids:
            attributes = {"name": name}
            self.execute(CreateMember(**self.ids(name), attributes=attributes))
            for unit in ("points", "miles"):
                self.execute(_earn(self, name, unit=unit, points=200))

    def step(self) -> None:
        """Does one thing, mostly to one member."""
        if self.random.random() < _SHARE_OF_COMMANDS:
            make = self.random.choice(_MAKERS)
            self.execute(
                make(self, self.random.choice([*self.living, *self.ended[-1:]]))
            )
        else:
            self.random.choice(_STEPS)(self)

    def ids(self, member_id: str) -> dict[str, Any]:
        """Returns the ids of a new command."""
        self.sent += 1
        return {"member_id": member_id, "request_id": f"r{self.sent}"}

    def others(self, member_id: str) -> list[str]:
        """Returns the other living members."""
        return [name for name in self.living if name != member_id]

    def place(self, table: str, condition: str = "1 = 1") -> tuple[str, Place]:
        """Returns a member and a place of the table, one that is nowhere if none is."""
        query = (
            f"SELECT member_id, part, number FROM {table} WHERE {condition}"
            " ORDER BY part, number"
        )
        found = rows(self.engine.store, query) or [("ada", 0, 1)]
        member_id, *numbers = self.random.choice(found)
        return member_id, Place(*numbers)

    def execute(self, command: Command) -> None:
        """Has a command carried out."""
        carry_out(self.engine, command)

    def submit(self, job: Job) -> None:
        """Has a job carried out."""
        done: Future[Any] = Future()
        self.engine.submit([(job, done)])
        answers(done)


def _together(history: History) -> None:
    """Sends a batch with an id of its own."""
    count = history.engine.store.part_count
    ids = history.ids("")
    claim = ClaimBatch(**ids, command_count=2, is_atomic=False, content="c" * 32)
    names = history.random.choices(history.living, k=2)
    commands = [route(_earn(history, name), count) for name in names]
    history.submit(Job(commands=[route_claim(claim, count), *commands]))


def _fund(history: History) -> None:
    """Funds a budget, or tells what one depends on."""
    choose = history.random.choice
    signed: dict[str, Any] = {"operator": "olga", "reason": "a shop"}
    request_id, size = history.ids("")["request_id"], history.random.randint(1, 90)
    funding = FundBudget(
        request_id=request_id,
        budget="ads",
        points=size,
        direction=choose([FundDirection.PAY, *FundDirection]),
        **signed,
    )
    report = ReportFigures(
        request_id=request_id,
        source="PROFIT",
        period=choose(["DAY", "LIFETIME"]),
        start_time=choose([0, history.clock.now // DAY * DAY]),
        money=choose([-size, size]),
        **signed,
    )
    measure = MeasureLiability(
        request_id=request_id, budget="owed", outstanding=size, **signed
    )
    history.execute(choose([funding, report, measure]))


def _sweep(history: History) -> None:
    """Sweeps what is due."""
    sweep(history.engine)


def _close(history: History) -> None:
    """Closes the books of all parts up to two days ago."""
    command = CloseBooks(
        request_id=history.ids("")["request_id"],
        until_time=history.clock.now - 2 * DAY,
        operator="olga",
        reason="the day",
    )
    everywhere = route_everywhere(command, history.engine.store.part_count)
    history.submit(Job(commands=everywhere, atomic=True))


def _apply(history: History) -> None:
    """Applies the program once more, under another name or the last one."""
    document = f'{{"name":{history.sent // 100}}}'
    units = sliding_program().units.values()
    command = ApplyProgram(
        request_id=history.ids("")["request_id"],
        digest=sha256(document.encode()).hexdigest(),
        document=document,
        units=tuple((unit.code, unit.spendable) for unit in units),
        operator="olga",
        reason="the day",
    )
    everywhere = route_everywhere(command, history.engine.store.part_count)
    history.submit(Job(commands=everywhere, atomic=True))


def _end_one(history: History) -> None:
    """Merges or erases a member, and creates a new one."""
    member_id, other = history.random.sample(history.living, 2)
    fields = {**history.ids(member_id), "operator": "olga", "reason": "asked for"}
    merge = MergeMembers(**fields, into_member_id=other)
    history.execute(history.random.choice([merge, EraseMember(**fields)]))
    newcomer = f"{member_id.partition(' ')[0]} {history.sent}"
    history.execute(CreateMember(**history.ids(newcomer), attributes={"new": "yes"}))
    history.living.append(newcomer)
    history.living.remove(member_id)
    history.ended.append(member_id)


def _earn(history: History, member_id: str, **fields: Any) -> Command:
    choose, now = history.random.choice, history.clock.now
    terms: dict[str, Any] = choose(
        [
            {},
            {"expire_time": choose([now + 3 * HOUR, now + DAY])},
            {"activate_time": now + HOUR, "expire_time": now + DAY},
            {"activate_time": now + choose([HOUR, 2 * HOUR])},
            {"waits_for": "delivery", "cancel_time": now + choose([HOUR, DAY])},
            {"waits_for": "delivery", "expire_after": Period(days=1)},
        ]
    )
    return Earn(**{**_moving(history, member_id), **terms, **fields})


def _moving(history: History, member_id: str) -> dict[str, Any]:
    """Returns what commands that move points have, often dated back."""
    choose = history.random.choice
    return {
        **history.ids(member_id),
        "unit": choose(["points", "points", "miles"]),
        "points": history.random.randint(1, 60),
        "reason": "by chance",
        "metadata": choose([{}, {"order": '"17"\n'}]),
        "effective_time": choose([UNSET, UNSET, history.clock.now - HOUR]),
    }


_ITEMS: Final = (Item("x", quantity=2), Item("y"))


def _activity(history: History, member_id: str) -> Command:
    choose = history.random.choice
    return RecordActivity(
        **history.ids(member_id),
        activity_type=choose(["visit", "visit", "call"]),
        quantity=history.random.randint(1, 7),
        items=choose([(), _ITEMS]),
        attributes=choose([{}, {"order": "18"}]),
        effective_time=choose([UNSET, UNSET, history.clock.now - HOUR]),
    )


def _claim(history: History, _member_id: str) -> Command:
    query = "SELECT member_id, part, number, position FROM claim ORDER BY 2, 3, 4"
    found = rows(history.engine.store, query) or [("ada", 0, 1, 1)]
    member_id, *place = history.random.choice(found[-20:])
    claim_id = ClaimPlace(*place).claim_id()
    return ClaimAward(**history.ids(member_id), claim_id=claim_id)


def _burn(history: History, member_id: str) -> Command:
    sink = history.random.choice(["redemption", "donation"])
    return Burn(**_moving(history, member_id), sink=sink)


def _transfer(history: History, member_id: str) -> Command:
    choose = history.random.choice
    to, fee = choose(history.others(member_id)), choose([0, 2])
    return Transfer(**_moving(history, member_id), to_member_id=to, fee_points=fee)


def _adjust(history: History, member_id: str) -> Command:
    direction = history.random.choice(list(AdjustDirection))
    fields = _moving(history, member_id)
    return Adjust(**fields, direction=direction, operator="olga")


def _place_hold(history: History, member_id: str) -> Command:
    choose = history.random.choice
    terms: dict[str, Any] = choose(
        [
            {},
            {
                "timeout": choose([HOUR, 5 * HOUR]),
                "on_timeout": choose(list(TimeoutAction)),
            },
        ]
    )
    freeze_expiry = choose([False, True])
    fields = _moving(history, member_id)
    return PlaceHold(**fields, **terms, freeze_expiry=freeze_expiry)


def _capture(history: History, _member_id: str) -> Command:
    member_id, place = history.place("hold", "state = 'OPEN'")
    return CaptureHold(
        **history.ids(member_id),
        hold_id=place.hold_id(),
        points=history.random.choice([0, 5]),
        void_rest=history.random.choice([False, True]),
    )


def _void(history: History, _member_id: str) -> Command:
    member_id, place = history.place("hold", "state = 'OPEN'")
    return VoidHold(**history.ids(member_id), hold_id=place.hold_id())


def _return(history: History, _member_id: str) -> Command:
    """Takes an activity back: as often by item as whole."""
    choose = history.random.choice
    member_id, place = history.place("record", "kind = 'ACTIVITY'")
    return Reverse(
        **history.ids(member_id),
        transaction_id=place.transaction_id(),
        reason="sent back",
        reason_code=ReasonCode.CLAWBACK,
        item_ids=choose([(), ("x",), ("y",), ("x", "y")]),
        shortfall_policy=choose(list(ShortfallPolicy)),
    )


def _reverse(history: History, _member_id: str) -> Command:
    choose = history.random.choice
    kinds = "'EARN', 'ACTIVITY', 'BURN', 'CAPTURE'"
    member_id, place = history.place(
        "record", f"is_transaction = 1 AND kind IN ({kinds})"
    )
    expired: dict[str, Any] = choose(
        [{}, {"expired_policy": ExpiredPolicy.REISSUE, "grace": DAY}]
    )
    return Reverse(
        **history.ids(member_id),
        transaction_id=place.transaction_id(),
        reason="a mistake",
        reason_code=choose(list(ReasonCode)),
        points=choose([0, 3]),
        shortfall_policy=choose(list(ShortfallPolicy)),
        **expired,
    )


def _activate(history: History, _member_id: str) -> Command:
    member_id, place = history.place("lot", _PENDING)
    return ActivateLot(**history.ids(member_id), lot_id=place.lot_id())


def _cancel(history: History, _member_id: str) -> Command:
    member_id, place = history.place("lot", _PENDING)
    return CancelLot(**history.ids(member_id), lot_id=place.lot_id(), reason="returned")


def _extend(history: History, _member_id: str) -> Command:
    member_id, place = history.place("lot", f"expire_time < {NEVER}")
    return ExtendLot(
        **history.ids(member_id),
        lot_id=place.lot_id(),
        expire_time=history.clock.now + 2 * DAY,
        operator="olga",
        reason="goodwill",
    )


def _set_limits(history: History, member_id: str) -> Command:
    choose = history.random.choice
    return SetLimits(
        **history.ids(member_id),
        unit=choose(["points", "miles", "qualifying_points"]),
        operator="olga",
        reason="looks odd",
        floor=choose([None, 5]),
        ceiling=choose([None, 5_000]),
        velocities=choose([(), (Velocity("BURN", "DAY", points_max=500),)]),
    )


def _set_standing(history: History, member_id: str) -> Command:
    choose = history.random.choice
    return SetStanding(
        **history.ids(member_id),
        ladder="status",
        tier=choose(["silver", "gold"]),
        until_time=history.clock.now + choose([HOUR, DAY]),
        operator="olga",
        reason="a friend",
    )


def _set_pool(history: History, member_id: str) -> Command:
    choose = history.random.choice
    pool = choose(["firm", "home", "home", ""])
    into = choose([*history.member_ids, *history.living]) if pool else ""
    return SetPool(**history.ids(member_id), pool=pool, pools_into=into)


def _update(history: History, member_id: str) -> Command:
    attributes = {"city": history.random.choice(["Bern", "Brno"])}
    return UpdateMember(**history.ids(member_id), attributes=attributes)


def _freeze(history: History, member_id: str) -> Command:
    return FreezeMember(**history.ids(member_id))


def _call(history: History, member_id: str) -> Command:
    """Has a plugin earn and keep a document, or hold points for a lead."""
    method = history.random.choice(["Stamp", "Bid"])
    board, points = history.random.choice("xy"), history.random.randint(1, 60)
    return call(method, **history.ids(member_id), board=board, points=points)


def _unfreeze(history: History, member_id: str) -> Command:
    return UnfreezeMember(**history.ids(member_id))


_PENDING: Final = f"(waits_for <> '' OR activate_time > 0) AND activate_time <= {NEVER}"
_SHARE_OF_COMMANDS: Final = 0.9
_STEPS: Final[list[Callable[[History], None]]] = [
    _together,
    _fund,
    _sweep,
    _close,
    _apply,
    _end_one,
]
_MAKERS: Final[list[Callable[[History, str], Command]]] = [
    *[_earn] * 5,
    *[_activity] * 3,
    *[_claim] * 2,
    *[_burn] * 2,
    *[_place_hold] * 4,
    *[_capture] * 2,
    *[_void],
    *[_transfer] * 2,
    *[_reverse] * 4,
    *[_return] * 2,
    *[_activate, _cancel, _cancel, _extend],
    *[_adjust, _set_limits, _set_standing, _set_pool, _update],
    *[_freeze, _unfreeze, _unfreeze],
    *[_call] * 4,
]
