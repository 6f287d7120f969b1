"""A world with an earning and a burn of Ada's, and reverses decided in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from points.domain.commands import Reverse
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.values import Transaction
from tests.domain.build import (
    PART,
    PROGRAM,
    account,
    burn_record,
    lot,
    member,
    record,
    stamp,
)
from tests.domain.worlds import World


EARNED = Place(PART, 1).transaction_id()
BURNED = Place(PART, 2).transaction_id()
EMPTY = [lot(remaining=0)]


def decided(command: Reverse, **fields: Any) -> Transaction:
    """Returns what a reverse comes to in a world where Ada has earned 100 points."""
    world = World(
        members=[member()],
        lots=[lot()],
        accounts=[account(balance=100)],
        records=[record(), burn_record()],
    )
    found = decide(command, replace(world, **fields), PROGRAM, stamp()).result
    assert isinstance(found, Transaction)
    return found
