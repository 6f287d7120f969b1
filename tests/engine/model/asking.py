"""Asks the engine and the naive ledger for the same things."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final

from hypothesis.stateful import RuleBasedStateMachine

from points.domain.claims import Claim
from points.domain.commands import CloseBooks, Command
from points.domain.funding import BudgetFunding
from points.domain.identity import part_of
from points.domain.refusals import Refusal
from points.domain.standings import Standing, StandingChange
from points.domain.values import (
    BooksClose,
    Erasure,
    Limits,
    Lot,
    Member,
    Result,
    Transaction,
)
from points.engine.engine import Engine
from points.engine.jobs import Answer, Job, Outcome, route_everywhere
from points.store.reads.reader import Snapshot, open_snapshot
from tests.clock import NOON, Clock
from tests.engine.build import answers, carry_out, result
from tests.engine.model.ledger import Model
from tests.engine.model.things import NEVER, ModelLot
from tests.engine.model.things import Outcome as Expected
from tests.store.build import rows
from tests.store.cleaning import emptied


PARTS: Final = 4
NAMES: Final = ("ada", "bob", "eve")
_TRANSACTION: Final = 8
"""How many things an outcome tells of a transaction; the second is the balance."""


def shown(answer: Answer) -> Expected:
    """Returns an answer in the words of the model."""
    found = result(answer)
    if isinstance(found, Refusal):
        return found.reason()
    if not isinstance(found, Transaction):
        return _told(found)
    assert isinstance(answer, Outcome)
    return _transaction(answer.record.kind, found)


def _told(found: Result) -> Expected:
    """Returns what is no transaction in the words of the model."""
    if isinstance(found, BooksClose):
        return ("CLOSE", found.until_time)
    if isinstance(found, BudgetFunding):
        return ("BUDGET", found.left)
    if isinstance(found, StandingChange):
        return ("STANDING", *standing_of(found.standings[0]))
    if isinstance(found, Erasure):
        return ("ERASURE", found.member.version)
    if isinstance(found, Limits):
        return ("LIMITS", found.floor, found.ceiling, found.velocities)
    if isinstance(found, Member):
        attributes = dict(found.attributes)
        return ("MEMBER", found.state.value, attributes, found.version)
    raise TypeError(found)


def _transaction(kind: str, found: Transaction) -> Expected:
    hold = found.hold
    return (
        str(kind),
        found.balance_after,
        sorted(found.postings),
        [draw.points for draw in found.draws],
        [draw.points for draw in found.returns],
        [(lot.points, lot.activate_time, lot.expire_time) for lot in found.lots],
        hold
        and (
            hold.state.value,
            hold.open_points,
            hold.captured_points,
            hold.voided_points,
        ),
        [claim_of(claim) for claim in found.claims],
    )


def claim_of(claim: Claim) -> tuple[str, str, int, int, str]:
    """Returns what can be seen of a claim, in the words of the model."""
    rule, _, unit, points, _, lapses, budget = claim[4:11]
    return (rule, unit, points, lapses, budget)


def standing_of(found: Standing) -> tuple[str, str, int, str, int, int]:
    """Returns where a member stands, in the words of the model."""
    terms = (found.base, found.until_time, found.lose_time)
    return (found.tier, found.earned, found.earned_time, *terms)


def was_replayed(answer: Answer) -> bool:
    """Says whether an answer is one that was given before."""
    return isinstance(answer, Outcome) and answer.replayed


class Asking(RuleBasedStateMachine):
    """Has commands carried out by both, and tells the model how things are called.

    Each example begins with an empty ledger, at the same time.
    """

    engine: ClassVar[Engine]
    clock: ClassVar[Clock]

    def __init__(self) -> None:
        super().__init__()
        emptied(self.engine.store)
        self.clock.now = NOON
        self.model = Model(NOON)
        self.sent: list[Command] = []
        self.close_count = 0

    def ids(self, name: str) -> dict[str, Any]:
        """Returns the ids of a new command."""
        request_id = f"r{len(self.sent)}"
        return {"member_id": name, "request_id": request_id}

    def now_and(self, microseconds: int | None, otherwise: int) -> int:
        """Returns an instant near now, or what stands for none."""
        return otherwise if microseconds is None else self.clock.now + microseconds

    def send(self, command: Command) -> None:
        """Has a command carried out by both."""
        self.sent.append(command)
        unsure = self._unsure()
        (answer,) = carry_out(self.engine, command)
        wanted, was_known = self.model.carry_out(command)
        self._compare([command], [answer], [wanted], unsure)
        assert was_replayed(answer) == was_known
        self._name([command], [answer])

    def ask(self, command: Command) -> None:
        """Asks both what would become of a command."""
        unsure = self._unsure()
        (answer,) = carry_out(self.engine, command, validate_only=True)
        wanted, was_known = self.model.would(command)
        self._compare([command], [answer], [wanted], unsure)
        assert was_replayed(answer) == was_known

    def send_together(self, commands: list[Command]) -> None:
        """Has commands carried out by both, all or none."""
        self.sent += commands
        unsure = self._unsure()
        found = carry_out(self.engine, *commands, atomic=True)
        wanted = self.model.carry_out_all(commands)
        self._compare(commands, found, wanted, unsure)
        self._name(commands, found)

    def close_until(self, until: int) -> None:
        """Has the books of all parts closed by both, each time under another id."""
        self.close_count += 1
        command = CloseBooks(
            until_time=until,
            request_id=f"close-{self.close_count}",
            operator="op",
            reason="a month",
        )
        routed = route_everywhere(command, PARTS)
        future: Future[Any] = Future()
        self.engine.submit([(Job(commands=routed, atomic=True), future)])
        found, wanted = answers(future), self.model.close(until)
        assert shown(found[0]) == wanted
        others = [wanted if isinstance(wanted, tuple) else "BATCH_ABORTED"]
        assert list(map(shown, found[1:])) == others * (PARTS - 1)

    def thing(self, kind: type[Any], which: int) -> str:
        """Returns the id of a thing that exists, or of none."""
        ids = [name for name, o in self.model.books.named.items() if type(o) is kind]
        return ids[which % len(ids)] if ids else "t0-999999"

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Opens a snapshot of the ledger."""
        return open_snapshot(self.engine.store.backend)

    def part(self, member_id: str) -> int:
        """Returns where a member lives."""
        return part_of(member_id, PARTS)

    def lots(self, snapshot: Snapshot, member_id: str) -> list[Lot]:
        """Returns all lots of a member."""
        return snapshot.lots(
            self.part(member_id),
            member_id,
            unit="",
            open_at=None,
            after=("", -1, 0),
            limit=1_000,
            now=self.clock.now,
        )

    def _unsure(self) -> set[str]:
        """Returns members with lapses that nobody has recorded yet.

        What stands on their accounts depends on whether somebody has.
        """
        query = (
            "SELECT DISTINCT member_id FROM hold WHERE state = 'OPEN'"
            f" AND lapse_time <= {self.clock.now}"
        )
        return {row[0] for row in rows(self.engine.store, query)}

    def _compare(
        self,
        commands: Sequence[Command],
        found: Sequence[Answer],
        wanted: Sequence[Expected],
        unsure: set[str],
    ) -> None:
        for command, answer, expected in zip(commands, found, wanted, strict=True):
            same = _without if command.member_id in unsure else _whole
            assert same(shown(answer)) == same(expected), command

    def _name(self, commands: Sequence[Command], found: Sequence[Answer]) -> None:
        """Tells the model what the engine calls the things that were made."""
        books = self.model.books
        for command, answer in zip(commands, found, strict=True):
            deed = books.deeds.get((command.member_id, command.request_id))
            if deed is None or not isinstance(answer, Outcome):
                continue
            books.named[answer.record.place().transaction_id()] = deed
            made = answer.record.result
            if isinstance(made, Transaction) and deed.kind != "MERGE":
                for own, claim in zip(deed.claims, made.claims, strict=True):
                    books.named[claim.place().claim_id()] = own
            if deed.kind == "HOLD" and isinstance(made, Transaction) and made.hold:
                books.named[made.hold.place().hold_id()] = deed.hold

    def name_lots(self, found: Sequence[Lot]) -> None:
        """Tells the model what the engine calls its lots: the first that is alike."""
        named = self.model.books.named
        new = [lot for lot in found if lot.place().lot_id() not in named]
        for lot in sorted(new, key=lambda lot: lot.number):
            alike = [o for o in self.model.books.lots if _is_alike(o, lot)]
            assert alike, lot
            alike[0].number = lot.number
            named[lot.place().lot_id()] = alike[0]


def _whole(outcome: Expected) -> Expected:
    return outcome


def _without(outcome: Expected) -> Expected:
    """Returns an outcome without the balance that a transaction has."""
    is_transaction = isinstance(outcome, tuple) and len(outcome) == _TRANSACTION
    return (outcome[0], *outcome[2:]) if is_transaction else outcome


def _is_alike(own: ModelLot, lot: Lot) -> bool:
    return own.number == NEVER and (
        own.member_id,
        own.unit,
        own.made,
        own.starts,
        own.ends,
        own.left,
        own.copied,
    ) == (
        lot.member_id,
        lot.unit,
        lot.points,
        lot.activate_time,
        lot.expire_time,
        lot.remaining,
        bool(lot.origin),
    )
