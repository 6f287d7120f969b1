"""A ledger of Ada and Bob whose clock a test moves, and what is read of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from points.domain.commands import Command
from points.domain.identity import part_of
from points.domain.lots import LotState
from points.domain.values import Balances, Lot, Transaction
from points.engine.engine import Engine
from points.store.reads.reader import Snapshot, open_snapshot
from tests.clock import Clock
from tests.store.build import rows


def carry_out(engine: Engine, command: Command) -> Transaction:
    """Returns the transaction of a command that is accepted."""
    found = engine.execute(command).record.result
    assert isinstance(found, Transaction), found
    return found


def advance(engine: Engine, microseconds: int) -> None:
    """Moves the clock of an engine."""
    clock = engine.clock
    assert isinstance(clock, Clock)
    clock.advance(microseconds)


def look(engine: Engine, read: Callable[[Snapshot, int], Any]) -> Any:
    """Returns what is read of Ada now."""
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        return read(snapshot, part)


def balances(engine: Engine) -> list[Balances]:
    """Returns what Ada has."""
    found: list[Balances] = look(
        engine, lambda s, part: s.balances(part, "ada", now=engine.clock())
    )
    return found


def lots(engine: Engine, *states: LotState) -> list[Lot]:
    """Returns Ada's lots in these states, or all."""
    now = engine.clock()
    found: list[Lot] = look(
        engine,
        lambda s, part: s.lots(
            part,
            "ada",
            unit="",
            open_at=None,
            after=("", -1, 0),
            limit=100,
            states=frozenset(states),
            now=now,
        ),
    )
    return found


def listed(engine: Engine) -> dict[LotState, list[int]]:
    """Returns the numbers of Ada's lots by the state in which they are listed."""
    return {state: [o.number for o in lots(engine, state)] for state in LotState}


def system_records(engine: Engine) -> list[tuple[str, str]]:
    """Returns member and kind of all that the server did by itself."""
    query = "SELECT member_id, kind FROM record WHERE request_id LIKE 'system/%'"
    return [(member_id, kind) for member_id, kind in rows(engine.store, query)]
