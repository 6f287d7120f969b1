"""Reads everything that the jobs of a batch have declared, in two rounds.

The first round reads what the commands name themselves. What a command wants on
account of that (the lots of its hold, the sink of the burn it reverses) is read
in the second: a fixed number of statements whatever the commands are. All of a round
is asked for before any of it is waited for. Holds that have lapsed take another one.

Shared counters live in the parts of their names, which nobody knows before the
first round. Those parts are locked as they are found, without waiting, for a batch
that waited here for another one could be waited for itself. Commands whose counters
are busy stay undecided: their parts are locked from the start the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from points.domain.bounds import MERGE_CLAIMS_MAX, MERGE_LOTS_MAX, NEVER
from points.domain.claims import Claim, ClaimPlace
from points.domain.commands.holds import reads_of_hold
from points.domain.counters import Counter, CounterKey, counter_part
from points.domain.documents import Document, DocumentRange
from points.domain.identity import Place, held_account, part_of, shortfall_account
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.state import OpenLots, PoolKey
from points.domain.values import Head, Hold, Lot, Member, Record
from points.engine.halves import read_halves
from points.engine.jobs import Routed
from points.engine.pools import read_pools
from points.engine.stock import Span, Stock
from points.engine.wanted import NOTHING, Mark, More, Wanted
from points.store.texts.rows import Row
from points.store.writing.batch import Batch


Keep: TypeAlias = Callable[[Stock], None]
"""Waits for what was asked for, and keeps it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Is what the first round has found: what a command may follow."""

    stock: Stock
    part_count: int
    program: Program
    now: int

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""
        return part_of(member_id, self.part_count)

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        return self.stock.members.get((part, member_id))

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return self.stock.lots.get(place)

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None."""
        return self.stock.holds.get(place)

    def claim(self, place: ClaimPlace) -> Claim | None:
        """Returns the claim at a place, or None."""
        return self.stock.claims.get(place)

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None."""
        return self.stock.transactions.get(place)

    def progress(self, part: int, member_id: str) -> Progress:
        """Returns what the member has done so far."""
        found = self.stock.progress.get((part, member_id))
        return found or Progress(part, member_id)


def read_stock(
    batch: Batch,
    commands: Sequence[Routed],
    heads: dict[int, Head],
    *,
    now: int,
    part_count: int,
    lots_limit: int,
    program: Program,
    counters: Iterable[CounterKey] = (),
    pools: Iterable[tuple[PoolKey, PoolKey]] = (),
) -> Stock:
    """Returns everything that the commands have declared; `counters`, `pools` besides.

    In the program's sliding units whatever touches a member may let all its lots
    live longer.
    """
    wanted = Wanted.under(program)
    wanted.counter_keys.update(dict.fromkeys(counters))
    for routed in commands:
        wanted.add_command(routed)
    stock, first = Stock(heads=heads), wanted.mark()
    named = _ask_named(batch, wanted, now=now)
    more = _ask_more(batch, wanted.since(NOTHING), now=now, lots_limit=lots_limit)
    lapsed = batch.lapsed_holds(wanted.lots_of, now=now)
    named(stock)
    more(stock)
    stock.lapsed_holds = lapsed()
    _follow(commands, Found(stock, part_count, program, now), wanted)
    stock.claims |= batch.claims(wanted.claims.keys() - stock.claims.keys())()
    if wanted.counter_keys:
        _read_counters(batch, stock, wanted, part_count)
    if program.pools:
        read_pools(
            batch,
            commands,
            stock,
            wanted,
            program=program,
            known=pools,
            part_count=part_count,
        )
    read_halves(batch, commands, stock, wanted, part_count=part_count)
    _read_what_follows(batch, stock, wanted, first, now=now, lots_limit=lots_limit)
    _keep_owned(stock, batch.documents_of(wanted.documents_of))
    stock.books = batch.closing_sums(wanted.books)
    stock.wanted = wanted
    return stock


def _ask_named(batch: Batch, wanted: Wanted, *, now: int) -> Keep:
    """Asks for what commands alone name."""
    records = batch.records(wanted.keys)
    members = batch.members(wanted.members)
    holds = batch.holds(wanted.holds)
    open_holds = batch.open_holds(wanted.open_holds_of)
    transactions = batch.transactions(wanted.transactions)
    reversals = batch.reversals(wanted.transactions)
    claims = batch.claims(wanted.claims)
    open_claims = batch.open_claims(
        wanted.open_claims_of, now=now, limit=MERGE_CLAIMS_MAX + 1
    )
    documents = batch.documents(wanted.documents)

    def keep(stock: Stock) -> None:
        stock.records, stock.members = records(), members()
        stock.holds = holds() | open_holds()
        stock.transactions, stock.reversals = transactions(), reversals()
        stock.claims = claims() | open_claims()
        _keep_documents(stock, documents())

    return keep


def _ask_more(batch: Batch, more: More, *, now: int, lots_limit: int) -> Keep:
    """Asks for what other things lead to as well."""
    accounts, of_names = batch.accounts(more.accounts), batch.accounts_of(more.names)
    progress, standings = batch.progress(more.progress), batch.standings(more.standings)
    lots = batch.lots(more.lots)
    undrawn_lots = batch.undrawn_lots(more.undrawn_lots_of, limit=MERGE_LOTS_MAX + 1)
    open_lots = batch.open_lots(more.lots_of, now=now, limit=lots_limit)

    def keep(stock: Stock) -> None:
        stock.accounts |= accounts() | of_names()
        stock.progress |= progress()
        stock.standings |= standings()
        stock.lots |= lots() | undrawn_lots()
        stock.open_lots |= _open_lots(open_lots(), lots_limit)

    return keep


def _read_what_follows(
    batch: Batch,
    stock: Stock,
    wanted: Wanted,
    first: Mark,
    *,
    now: int,
    lots_limit: int,
) -> None:
    """Reads what is wanted since the first round, and what that leads to.

    After the second round that is something where holds have lapsed, or where points
    are held against a ceiling.
    """
    read_since = partial(
        _read_since, batch, stock, wanted, now=now, lots_limit=lots_limit
    )
    lapsed = batch.lapsed_holds(wanted.since(first).lots_of, now=now)
    second = read_since(first)
    stock.lapsed_holds |= lapsed()
    _follow_lapses(stock, wanted, now=now)
    third = read_since(second)
    _read_shortfalls(batch, stock)
    _read_bounded(batch, stock, wanted, now=now)
    read_since(third)


def _read_since(
    batch: Batch, stock: Stock, wanted: Wanted, mark: Mark, *, now: int, lots_limit: int
) -> Mark:
    """Reads what is wanted since a time, and returns how much is wanted by now."""
    new = wanted.since(mark)
    if any(new):
        _ask_more(batch, new, now=now, lots_limit=lots_limit)(stock)
    return wanted.mark()


def _open_lots(found: dict[Row, list[Lot]], limit: int) -> dict[Row, OpenLots]:
    return {key: OpenLots(run, complete=len(run) < limit) for key, run in found.items()}


def _keep_documents(stock: Stock, read: dict[DocumentRange, list[Document]]) -> None:
    """Keeps documents of plugins, and what is known to be all of them."""
    for each, found in read.items():
        owner, is_all = each[:4], len(found) < each.limit
        span = Span(each.start, each.end if is_all else found[-1].key)
        stock.document_spans.setdefault(owner, []).append(span)
        keys = stock.document_keys.setdefault(owner, set())
        for one in found:
            keys.add(one.key)
            stock.documents[one[:5]] = one


def _keep_owned(stock: Stock, documents: Iterable[Document]) -> None:
    for owned in documents:
        stock.documents[owned.place()] = owned
        stock.document_keys.setdefault(owned[:4], set()).add(owned.key)


def _read_counters(batch: Batch, stock: Stock, wanted: Wanted, part_count: int) -> None:
    """Locks the parts of counters as far as they are free, and reads these."""
    names = {name for name, _ in wanted.counter_keys}
    parts = {name: counter_part(name, part_count) for name in names}
    stock.counter_parts = {
        key: {parts[name] for name in found}
        for key, found in wanted.counters_of.items()
    }
    missing = set(parts.values()) - stock.heads.keys()
    if missing:
        stock.heads |= batch.lock(missing, wait=False)
    keys = [
        (part, name, start_time)
        for name, start_time in wanted.counter_keys
        if (part := parts[name]) in stock.heads
    ]
    found = batch.counters(keys)()
    stock.counters = {
        key[1:]: found.get(key) or Counter(*key, end_time=NEVER) for key in keys
    }


def _read_bounded(batch: Batch, stock: Stock, wanted: Wanted, *, now: int) -> None:
    """Reads what ceilings are held against, of members with limits alone.

    Holds that have lapsed hold nothing any more, though nobody draws their lots.
    """
    for part, name, unit in [key for key, a in stock.accounts.items() if a.limits]:
        wanted.bounded[part, name.removeprefix("member:"), unit] = None
    held = [(part, held_account(name), unit) for part, name, unit in wanted.bounded]
    unread = [key for key in held if key not in wanted.accounts]
    stock.accounts |= batch.accounts(unread)()
    stock.expired_lots = batch.expired_lots(wanted.bounded, now=now)()
    holding = [
        (part, name, unit)
        for part, name, unit in wanted.bounded.keys() - stock.lapsed_holds.keys()
        if (found := stock.accounts.get((part, held_account(name), unit)))
        and found.balance
    ]
    stock.lapsed_holds |= batch.lapsed_holds(sorted(holding), now=now)()
    if holding:
        _follow_lapses(stock, wanted, now=now)


def _read_shortfalls(batch: Batch, stock: Stock) -> None:
    """Reads the shortfall of those who owe something: the next earn repays it."""
    owing = {
        (account.part, shortfall_account(holder), account.unit)
        for account in stock.accounts.values()
        if account.shortfall and (holder := account.account.removeprefix("member:"))
    }
    stock.accounts |= batch.accounts(sorted(owing - stock.accounts.keys()))()


def _follow(commands: Iterable[Routed], found: Found, wanted: Wanted) -> None:
    """Adds what commands want on account of what was found."""
    for routed in commands:
        command = routed.command
        if command.follows:
            wanted.add_own(routed, command.follow(found, routed.part))


def _follow_lapses(stock: Stock, wanted: Wanted, *, now: int) -> None:
    """Adds what it takes to settle the lapsed holds that commands meet."""
    found = [hold for holds in stock.lapsed_holds.values() for hold in holds]
    addressed = [hold for hold in stock.holds.values() if hold.has_lapsed(now)]
    for hold in (*found, *addressed):
        wanted.add(hold.part, hold.member_id, reads_of_hold(hold))
