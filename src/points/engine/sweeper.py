"""The sweep: records what time alone has done, in small commands like any other.

Reads are right without it, so it may come late, twice, or from several servers at
once: a command that finds nothing left to do leaves no trace.

========  ======================================================================
step      what
========  ======================================================================
lapse     open holds whose time is over give back or burn what they hold
claims    budgets get back what claims that nobody has collected had taken from them
expire    lots that are over give what is left to breakage, or back to issuance
notice    lots that will expire within the notice period of their unit are announced
stand     tiers whose term and grace are over are lost, and those promoted that waited
restand   all who stand elsewhere since the ladders of the program have changed
announce  losses of tiers within the notice period of their ladder, once a day
score     members are compared with each other, once in each window of the scores
========  ======================================================================

In this order: what a lapsed hold gives back may be over by then. Activation needs
no step, for nothing moves.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex
from typing import Any, Final, NamedTuple

import structlog

from points.domain.commands import (
    Command,
    ExpireLots,
    GiveNotice,
    LapseClaim,
    LapseHold,
    SweepStandings,
)
from points.domain.commands.lots import EXPIRE_LOTS_MAX
from points.domain.identity import BREAKAGE, RESERVED_PREFIX, Place
from points.domain.plugin_calls import PluginCall
from points.domain.program import Program
from points.domain.refusals import NothingDue, QueueFull, ServerStopping
from points.domain.scores import ScoreChange
from points.domain.standings import DemotionNotice, StandingChange
from points.domain.values import Kind, Notice, Result, Transaction
from points.engine.announcing import demotion_notices
from points.engine.engine import Engine
from points.engine.jobs import Answer, Outcome
from points.engine.plugins.background import Background
from points.engine.plugins.job_runner import run_due_jobs
from points.engine.restanding import climbers_that_moved
from points.engine.scoring import score_commands
from points.engine.submitting import Stopped, carry_out_all
from points.store.errors import StoreLost
from points.store.reads.due import (
    FROM_THE_START,
    OF_CLAIMS,
    OF_MEMBERS,
    DueClaim,
    DueHold,
    DueLot,
    DueStanding,
    due_claims,
    due_holds,
    due_lots,
    due_notices,
    due_standings,
)


ROWS_MAX: Final = 1_000
"""Due lots or holds read at a time."""

_log = structlog.get_logger("points.sweep")


class Step(NamedTuple):
    """Is one kind of thing that time does: how to find it, and what to command."""

    name: str
    read: Callable[..., Sequence[Any]]
    commands: Callable[[Any], Iterator[Command]]
    start: Sequence[Any] = FROM_THE_START


@dataclass(slots=True)
class Swept:
    """Is what a sweep has done; points are counted by unit.

    `nothing_due` commands came after somebody else's, `failed` ones will be tried
    by the next sweep. Not `finished` if the server or the queue was in the way.
    """

    lapsed_holds: int = 0
    lapsed_claims: int = 0
    swept_lots: int = 0
    expired_points: dict[str, int] = field(default_factory=dict)
    cancelled_points: dict[str, int] = field(default_factory=dict)
    noticed_lots: int = 0
    noticed_demotions: int = 0
    swept_standings: int = 0
    scored_members: int = 0
    run_jobs: int = 0
    nothing_due: int = 0
    failed: int = 0
    finished: bool = True

    @property
    def is_empty(self) -> bool:
        """Says whether there was nothing to do."""
        return self == Swept()

    def add(self, answer: Answer) -> None:
        """Adds what became of one command."""
        if isinstance(answer, NothingDue):
            self.nothing_due += 1
        elif not isinstance(answer, Outcome):
            self._add_failure(answer)
        elif not isinstance(answer.record.result, Transaction):
            self._add_result(answer.record.result, replayed=answer.replayed)
        elif answer.replayed:
            self.nothing_due += 1
        elif answer.record.kind is Kind.LAPSE:
            self.lapsed_holds += 1
        elif answer.record.kind is Kind.LAPSE_CLAIM:
            self.lapsed_claims += 1
        else:
            self._add_expiry(answer.record.result)

    def _add_result(self, result: Result, *, replayed: bool) -> None:
        match result:
            case Notice(lots=lots):
                self.noticed_lots += len(lots)
            case DemotionNotice():
                self.noticed_demotions += 1
            case StandingChange(standings=standings):
                self.swept_standings += len(standings)
            case ScoreChange():
                self.scored_members += 1
            case PluginCall():
                self.run_jobs += not replayed
            case _:
                self._add_failure(result)

    def _add_expiry(self, transaction: Transaction) -> None:
        self.swept_lots += len(transaction.draws)
        for _, account, unit, points in transaction.postings:
            is_expired = account == BREAKAGE
            sums = self.expired_points if is_expired else self.cancelled_points
            sums[unit] = sums.get(unit, 0) + points

    def _add_failure(self, refusal: object) -> None:
        self.failed += 1
        _log.warning("sweep_refused", refusal=str(refusal))


class Sweeper:
    """Sweeps again and again, in a thread of its own."""

    def __init__(self, engine: Engine, interval_seconds: float) -> None:
        self._engine = engine
        self._interval_seconds = interval_seconds
        self._stopped = threading.Event()
        self._looked: dict[str, object] = {}
        self._thread = threading.Thread(target=self._run, name="points-sweep")
        self._background = Background(engine)

    def start(self) -> None:
        """Starts the thread, unless the interval is 0: then nobody sweeps."""
        if self._interval_seconds:
            self._thread.start()
            self._background.start()

    def stop(self) -> None:
        """Ends the thread; what it has queued is still carried out."""
        self._stopped.set()
        # Whether it has died or not: the others run on by themselves.
        if self._thread.ident is not None:
            self._thread.join()
            self._background.stop()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause()):
            try:
                swept = self._sweep()
            except StoreLost as error:
                _log.warning("store_lost", error=str(error))
                continue
            except Exception as error:  # noqa: BLE001 - the next sweep may do better
                _log.warning("sweep_failed", exc_info=error)
                continue
            if not swept.is_empty:
                _log.info("swept", **_shown(swept))

    def _sweep(self) -> Swept:
        looks = _looks(self._engine.program, self._engine.clock())
        due = {name: key != self._looked.get(name) for name, key in looks.items()}
        # Jobs have a thread of their own, which lets callers go in between.
        swept = sweep(self._engine, self._stopped, runs_jobs=False, **due)
        if swept.finished and not swept.failed:
            self._looked = looks
        return swept

    def _pause(self) -> float:
        # A little chance keeps several servers from sweeping in step.
        return self._interval_seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def _looks(program: Program, now: int) -> dict[str, object]:
    """Returns what looks at all members depend on: each is due once this changes."""
    ladders, scoring = program.ladders, program.scoring
    names = ladders.names if ladders else ()
    ends = [ladders.notice_until(name, now) for name in names if ladders]
    digest = ladders.digest if ladders else ""
    return {
        "restands": digest,
        "announces": (digest, ends),
        "scores": scoring and (scoring, scoring.span(now)),
    }


def sweep(
    engine: Engine,
    stopped: threading.Event | None = None,
    *,
    runs_jobs: bool = True,
    restands: bool = True,
    announces: bool = True,
    scores: bool = True,
) -> Swept:
    """Sweeps all that is due now, once, and returns what was done.

    Where it `runs_jobs`, those of plugins are run. Where it `restands`, all members
    are looked at whose standing a change of the program may have moved; where it
    `announces`, those who may lose a tier before long; and where it `scores`, all are
    compared anew.
    Ends early if `stopped` is set, and if callers leave no room in the queue.
    Raises StoreLost.
    """
    swept = Swept()
    stop, now = stopped or threading.Event(), engine.clock()
    try:
        for step in (*STEPS, *_notices(engine.program, now)):
            for due in _pages(engine, step, now):
                carry_out_all(engine, list(step.commands(due)), swept.add, stop)
        if runs_jobs:
            run_due_jobs(engine, swept.add, stop)
        if restands:
            _restand(engine, now, swept, stop)
        for page in _told(engine, now, announces=announces, scores=scores):
            carry_out_all(engine, page, swept.add, stop)
    except (QueueFull, ServerStopping, Stopped):
        swept.finished = False
    return swept


def _restand(engine: Engine, now: int, swept: Swept, stopped: threading.Event) -> None:
    ladders = engine.program.ladders
    if ladders is None:
        return
    for page in climbers_that_moved(engine.store.backend, ladders, now):
        members = [each.member for each in page]
        commands = [_standing_sweep(member.member_id) for member in members]
        carry_out_all(engine, commands, swept.add, stopped)


def _told(
    engine: Engine, now: int, *, announces: bool, scores: bool
) -> Iterator[Sequence[Command]]:
    """Yields pages of commands that looks at all members come to."""
    backend, program = engine.store.backend, engine.program
    if announces and program.ladders is not None:
        yield from demotion_notices(backend, program.ladders, now)
    if scores:
        yield from score_commands(backend, program, now)


def _pages(engine: Engine, step: Step, now: int) -> Iterator[Sequence[Any]]:
    """Yields what is due, page by page; each is looked at once."""
    after: Sequence[Any] = step.start
    while True:
        page = step.read(engine.store.backend, now=now, after=after, limit=ROWS_MAX)
        if page:
            yield page
        if len(page) < ROWS_MAX:
            return
        after = page[-1][: len(step.start)]


def _lapses(due: Sequence[DueHold]) -> Iterator[Command]:
    for hold in due:
        place = hold.place()
        request_id = f"{RESERVED_PREFIX}lapse/{place.hold_id()}"
        yield LapseHold(member_id=hold.member_id, request_id=request_id, hold=place)


def _claim_lapses(due: Sequence[DueClaim]) -> Iterator[Command]:
    for claim in due:
        yield LapseClaim.of(claim.member_id, claim.place())


def _notices(program: Program, now: int) -> Iterator[Step]:
    """Yields the step for each unit with a notice period."""
    for code in program.units:
        if until := program.notice_until(code, now):
            read = partial(due_notices, unit=code, until=until)
            yield Step("notice", read, partial(_of_members, GiveNotice, "notice"))


def _of_members(
    ask: type[ExpireLots | GiveNotice], name: str, due: Sequence[DueLot]
) -> Iterator[Command]:
    """Yields a command for the lots of each member and unit.

    Its request id is new each time: a lot to which points were given back is due
    once more, and so is the notice of one that expires later than it did.
    """
    places: dict[tuple[str, str], list[Place]] = {}
    for lot in due:
        places.setdefault((lot.member_id, lot.unit), []).append(lot.place())
    for (member_id, unit), lots in places.items():
        for start in range(0, len(lots), EXPIRE_LOTS_MAX):
            yield ask(
                member_id=member_id,
                request_id=f"{RESERVED_PREFIX}{name}/{token_hex(12)}",
                unit=unit,
                lots=tuple(lots[start : start + EXPIRE_LOTS_MAX]),
            )


def _demotions(due: Sequence[DueStanding]) -> Iterator[Command]:
    for member_id in dict.fromkeys(each.member_id for each in due):
        yield _standing_sweep(member_id)


def _standing_sweep(member_id: str) -> Command:
    request_id = f"{RESERVED_PREFIX}standings/{token_hex(12)}"
    return SweepStandings(member_id=member_id, request_id=request_id)


def _shown(swept: Swept) -> dict[str, object]:
    return {name: getattr(swept, name) for name in Swept.__slots__}


STEPS: Final = (
    Step("lapse", due_holds, _lapses),
    Step("claims", due_claims, _claim_lapses, OF_CLAIMS),
    Step("expire", due_lots, partial(_of_members, ExpireLots, "expire")),
    Step("stand", due_standings, _demotions, OF_MEMBERS),
)
"""What a sweep does first, in this order; notices come behind."""
