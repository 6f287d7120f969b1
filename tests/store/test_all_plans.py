"""Query plans: no method that reads or writes is left out.

Each is looked at in a module of plans, or named here with the reason why it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

import pytest

from points.store.reads.reader import Snapshot
from points.store.writing.batch import Batch
from tests.store import test_plans, test_plans_by_time, test_rare_plans


READ_ELSEWHERE: Final = {
    "heads": "as many as there are parts",
    "last_position": "as many as there are parts",
    "programs": "a few, by their versions",
    "programs_before": "a few, by their versions",
    "member_count": "counts all, for a person who asks for a preview",
    "trial_balance": "sums all accounts, for a person who asks",
}
WRITTEN_ELSEWHERE: Final = {
    "programs": "a few, by their versions",
    "restore": "writes whole rows, by an import",
}


class Noted(Exception):  # noqa: N818 - the spy has seen enough
    """A method was asked for."""


class Spy:
    """Stands for a snapshot or a batch, and notes which methods are asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> NoReturn:
        """Notes the name."""
        self.names.add(name)
        raise Noted


def asked_for(calls: Iterable[Callable[[Any], object]]) -> set[str]:
    """Returns the names of the methods that the calls begin with."""
    spy = Spy()
    for call in calls:
        with pytest.raises(Noted):
            call(spy)
    return spy.names


def methods_of(kind: type) -> set[str]:
    """Returns the names of all that can be called from outside."""
    return {
        name
        for name in dir(kind)
        if not name.startswith("_") and callable(getattr(kind, name))
    }


def test_every_read_is_planned() -> None:
    tables = (test_plans.READS, test_plans_by_time.READS)
    seen = asked_for(call for table in tables for call in table.values())

    assert methods_of(Snapshot) - seen == set(READ_ELSEWHERE)


def test_every_write_is_planned() -> None:
    tables = (test_plans.WRITES, test_rare_plans.STEPS)
    seen = asked_for(call for table in tables for call in table.values())

    assert methods_of(Batch) - seen == set(WRITTEN_ELSEWHERE)
