"""Random histories in which every kind of command has its place."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from points.domain.budgets import BudgetForm, BudgetTerms
from points.domain.commands import (
    ApplyProgram,
    ClaimBatch,
    CloseBooks,
    Command,
    CreateMember,
    EraseMember,
    FundBudget,
    MeasureLiability,
    MergeMembers,
    ReportFigures,
)
from points.domain.commands.budgets import FundDirection
from points.domain.program import Program
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Job, route, route_claim, route_everywhere
from points.engine.sweeper import sweep
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.engine.build import answers, carry_out
from tests.engine.climbing import program_with
from tests.engine.shop import Shop
from tests.history_commands import MAKERS, Past, earn


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


class History(Past):
    """Has one thing done after the other, much of which is refused.

    Members end now and then; each is followed by a new one, and still asked for
    things by those who have not heard of it.
    """

    def start(self) -> None:
        """Creates the members, with points of both units."""
        for name in self.member_ids:
            attributes = {"name": name}
            self.execute(CreateMember(**self.ids(name), attributes=attributes))
            for unit in ("points", "miles"):
                self.execute(earn(self, name, unit=unit, points=200))

    def step(self) -> None:
        """Does one thing, mostly to one member."""
        if self.random.random() < _SHARE_OF_COMMANDS:
            make = self.random.choice(MAKERS)
            self.execute(
                make(self, self.random.choice([*self.living, *self.ended[-1:]]))
            )
        else:
            self.random.choice(_STEPS)(self)

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
    commands = [route(earn(history, name), count) for name in names]
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


_SHARE_OF_COMMANDS: Final = 0.9
_STEPS: Final[list[Callable[[History], None]]] = [
    _together,
    _fund,
    _sweep,
    _close,
    _apply,
    _end_one,
]
