"""What readers ask for most, of many members in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self, TypeAlias

from points.domain.balances import LotSum, balances_of
from points.domain.identity import held_account, member_account
from points.domain.values import Account, Balances
from points.store.databases.backend import Backend
from points.store.databases.translating import translated
from points.store.texts.rows import account_of


Place: TypeAlias = tuple[int, str]
"""A part, and a member of it."""


class Glance(NamedTuple):
    """Is what a member has, with what the head of the part says at that instant.

    `lot_sums` are those of `looked_at`: what waits for an instant is told apart by it.
    Whether something of it `has_lapses`, holds that are over and not settled yet, is
    all that is known of them.
    """

    looked_at: int
    last_number: int
    last_time: int
    program_version: int
    is_member: bool
    accounts: Sequence[Account]
    lot_sums: Sequence[Sequence[Any]]
    has_lapses: bool

    @classmethod
    def of_row(cls, row: Sequence[Any], looked_at: int) -> Self:
        """Returns the glance that a row of `Backend.fetch_glances` tells of."""
        (number, time, version), is_member, accounts, sums, has_lapses = row
        return cls(
            looked_at,
            last_number=number,
            last_time=time,
            program_version=version,
            is_member=bool(is_member),
            accounts=[account_of(account) for account in accounts],
            lot_sums=sums,
            has_lapses=bool(has_lapses),
        )

    @property
    def now(self) -> int:
        """Returns the instant that is looked at: never before the last record."""
        return max(self.looked_at, self.last_time)

    def balances(self) -> list[Balances]:
        """Returns what the member has in each unit ever earned; not with lapses."""
        now = self.now
        sums = [
            LotSum(unit, end, until <= now, points, until, bool(came and until > now))
            for unit, end, until, came, points in self.lot_sums
        ]
        return balances_of(self.accounts, sums, now=now)


def read_glances(
    backend: Backend, places: Sequence[Place], *, now: int
) -> list[Glance]:
    """Returns a glance of each place, in order; raises StoreLost."""
    keys = [
        (part, name, member_account(name), held_account(name)) for part, name in places
    ]
    with translated(backend):
        rows = backend.fetch_glances(keys, now=now)
    return [Glance.of_row(row, now) for row in rows]
