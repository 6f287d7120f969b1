"""Decides the jobs of one batch within one database transaction."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from points.domain.commands import CallPlugin, Earn, PurgePlugin, Reverse
from points.domain.decisions import decide
from points.domain.personal import is_same
from points.domain.program import Program
from points.domain.refusals import BatchAborted, Frozen, Passing, RequestIdReused
from points.domain.state import CountersMissing, Decision, MembersMissing
from points.domain.values import Head, MemberState, Record
from points.engine.demand import READS_MAX, Demand
from points.engine.jobs import Answer, Job, Outcome, Routed
from points.engine.plugins.dispatch import Dispatch
from points.engine.plugins.missing import ReadsMissing, look_at_members
from points.engine.plugins.plugins import Plugins
from points.engine.programs import Programs
from points.engine.reading import read_stock
from points.engine.recording import carry_out_side, recorded, settle_lapses
from points.engine.waiting import (
    LOTS_READ,
    MISSING,
    Waiting,
    in_order,
    keep_missing,
    split,
    split_counting,
)
from points.engine.workspace import Workspace
from points.store.databases.backend import Backend
from points.store.errors import CommitUnknown
from points.store.writing.batch import open_batch


@dataclass(frozen=True, slots=True)
class Decided:
    """Is what a batch has done: jobs with their answers, and jobs to take again."""

    answered: Sequence[tuple[Waiting, Sequence[Answer]]]
    left: Sequence[Waiting]


def run_batch(
    backend: Backend,
    programs: Programs,
    jobs: Sequence[Waiting],
    *,
    part_count: int,
    clock_time: int,
    wait: bool,
    plugins: Plugins | None = None,
    check: Callable[[], None] | None = None,
) -> Decided:
    """Decides and commits the jobs whose parts can be locked; leaves the others.

    `check` is asked before each statement, and raises to have nothing done. Raises
    StoreLost, StoreRejected and BooksBroken with nothing committed, and CommitUnknown
    with it unknown: the attempted records then stay with the jobs, and running the
    batch again tells, because it looks their keys up behind the same locks.
    """
    # What a batch makes dies with it. A collection in its midst would look through
    # thousands of living values and find nothing: it comes right behind, instead.
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        return _run_batch(
            backend,
            programs,
            jobs,
            part_count=part_count,
            clock_time=clock_time,
            wait=wait,
            plugins=plugins or Plugins(),
            check=check,
        )
    except CommitUnknown:
        for waiting in jobs:
            waiting.attempted |= waiting.decided
        raise
    finally:
        if is_collecting:
            gc.enable()


def _run_batch(
    backend: Backend,
    programs: Programs,
    jobs: Sequence[Waiting],
    *,
    part_count: int,
    clock_time: int,
    wait: bool,
    plugins: Plugins,
    check: Callable[[], None] | None,
) -> Decided:
    for waiting in jobs:
        waiting.begin()
    with open_batch(backend, check) as batch:
        heads = batch.lock({p for w in jobs for p in w.parts()}, wait=wait)
        ready, busy = split(jobs, heads)
        # Clocks of several servers differ: time never runs backwards in a part.
        now = max([clock_time, *(head.last_time for head in heads.values())])
        last_version = max((h.program_version for h in heads.values()), default=0)
        programs.learn(last_version, batch.programs)
        program = programs.at(now)
        rules = Rules(program, plugins.dispatch(programs, program))
        commands = [r for w in ready for r in (*w.job.commands, *w.more)]
        lots_limit = max((w.lots_read for w in ready), default=LOTS_READ)
        stock = read_stock(
            batch,
            [*commands, *_hints(rules, commands, heads, part_count)],
            heads,
            now=now,
            part_count=part_count,
            lots_limit=lots_limit,
            program=program,
            counters=sorted(key for w in ready for key in w.counters),
            pools=sorted(pair for w in ready for pair in w.pools),
        )
        stock.versions = programs.versions
        stock.of_objects = rules.plugins.registry.of_objects
        ready, late = split_counting(ready, stock, now)
        workspace = Workspace(stock, now=now, part_count=part_count, program=program)
        demand = Demand(batch, workspace, program, last_version, lots_limit)
        workspace.read_now = demand.read_now
        workspace.program_of = programs.of_version
        answered, again = _decide_all(workspace, rules, ready, demand)
        workspace.check()
        changes = workspace.changes()
        batch.write(changes)
        workspace.end_reading()
    programs.add(changes.programs)
    for waiting in (*late, *busy):
        waiting.rounds += 1
    return Decided(answered, in_order(jobs, [*again, *late, *busy]))


def _hints(
    rules: Rules, commands: Sequence[Routed], heads: Mapping[int, Head], part_count: int
) -> list[Routed]:
    """Returns what reads for plugins, of the parts that are locked."""
    found = rules.plugins.foresight.reads(commands, part_count)
    return [each for each in found if each.part in heads]


class Rules(NamedTuple):
    """Is what commands are decided under: the program, and the plugins in force."""

    program: Program
    plugins: Dispatch


def _decide_all(
    workspace: Workspace, rules: Rules, jobs: Sequence[Waiting], demand: Demand
) -> tuple[list[tuple[Waiting, Sequence[Answer]]], list[Waiting]]:
    """Returns the jobs with their answers, and those that need more to be read.

    What touches a part behind one of those waits with it, to come after it.
    """
    answered, again = [], []
    held: set[int] = set()
    for waiting in jobs:
        if not held.isdisjoint(waiting.parts()):
            held |= waiting.parts()
            again.append(waiting)
            continue
        answers = _decide_now(workspace, rules, waiting, demand)
        if answers is None:
            held |= waiting.parts()
            again.append(waiting)
        else:
            answered.append((waiting, answers))
    return answered, again


def _decide_now(
    workspace: Workspace, rules: Rules, waiting: Waiting, demand: Demand
) -> Sequence[Answer] | None:
    """Returns the answers of a job; None if it has to wait for the next batch.

    What it turns out to miss is read at once where that can be.
    """
    mark = workspace.begin_job()
    workspace.asked, workspace.read = waiting.asked, waiting.read
    for _ in range(READS_MAX):
        try:
            answers = _decide_job(workspace, rules, waiting)
        except MISSING as missing:
            workspace.undo(mark)
            keep_missing(waiting, missing, workspace.part_count)
            if _is_read(demand, missing):
                continue
            return None
        if waiting.job.validate_only:
            workspace.undo(mark)
        return answers
    return None


def _is_read(demand: Demand, missing: Exception) -> bool:
    """Reads what is missing, and says whether it could be read at once."""
    if isinstance(missing, ReadsMissing):
        return demand.read(missing.wanted)
    if isinstance(missing, CountersMissing):
        return demand.read_counters(missing.keys)
    if isinstance(missing, MembersMissing):
        return demand.read(look_at_members(missing.keys))
    return False


def _decide_job(
    workspace: Workspace, rules: Rules, waiting: Waiting
) -> Sequence[Answer]:
    mark = workspace.mark()
    answers: list[Answer] = []
    for index, routed in enumerate(waiting.job.commands):
        answer = _decide_one(workspace, rules, waiting, routed)
        if waiting.job.atomic and _is_refused(answer):
            workspace.undo(mark)
            return _aborted(waiting.job, index, answer)
        answers.append(answer)
    return answers


def _decide_one(
    workspace: Workspace, rules: Rules, waiting: Waiting, routed: Routed
) -> Answer:
    """Returns what became of a command, as the first of its request id."""
    key = routed.key()
    known = workspace.known(key)
    if known is not None:
        return _replay(known, waiting, routed)
    settle_lapses(workspace, rules.program, routed)
    mark = workspace.mark()
    try:
        record = _carried_out(workspace, rules, routed)
    except Frozen as refusal:
        workspace.undo(mark)
        record = _refused(workspace, rules.program, routed, refusal)
    except Passing as refusal:
        workspace.undo(mark)
        return refusal
    waiting.attempted.pop(key, None)
    if waiting.job.validate_only:
        return Outcome(_unrecorded(record), replayed=False)
    waiting.decided[key] = record
    return Outcome(record, replayed=False)


def _carried_out(workspace: Workspace, rules: Rules, routed: Routed) -> Record:
    """Records what a command does, and what plugins do about that.

    Raises the Refusal that stands in its way, with what was done so far in place.
    """
    start = workspace.mark()[1]
    decision = _decision(workspace, rules, routed)
    # A plugin has recorded what it asked the ledger to do: its own record follows.
    stamp = workspace.stamp(routed.part)
    record = recorded(routed, stamp, rules.program, decision, decision.result)
    workspace.carry_out(record, decision)
    for side in decision.sides:
        carry_out_side(workspace, record, side)
    if rules.plugins.reacts:
        rules.plugins.react(workspace, start)
    return record


def _refused(
    workspace: Workspace, program: Program, routed: Routed, refusal: Frozen
) -> Record:
    stamp, member_id = workspace.stamp(routed.part), routed.command.member_id
    member = workspace.member(routed.part, member_id)
    is_erased = member is not None and member.state is MemberState.ERASED
    record = recorded(routed, stamp, program, None, refusal, is_erased=is_erased)
    workspace.carry_out(record, None)
    return record


def _decision(workspace: Workspace, rules: Rules, routed: Routed) -> Decision:
    """Returns what a command does, be it the core's or a plugin's; raises the Refusal.

    Plugins may change what is earned, and keep what their channels gave.
    """
    command, plugins = routed.command, rules.plugins
    if isinstance(command, CallPlugin):
        return plugins.decide(workspace, routed)
    if plugins.transforms and isinstance(command, Earn):
        command = plugins.transformed(workspace, command, routed.part)
    elif isinstance(command, Reverse):
        plugins.check_reversible(workspace, command)
    elif isinstance(command, PurgePlugin):
        plugins.check_purgeable(command)
    stamp = workspace.stamp(routed.part)
    return decide(command, workspace, rules.program, stamp)


def _replay(known: Record, waiting: Waiting, routed: Routed) -> Answer:
    """Returns the first answer, unless the content differs.

    A record that this very job wrote in a batch whose commit was unknown is not
    a replay: its caller has had no answer yet.
    """
    command = routed.command
    if not is_same(known, command, routed.fingerprint):
        return RequestIdReused(command.member_id, command.request_id)
    attempted = waiting.attempted.pop(routed.key(), None)
    is_own = attempted is not None and (
        (attempted.number, attempted.record_time) == (known.number, known.record_time)
    )
    if is_own:
        # Should this commit be lost too, it stays our own.
        waiting.decided[routed.key()] = known
    return Outcome(known, replayed=not is_own)


def _unrecorded(record: Record) -> Record:
    """Returns what would have been recorded, without a place in the ledger."""
    return record._replace(number=0)


def _is_refused(answer: Answer) -> bool:
    return isinstance(answer, Passing) or isinstance(answer.record.result, Frozen)


def _aborted(job: Job, guilty_index: int, guilty: Answer) -> Sequence[Answer]:
    """Returns the answers of an atomic job: the guilty command keeps its own."""
    if isinstance(guilty, Outcome) and not guilty.replayed:
        guilty = Outcome(_unrecorded(guilty.record), replayed=False)
    aborted = BatchAborted(guilty_index)
    return [
        guilty if index == guilty_index else aborted
        for index in range(len(job.commands))
    ]
