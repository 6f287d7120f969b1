"""Reads everything that the jobs of a batch have declared, in two rounds.

The first round reads what the commands name themselves. What a command wants on
account of that (the lots of its hold, the sink of the burn it reverses) is read
in the second, together with all accounts and lots: a fixed number of statements
whatever the commands are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from points.domain.commands import Reads
from points.domain.identity import Place, part_of, shortfall_account
from points.domain.state import OpenLots
from points.domain.values import Head, Member, Record
from points.engine.jobs import Routed
from points.engine.workspace import Stock
from points.store.batch import Batch
from points.store.rows import Row


if TYPE_CHECKING:
    from points.domain.values import Hold


@dataclass(frozen=True, slots=True)
class Wanted:
    """Is what to read.

    Dictionaries as sets that keep their order: reads come out the same each time.
    """

    keys: dict[Row, None] = field(default_factory=dict)
    members: dict[Row, None] = field(default_factory=dict)
    accounts: dict[Row, None] = field(default_factory=dict)
    lots_of: dict[Row, None] = field(default_factory=dict)
    lots: dict[Place, None] = field(default_factory=dict)
    holds: dict[Place, None] = field(default_factory=dict)
    transactions: dict[Place, None] = field(default_factory=dict)

    def add_command(self, routed: Routed) -> None:
        """Adds what a command declares."""
        self.keys[routed.key()] = None
        command = routed.command
        self.add(routed.part, command.member_id, command.reads())
        for part, member_id, reads in routed.others:
            self.add(part, member_id, reads)

    def add(self, part: int, member_id: str, reads: Reads) -> None:
        """Adds what is read of one member."""
        self.members[part, member_id] = None
        for account, unit in reads.accounts:
            self.accounts[part, account, unit] = None
        if reads.lots_of is not None:
            self.lots_of[part, member_id, reads.lots_of] = None
        for lot in reads.lots:
            self.lots[lot] = None
        if reads.hold is not None:
            self.holds[reads.hold] = None
        if reads.transaction is not None:
            self.transactions[reads.transaction] = None


@dataclass(frozen=True, slots=True)
class Found:
    """Is what the first round has found: what a command may follow."""

    stock: Stock
    part_count: int

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""
        return part_of(member_id, self.part_count)

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        return self.stock.members.get((part, member_id))

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None."""
        return self.stock.holds.get(place)

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None."""
        return self.stock.transactions.get(place)


def read_stock(
    batch: Batch,
    commands: Sequence[Routed],
    heads: dict[int, Head],
    *,
    now: int,
    part_count: int,
    lots_limit: int,
) -> Stock:
    """Returns everything that the commands have declared."""
    wanted = Wanted()
    for routed in commands:
        wanted.add_command(routed)
    stock = Stock(
        heads=heads,
        records=batch.records(wanted.keys),
        members=batch.members(wanted.members),
        holds=batch.holds(wanted.holds),
        lapsed_holds=batch.lapsed_holds(wanted.lots_of, now=now),
        transactions=batch.transactions(wanted.transactions),
        reversals=batch.reversals(wanted.transactions),
    )
    _follow(commands, Found(stock, part_count), wanted)
    stock.accounts = batch.accounts(wanted.accounts)
    _read_shortfalls(batch, stock)
    stock.lots = batch.lots(wanted.lots)
    found = batch.open_lots(wanted.lots_of, now=now, limit=lots_limit)
    stock.open_lots = {
        key: OpenLots(run, complete=len(run) < lots_limit) for key, run in found.items()
    }
    return stock


def _read_shortfalls(batch: Batch, stock: Stock) -> None:
    """Reads the shortfall of those who owe something: the next earn repays it."""
    owing = {
        (account.part, shortfall_account(holder), account.unit)
        for account in stock.accounts.values()
        if account.shortfall and (holder := account.account.removeprefix("member:"))
    }
    stock.accounts |= batch.accounts(sorted(owing - stock.accounts.keys()))


def _follow(commands: Iterable[Routed], found: Found, wanted: Wanted) -> None:
    """Adds what commands want on account of what was found."""
    for routed in commands:
        command = routed.command
        if command.follows:
            reads = command.follow(found, routed.part)
            wanted.add(routed.part, command.member_id, reads)
