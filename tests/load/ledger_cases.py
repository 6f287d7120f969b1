"""What `ledger_bench` measures: kinds of commands, with all that has to go before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

from points.domain.commands import (
    Burn,
    CaptureHold,
    Command,
    CreateMember,
    Earn,
    PlaceHold,
    Reverse,
    Transfer,
    VoidHold,
)
from points.domain.values import ReasonCode, Record, Transaction
from points.engine.engine import Engine
from points.engine.jobs import Answer, Job, Outcome, route


BATCH: Final = 256
"""Commands of a measured batch, and members of a case."""

MANY: Final = 20
"""Lots that a burn or hold draws in the cases that say so."""

FEW: Final = 5
"""Lots that they draw in the cases in between."""

_PREPARED: Final = 1_024
_PATIENCE_SECONDS: Final = 120


class Spent(NamedTuple):
    """Is what something took, in seconds: on the clock, and of this process's CPU."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    """Returns what the work takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


class Ledger:
    """Is a running engine that accepts everything it is given, or ends the run."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._request_ids = (f"request-{number:09d}" for number in count(1))

    def next_id(self) -> str:
        """Returns a request id that was never used."""
        return next(self._request_ids)

    def carry_out(self, commands: Iterable[Command]) -> list[Record]:
        """Carries commands out in large batches and returns their records."""
        return self._in_batches(self._jobs(commands, _PREPARED))

    def time(self, commands: Sequence[Command], *, size: int = BATCH) -> Spent:
        """Returns what the commands take, so many to a batch, once they are queued."""
        jobs = self._jobs(commands, size)
        return spent(lambda: self._in_batches(jobs))

    def create(self, *member_ids: str) -> None:
        """Creates members."""
        self.carry_out(
            CreateMember(member_id=name, request_id=self.next_id())
            for name in member_ids
        )

    def earns(self, members: Iterable[str], points: int, *, lots: int = 1) -> list[Any]:
        """Returns the earns that give each member so many lots."""
        return [
            Earn(**self._fields(name, points)) for name in members for _ in range(lots)
        ]

    def burns(self, members: Iterable[str], points: int) -> list[Any]:
        """Returns a burn of each member."""
        return [Burn(**self._fields(name, points)) for name in members]

    def holds(self, members: Iterable[str], points: int) -> list[Any]:
        """Returns a hold of each member."""
        return [PlaceHold(**self._fields(name, points)) for name in members]

    def transfers(self, members: Iterable[str], points: int) -> list[Any]:
        """Returns a transfer of each member to another one."""
        return [
            Transfer(to_member_id=f"to-{name}", **self._fields(name, points))
            for name in members
        ]

    def _fields(self, member_id: str, points: int) -> dict[str, Any]:
        return {
            "member_id": member_id,
            "request_id": self.next_id(),
            "unit": "points",
            "points": points,
            "reason": "purchase",
        }

    def _jobs(self, commands: Iterable[Command], size: int) -> list[Job]:
        routed = [route(one, self.engine.store.part_count) for one in commands]
        starts = range(0, len(routed), size)
        return [Job(commands=routed[start : start + size]) for start in starts]

    def _in_batches(self, jobs: Iterable[Job]) -> list[Record]:
        """Carries out each job as a batch of its own, one after the other."""
        records: list[Record] = []
        for job in jobs:
            done: Future[Sequence[Answer]] = Future()
            self.engine.submit([(job, done)])
            records += map(_accepted, done.result(_PATIENCE_SECONDS))
        return records


def _accepted(answer: Answer) -> Record:
    assert isinstance(answer, Outcome), answer
    assert not isinstance(answer.record.result, Exception), answer.record
    return answer.record


@dataclass(frozen=True)
class Case:
    """Is a kind of command: `prepare` does all that goes before and returns them.

    It is given the ledger and the members, and returns one command for each.
    """

    name: str
    prepare: Callable[[Ledger, Sequence[str]], list[Command]]
    target: float | None = None

    def members(self, size: int = BATCH) -> list[str]:
        """Returns the members of this case alone."""
        slug = self.name.replace(" ", "-")
        return [f"{slug}-{number:05d}" for number in range(size)]


def _earned(ledger: Ledger, members: Sequence[str], lots: int) -> None:
    """Gives each member `MANY` points in one lot, or in as many lots."""
    ledger.carry_out(ledger.earns(members, MANY // lots, lots=lots))


def _earn(ledger: Ledger, members: Sequence[str]) -> list[Command]:
    return ledger.earns(members, MANY)


def _burn(lots: int) -> Callable[[Ledger, Sequence[str]], list[Command]]:
    def prepare(ledger: Ledger, members: Sequence[str]) -> list[Command]:
        _earned(ledger, members, lots)
        return ledger.burns(members, MANY)

    return prepare


def _hold(lots: int) -> Callable[[Ledger, Sequence[str]], list[Command]]:
    def prepare(ledger: Ledger, members: Sequence[str]) -> list[Command]:
        _earned(ledger, members, lots)
        return ledger.holds(members, MANY)

    return prepare


def _end_hold(
    kind: type[CaptureHold | VoidHold], lots: int
) -> Callable[[Ledger, Sequence[str]], list[Command]]:
    def prepare(ledger: Ledger, members: Sequence[str]) -> list[Command]:
        placed = ledger.carry_out(_hold(lots)(ledger, members))
        return [
            kind(
                member_id=record.member_id,
                request_id=ledger.next_id(),
                hold_id=_hold_id(record),
            )
            for record in placed
        ]

    return prepare


def _hold_id(record: Record) -> str:
    assert isinstance(record.result, Transaction)
    assert record.result.hold is not None
    return record.result.hold.place().hold_id()


def _transfer(ledger: Ledger, members: Sequence[str]) -> list[Command]:
    _earned(ledger, members, 1)
    return ledger.transfers(members, MANY)


def _reverse(
    before: Callable[[Ledger, Sequence[str]], list[Command]], code: ReasonCode
) -> Callable[[Ledger, Sequence[str]], list[Command]]:
    def prepare(ledger: Ledger, members: Sequence[str]) -> list[Command]:
        return [
            Reverse(
                member_id=record.member_id,
                request_id=ledger.next_id(),
                transaction_id=record.place().transaction_id(),
                reason="sent back",
                reason_code=code,
            )
            for record in ledger.carry_out(before(ledger, members))
        ]

    return prepare


EARN: Final = Case("earn", _earn)
CASES: Final = (
    Case("burn", _burn(1)),
    Case(f"burn of {FEW} lots", _burn(FEW), target=0.6),
    Case(f"burn of {MANY} lots", _burn(MANY), target=0.6),
    Case("hold", _hold(1)),
    Case(f"hold of {FEW} lots", _hold(FEW), target=0.6),
    Case(f"hold of {MANY} lots", _hold(MANY), target=0.6),
    Case("capture", _end_hold(CaptureHold, 1)),
    Case(f"capture of {MANY} lots", _end_hold(CaptureHold, MANY)),
    Case("void", _end_hold(VoidHold, 1)),
    Case(f"void of {MANY} lots", _end_hold(VoidHold, MANY)),
    Case("transfer", _transfer),
    Case("reverse of an earn", _reverse(_earn, ReasonCode.CLAWBACK)),
    Case("reverse of a burn", _reverse(_burn(1), ReasonCode.REFUND)),
)


def create_members(ledger: Ledger) -> None:
    """Creates the members of every case, and those that points are given to."""
    names = [name for case in (EARN, *CASES) for name in case.members()]
    ledger.create(*names, *(f"to-{name}" for name in names if "transfer" in name))
