"""Reads everything that the jobs of a batch have declared, in two rounds.

The first round reads what the commands name themselves. What a command wants on
account of that (the lots of its hold, the sink of the burn it reverses) is read
in the second, together with all accounts and lots: a fixed number of statements
whatever the commands are.

Shared counters live in the parts of their names, which nobody knows before the
first round. Those parts are locked as they are found, without waiting, for a batch
that waited here for another one could be waited for itself. Commands whose counters
are busy stay undecided: their parts are locked from the start the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from points.domain.bounds import MERGE_CLAIMS_MAX, MERGE_LOTS_MAX, NEVER
from points.domain.claims import Claim, ClaimPlace
from points.domain.commands.holds import reads_of_hold
from points.domain.counters import Counter, CounterKey, counter_part
from points.domain.identity import Place, held_account, part_of, shortfall_account
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.state import OpenLots, PoolKey
from points.domain.values import Head, Hold, Lot, Member, Record
from points.engine.halves import read_halves
from points.engine.jobs import Routed
from points.engine.pools import read_pools
from points.engine.stock import Span, Stock
from points.engine.wanted import Wanted
from points.store.texts.rows import Row
from points.store.writing.batch import Batch


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
    stock = Stock(
        heads=heads,
        records=batch.records(wanted.keys),
        members=batch.members(wanted.members),
        lots=batch.lots(wanted.lots),
        holds=batch.holds(wanted.holds) | batch.open_holds(wanted.open_holds_of),
        transactions=batch.transactions(wanted.transactions),
        reversals=batch.reversals(wanted.transactions),
        books=batch.closing_sums(wanted.books),
        progress=batch.progress(wanted.progress),
        standings=batch.standings(wanted.standings),
        claims=batch.claims(wanted.claims)
        | batch.open_claims(wanted.open_claims_of, now=now, limit=MERGE_CLAIMS_MAX + 1),
    )
    known = frozenset(wanted.progress), frozenset(wanted.standings)
    _follow(commands, Found(stock, part_count, program, now), wanted)
    stock.claims |= batch.claims(wanted.claims.keys() - stock.claims.keys())
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
    stock.lapsed_holds = batch.lapsed_holds(wanted.lots_of, now=now)
    _follow_lapses(stock, wanted, now=now)
    _read_more_progress(batch, stock, wanted, known)
    stock.accounts = batch.accounts(wanted.accounts) | batch.accounts_of(wanted.names)
    _read_shortfalls(batch, stock)
    _read_bounded(batch, stock, wanted, now=now)
    stock.lots |= batch.lots(wanted.lots.keys() - stock.lots.keys())
    stock.lots |= batch.undrawn_lots(wanted.undrawn_lots_of, limit=MERGE_LOTS_MAX + 1)
    if wanted.documents:
        _read_documents(batch, stock, wanted)
    for owned in batch.documents_of(wanted.documents_of):
        stock.documents[owned.place()] = owned
        stock.document_keys.setdefault(owned[:4], set()).add(owned.key)
    found = batch.open_lots(wanted.lots_of, now=now, limit=lots_limit)
    stock.open_lots = {
        key: OpenLots(run, complete=len(run) < lots_limit) for key, run in found.items()
    }
    stock.wanted = wanted
    return stock


def _read_documents(batch: Batch, stock: Stock, wanted: Wanted) -> None:
    """Reads the documents of plugins, and keeps what is known to be all of them."""
    for each, found in batch.documents(wanted.documents).items():
        owner, is_all = each[:4], len(found) < each.limit
        span = Span(each.start, each.end if is_all else found[-1].key)
        stock.document_spans.setdefault(owner, []).append(span)
        keys = stock.document_keys.setdefault(owner, set())
        for one in found:
            keys.add(one.key)
            stock.documents[one[:5]] = one


def _read_more_progress(
    batch: Batch, stock: Stock, wanted: Wanted, known: tuple[frozenset[Row], ...]
) -> None:
    """Reads how far members have come whose points only now turn out to count.

    Some have had the one of both read already, on account of another command.
    """
    progress, standings = known
    stock.progress |= batch.progress([k for k in wanted.progress if k not in progress])
    more = [key for key in wanted.standings if key not in standings]
    stock.standings |= batch.standings(more)


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
    found = batch.counters(keys)
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
    stock.accounts |= batch.accounts(unread)
    stock.expired_lots = batch.expired_lots(wanted.bounded, now=now)
    holding = [
        (part, name, unit)
        for part, name, unit in wanted.bounded.keys() - stock.lapsed_holds.keys()
        if (found := stock.accounts.get((part, held_account(name), unit)))
        and found.balance
    ]
    stock.lapsed_holds |= batch.lapsed_holds(sorted(holding), now=now)
    if holding:
        _follow_lapses(stock, wanted, now=now)
        unread = sorted(wanted.accounts.keys() - stock.accounts.keys())
        stock.accounts |= batch.accounts(unread)


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
            wanted.add_own(routed, command.follow(found, routed.part))


def _follow_lapses(stock: Stock, wanted: Wanted, *, now: int) -> None:
    """Adds what it takes to settle the lapsed holds that commands meet."""
    found = [hold for holds in stock.lapsed_holds.values() for hold in holds]
    addressed = [hold for hold in stock.holds.values() if hold.has_lapsed(now)]
    for hold in (*found, *addressed):
        wanted.add(hold.part, hold.member_id, reads_of_hold(hold))
