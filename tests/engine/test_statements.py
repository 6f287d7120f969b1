"""Statements: their number does not grow with a batch."""

from __future__ import annotations

import gc
from itertools import chain

import pytest

from points.domain.commands import Command
from points.engine.engine import Engine
from tests.domain.build import burn, create_member, earn, freeze_member
from tests.engine.build import carry_out
from tests.store.build import statements


STATEMENTS_MAX = 17
"""One lock, nine reads, seven writes; the commit is not seen as a statement."""

MIXED = 11
"""One lock, five reads, five writes: nothing of holds and reversals."""


def mixed(member_count: int) -> list[Command]:
    """Returns creations, earns, burns, freezes and refusals of many members."""
    names = [f"m{number}" for number in range(member_count)]
    commands = (
        (
            create_member(member_id=name, request_id="r1"),
            earn(member_id=name, request_id="r2"),
            earn(member_id=name, request_id="r3", unit="miles"),
            burn(member_id=name, request_id="r4"),
            burn(member_id=name, request_id="r5"),
            freeze_member(member_id=name, request_id="r6"),
        )
        for name in names
    )
    return list(chain.from_iterable(commands))


def count(engine: Engine, *commands: Command, **fields: bool) -> int:
    """Returns how many statements a job of these commands takes."""
    with statements(engine.store.backend) as seen:
        carry_out(engine, *commands, **fields)
    return len(seen)


@pytest.mark.parametrize("member_count", [1, 10, 200])
def test_a_batch_takes_as_many_statements_whatever_its_size(
    engine: Engine, member_count: int
) -> None:
    assert count(engine, *mixed(member_count)) == MIXED <= STATEMENTS_MAX


@pytest.mark.parametrize("command_count", [1, 10, 100, 1_000])
def test_earns_alone_take_no_statement_for_lots_to_draw_or_members_to_change(
    engine: Engine, command_count: int
) -> None:
    carry_out(engine, create_member())
    earns = [earn(request_id=f"e{number}") for number in range(command_count)]

    assert count(engine, *earns) == MIXED - 3


def test_a_replay_writes_nothing(engine: Engine) -> None:
    commands = mixed(10)
    carry_out(engine, *commands)

    with statements(engine.store.backend) as seen:
        carry_out(engine, *commands)

    assert [sql for sql, _ in seen if "INSERT" in sql] == []


def test_what_is_only_validated_writes_nothing(engine: Engine) -> None:
    with statements(engine.store.backend) as seen:
        carry_out(engine, *mixed(10), validate_only=True)

    assert [sql for sql, _ in seen if "INSERT" in sql] == []


def test_commands_that_are_replayed_in_part_write_only_the_rest(
    engine: Engine,
) -> None:
    carry_out(engine, create_member(), earn(request_id="r2"))

    assert count(engine, earn(request_id="r2"), earn(request_id="r3")) == 8


def test_no_collection_falls_into_a_batch(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, seen = engine.store.backend, []
    monkeypatch.setattr(backend, "on_statement", lambda *_: seen.append(gc.isenabled()))

    carry_out(engine, *mixed(10))

    assert (set(seen), gc.isenabled()) == ({False}, True)
