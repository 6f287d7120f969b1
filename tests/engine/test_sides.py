"""Sides: what a command does to another member is recorded in that member's part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from points.domain import decisions
from points.domain.bounds import AT_ONCE, NEVER
from points.domain.commands import Command, Reads
from points.domain.decisions.posted import posted
from points.domain.identity import TRANSIT, member_account, part_of
from points.domain.program import Program
from points.domain.refusals import MemberNotFound
from points.domain.state import Decision, Side, Stamp, State
from points.domain.values import Kind, Lot, Posting, Record, Transaction
from points.engine.engine import Engine
from points.store.reads.reader import open_snapshot
from tests.domain.build import create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    outcome_count,
    record_of,
    result,
    submit,
)
from tests.store.cleaning import PARTS


SIDE_ID = "system/gift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift(Command):
    """Gives points out of transit to two members: the books of all parts add up."""

    kind: ClassVar[Kind] = Kind.TRANSFER_IN
    to: str
    points: int = 10

    def reads(self) -> Reads:
        """Returns the member's account and transit."""
        return _reads(self.member_id)

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns the other member."""
        return ((self.to, _reads(self.to)),)


def _reads(member_id: str) -> Reads:
    return Reads(accounts=((member_account(member_id), "points"), (TRANSIT, "points")))


def _half(
    state: State, stamp: Stamp, name: str, points: int, metadata: dict[str, str]
) -> Decision:
    """Returns what one member gets."""
    postings = (Posting(TRANSIT, member_account(name), "points", points),)
    accounts = posted(state, stamp.part, name, postings)
    lot = Lot(
        part=stamp.part,
        number=stamp.lot_number,
        member_id=name,
        unit="points",
        points=points,
        remaining=points,
        earn_time=stamp.now,
        activate_time=AT_ONCE,
        expire_time=NEVER,
        record_number=stamp.number,
    )
    transaction = Transaction(
        postings, accounts[1].balance, "a gift", metadata, lots=(lot,)
    )
    return Decision(
        transaction, stamp.now, "core", accounts=accounts, lots=(lot,), made_lot_count=1
    )


def decide_gift(
    command: Gift, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the gift; raises MemberNotFound for either member."""
    part = state.part_of(command.to)
    for where, name in ((stamp.part, command.member_id), (part, command.to)):
        if state.member(where, name) is None:
            raise MemberNotFound(name)
    other = _half(state, state.stamp(part), command.to, command.points, {"note": "hi"})
    side = Side(part, command.to, SIDE_ID, Kind.TRANSFER_IN, other)
    mine = _half(state, stamp, command.member_id, command.points, {})
    return mine._replace(sides=(side,))


@pytest.fixture(autouse=True)
def gifts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes gifts known for the length of a test."""
    deciders: dict[Any, Any] = decisions._DECIDERS  # noqa: SLF001 - a kind of our own
    monkeypatch.setitem(deciders, Gift, decide_gift)


@pytest.fixture
def members(engine: Engine) -> Engine:
    """Returns an engine with Ada and Bob, who live in different parts."""
    carry_out(engine, create_member(), create_member(member_id="bob"))
    parts = {part_of(name, engine.store.part_count) for name in ("ada", "bob")}
    assert len(parts) == 2
    return engine


def gift(**fields: Any) -> Gift:
    """Returns a gift of 10 points each to Ada and Bob."""
    return Gift(**{"member_id": "ada", "request_id": "g1", "to": "bob", **fields})


def side_of(engine: Engine, name: str = "bob", request_id: str = SIDE_ID) -> Record:
    """Returns the record of a side."""
    part = part_of(name, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        found = snapshot.outcome(part, name, request_id)
    assert found is not None
    return found


def test_both_members_have_a_record_at_the_same_instant(members: Engine) -> None:
    main = record_of(only_answer(submit(members, gift())))

    side = side_of(members)
    assert (main.kind, side.kind) == (Kind.TRANSFER_IN, Kind.TRANSFER_IN)
    assert (side.record_time, side.fingerprint) == (main.record_time, main.fingerprint)
    assert (side.part, side.number) == (part_of("bob", PARTS), 2)


def test_both_members_have_the_points(members: Engine) -> None:
    carry_out(members, gift())

    assert (balance(members), balance(members, "bob")) == (10, 10)


def test_the_next_command_sees_the_side(members: Engine) -> None:
    found = carry_out(members, gift(), earn(member_id="bob", request_id="e", points=5))

    earned = result(found[1])
    assert isinstance(earned, Transaction)
    assert (earned.balance_after, earned.lots[0].number) == (15, 2)


def test_the_personal_data_of_a_side_has_a_salt_of_its_own(members: Engine) -> None:
    main = record_of(only_answer(submit(members, gift())))

    assert (main.salt, len(side_of(members).salt)) == ("", 32)


def test_a_replay_leaves_no_second_side(members: Engine) -> None:
    carry_out(members, gift())

    carry_out(members, gift())

    assert (outcome_count(members.store), outcome_count(members.store, "bob")) == (2, 2)


def test_a_refusal_leaves_no_side(members: Engine) -> None:
    carry_out(members, gift(to="nobody"))

    assert outcome_count(members.store, "nobody") == 0
    assert outcome_count(members.store) == 2


@pytest.mark.parametrize("how", ["validate_only", "atomic"])
def test_what_is_undone_takes_its_sides_along(members: Engine, how: str) -> None:
    carry_out(members, gift(), gift(request_id="g2", to="nobody"), **{how: True})

    assert outcome_count(members.store, "bob") == 1
    assert balance(members, "bob") == 0


def test_the_chains_of_both_parts_cover_the_records(members: Engine) -> None:
    carry_out(members, gift(), earn(request_id="e"))

    assert [what for what in differences(members.store) if "chain" in what] == []


def test_the_audit_replays_both_sides(members: Engine) -> None:
    carry_out(members, gift())

    # A gift does not name its other half; transfers do, and are tested for it.
    found = [what for what in differences(members.store) if "half" not in what]
    assert found == []
