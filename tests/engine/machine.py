"""Asks the engine and the naive model for the same things, and compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from points.domain.commands import (
    Burn,
    Command,
    CreateMember,
    Earn,
    FreezeMember,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.identity import part_of
from points.domain.refusals import Refusal
from points.domain.values import (
    Balances,
    BatchClaim,
    BooksClose,
    Erasure,
    Limits,
    Lot,
    Member,
    MemberState,
)
from points.engine.engine import Engine
from points.engine.jobs import Answer, Outcome
from points.store.reader import Snapshot, open_snapshot
from tests.clock import Clock
from tests.engine.build import carry_out, differences, result
from tests.engine.model import CURRENCIES, NEVER, SINKS, UNITS, Model
from tests.engine.model import Outcome as Expected
from tests.store.build import rows


PARTS: Final = 4
_example_numbers = count()

names: Final = st.sampled_from(["ada", "bob", "eve"])
units: Final = st.sampled_from([*UNITS, *CURRENCIES, "stars"])
sinks: Final = st.sampled_from([*SINKS, "void"])
few_points: Final = st.integers(1, 40)
spans: Final = st.integers(-3, 12)
pairs: Final = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


def shown(answer: Answer) -> Expected:
    """Returns an answer in the words of the model."""
    found = result(answer)
    if isinstance(found, Refusal):
        return found.reason()
    if isinstance(found, Limits | BooksClose | BatchClaim | Erasure):
        raise TypeError(found)
    if isinstance(found, Member):
        frozen = found.state is MemberState.FROZEN
        return ("MEMBER", frozen, dict(found.attributes), found.version)
    if found.lots:
        return ("EARN", found.postings[0].points, found.balance_after)
    draws = [(draw.expire_time, draw.points) for draw in found.draws]
    return ("BURN", draws, found.balance_after)


def was_replayed(answer: Answer) -> bool:
    """Says whether an answer is one that was given before."""
    return isinstance(answer, Outcome) and answer.replayed


class LedgerMachine(RuleBasedStateMachine):
    """Asks the engine and the model for the same things.

    Each example has members of its own, so that many share a database.
    """

    engine: ClassVar[Engine]
    clock: ClassVar[Clock]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.clock.now)
        self.example = next(_example_numbers)
        self.sent: list[Command] = []

    def member_id(self, name: str) -> str:
        """Returns the id of a member of this example."""
        return f"{name}-{self.example}"

    def ids(self, name: str) -> dict[str, Any]:
        """Returns the ids of a new command."""
        return {
            "member_id": self.member_id(name),
            "request_id": f"r{len(self.sent)}",
        }

    def send(self, command: Command) -> None:
        """Has a command carried out by both."""
        self.sent.append(command)
        (answer,) = carry_out(self.engine, command)
        assert (shown(answer), was_replayed(answer)) == self.model.carry_out(command)

    @rule(name=names, attributes=pairs)
    def create(self, name: str, attributes: dict[str, str]) -> None:
        """Creates a member."""
        self.send(CreateMember(**self.ids(name), attributes=attributes))

    @rule(name=names)
    def freeze(self, name: str) -> None:
        """Freezes a member."""
        self.send(FreezeMember(**self.ids(name)))

    @rule(name=names)
    def unfreeze(self, name: str) -> None:
        """Unfreezes a member."""
        self.send(UnfreezeMember(**self.ids(name)))

    @rule(
        name=names,
        attributes=pairs,
        keys=st.none() | st.lists(st.sampled_from("abc")).map(tuple),
        etag=st.sampled_from(["", "", "1", "2", "3"]),
    )
    def update(
        self,
        name: str,
        attributes: dict[str, str],
        keys: tuple[str, ...] | None,
        etag: str,
    ) -> None:
        """Changes the attributes of a member."""
        self.send(
            UpdateMember(**self.ids(name), attributes=attributes, keys=keys, etag=etag)
        )

    def an_earn(self, name: str, **drawn: Any) -> Earn:
        """Returns an earn; its times are relative to now, and None if unset."""
        now = self.clock.now
        starts, ends = drawn.pop("starts"), drawn.pop("ends")
        activate_time = -1 if starts is None else now + starts
        expire_time = NEVER if ends is None else max(now + ends, activate_time + 1)
        return Earn(
            **self.ids(name),
            **drawn,
            reason="an activity",
            activate_time=activate_time,
            expire_time=expire_time,
        )

    @rule(
        name=names,
        unit=units,
        points=few_points,
        starts=st.none() | spans,
        ends=st.none() | spans,
    )
    def earn(self, name: str, **drawn: Any) -> None:
        """Adds points to a member."""
        self.send(self.an_earn(name, **drawn))

    @rule(name=names, unit=units, sink=sinks, points=few_points, late=spans)
    def burn(self, name: str, late: int, **drawn: Any) -> None:
        """Takes points from a member, mostly at once."""
        effective_time = self.clock.now - late if late > 0 else -1
        self.send(
            Burn(
                **self.ids(name),
                **drawn,
                reason="a reward",
                effective_time=effective_time,
            )
        )

    @rule(name=names, unit=units, ahead=st.integers(1, 3))
    def earn_ahead_of_time(self, name: str, unit: str, ahead: int) -> None:
        """Adds points for what has not happened yet."""
        self.send(
            Earn(
                **self.ids(name),
                unit=unit,
                points=1,
                reason="an activity",
                effective_time=self.clock.now + ahead,
            )
        )

    @rule(name=names, unit=st.sampled_from(CURRENCIES))
    def burn_everything(self, name: str, unit: str) -> None:
        """Takes all that a member has, to the last point."""
        points = self.model.available(self.member_id(name), unit)
        self.send(
            Burn(**self.ids(name), unit=unit, points=max(points, 1), reason="a reward")
        )

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Sends a request again."""
        self.send(data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), unit=units, points=few_points)
    def reuse(self, data: st.DataObject, unit: str, points: int) -> None:
        """Sends a request id again, mostly with other content."""
        first = data.draw(st.sampled_from(self.sent))
        self.send(
            Burn(
                member_id=first.member_id,
                request_id=first.request_id,
                unit=unit,
                points=points,
                reason="another reward",
            )
        )

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), name=names, unit=units, points=few_points)
    def validate(self, data: st.DataObject, name: str, unit: str, points: int) -> None:
        """Asks what would become of a command, new or old."""
        new = Burn(**self.ids(name), unit=unit, points=points, reason="a reward")
        command = data.draw(st.sampled_from([new, *self.sent]))
        (answer,) = carry_out(self.engine, command, validate_only=True)
        assert (shown(answer), was_replayed(answer)) == self.model.would(command)

    @rule(
        moves=st.lists(st.tuples(names, few_points, st.booleans()), max_size=5),
        unit=st.sampled_from(CURRENCIES),
    )
    def atomic(self, moves: list[tuple[str, int, bool]], unit: str) -> None:
        """Has several earns and burns carried out together or not at all."""
        start = len(self.sent)
        for name, points, is_earn in moves:
            kind = Earn if is_earn else Burn
            move = kind(**self.ids(name), unit=unit, points=points, reason="together")
            self.sent.append(move)
        commands = self.sent[start:]
        answers = carry_out(self.engine, *commands, atomic=True)
        assert [shown(a) for a in answers] == self.model.carry_out_all(commands)

    @rule(microseconds=st.integers(0, 15))
    def wait(self, microseconds: int) -> None:
        """Lets time go by."""
        self.clock.advance(microseconds)
        self.model.now = self.clock.now

    @invariant()
    def members_agree(self) -> None:
        """Checks state, attributes and version of each member."""
        with self.snapshot() as snapshot:
            found = {
                name: snapshot.member(self.part(name), name) for name in self.names()
            }
        assert found.keys() == self.model.members.keys() or None in found.values()
        assert {
            name: (one.state is MemberState.FROZEN, one.attributes, one.version)
            for name, one in found.items()
            if one is not None
        } == {
            name: (one.frozen, one.attributes, one.version)
            for name, one in self.model.members.items()
        }

    @invariant()
    def balances_agree(self) -> None:
        """Checks what each member has in each unit."""
        with self.snapshot() as snapshot:
            found = {
                (name, one.unit): one
                for name in self.names()
                for one in snapshot.balances(self.part(name), name, now=self.clock.now)
            }
        wanted = {
            (name, unit): self.balances_of_model(name, unit)
            for name in self.names()
            for unit in UNITS
            if self.model.owned(name, unit)
        }
        assert found == wanted

    @invariant()
    def lots_agree(self) -> None:
        """Checks what is left of each lot."""
        with self.snapshot() as snapshot:
            found = Counter(
                (lot.member_id, lot.unit, lot.points, lot.remaining, lot.expire_time)
                for name in self.names()
                for lot in self.lots(snapshot, name)
            )
        assert found == Counter(
            (lot.member_id, lot.unit, lot.earned, lot.left, lot.ends)
            for lot in self.model.lots
        )

    @invariant()
    def points_come_from_somewhere(self) -> None:
        """Checks that all accounts together are zero, in each unit."""
        with self.snapshot() as snapshot:
            lines = snapshot.trial_balance()
        totals = {
            unit: sum(line.points for line in lines if line.unit == unit)
            for unit in UNITS
        }
        assert totals == dict.fromkeys(UNITS, 0)

    @invariant()
    def accounts_hold_what_their_lots_hold(self) -> None:
        """Checks each member's account against the lots, in the database."""
        query = (
            "SELECT a.account, a.unit FROM account AS a"
            " WHERE a.account LIKE 'member:%' AND a.balance <> (SELECT"
            " coalesce(sum(l.remaining), 0) FROM lot AS l WHERE l.part = a.part"
            " AND 'member:' || l.member_id = a.account AND l.unit = a.unit)"
        )
        assert rows(self.engine.store, query.replace(":", r"\:")) == []

    def teardown(self) -> None:
        """Checks everything against the records."""
        assert differences(self.engine.store) == []

    def names(self) -> list[str]:
        """Returns the ids of all members of this example."""
        return [self.member_id(name) for name in ("ada", "bob", "eve")]

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
        )

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Opens a snapshot of the ledger."""
        with open_snapshot(self.engine.store.backend) as snapshot:
            yield snapshot

    def balances_of_model(self, member_id: str, unit: str) -> Balances:
        """Returns the balances of the model in the words of the engine."""
        model = self.model
        ends: Counter[int] = Counter()
        for lot in model.owned(member_id, unit):
            if lot.is_usable(model.now) and lot.ends != NEVER:
                ends[lot.ends] += lot.left
        return Balances(
            unit=unit,
            available=model.available(member_id, unit),
            pending=model.pending(member_id, unit),
            lifetime_earned=model.earned(member_id, unit),
            lifetime_burned=model.burned.get((member_id, unit), 0),
            lifetime_expired=model.expired(member_id, unit),
            next_expirations=tuple(sorted(ends.items())[:10]),
        )
