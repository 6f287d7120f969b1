"""Reads what pools got of the earnings that commands reverse.

Only the record of an earning tells where the pool's half of it stands, and only the
pool's own row tells whether it was merged away since. Parts are locked as they are
found, without waiting, as those of shared counters are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from points.domain.commands import Reads, Reverse
from points.domain.decisions.pooling import POOLED
from points.domain.identity import Place, part_of
from points.domain.state import PoolKey
from points.domain.values import Lot, Record, Transaction
from points.engine.jobs import Routed
from points.engine.stock import Stock
from points.engine.wanted import Wanted
from points.store.writing.batch import Batch


def read_halves(
    batch: Batch,
    commands: Sequence[Routed],
    stock: Stock,
    wanted: Wanted,
    *,
    part_count: int,
) -> None:
    """Adds what it takes to take points back from pools.

    Reads the pools' records, and whoever they were merged into, as far as their parts
    can be locked.
    """
    found = [
        (routed, routed.command, place)
        for routed in commands
        if isinstance(routed.command, Reverse)
        and (place := half_place(routed.command, stock.transactions.get)) is not None
    ]
    if not found:
        return
    _lock(batch, stock, {place.part for _, _, place in found})
    there = [place for _, _, place in found if place.part in stock.heads]
    stock.transactions |= batch.transactions(dict.fromkeys(there))()
    owners = {place: _owner(stock, place) for place in there}
    chains = _chains(batch, stock, set(owners.values()), part_count)
    moved_on = _moved_on(batch, stock, {p: chains[o] for p, o in owners.items()})
    for routed, command, place in found:
        chain = chains[owners[place]] if place in owners else []
        parts = stock.counter_parts.setdefault(routed.key(), set())
        parts.update((place.part, *(part for part, _ in chain)))
        if chain and chain[-1] in stock.members:
            reads = _reads(stock, command, place, chain[-1])
            reads = reads._replace(lots=(*reads.lots, *moved_on[place]))
            wanted.add(*chain[-1], reads)
            stock.halves[place, chain[-1]] = reads


def half_place(
    command: Reverse, recorded: Callable[[Place], Record | None]
) -> Place | None:
    """Returns where the pool's half of what is reversed stands, None for no half.

    `recorded` returns the record of the transaction at a place, or None.
    """
    record = recorded(command.place) if command.place else None
    if record is None or record.kind not in POOLED:
        return None
    is_own = (record.member_id, isinstance(record.result, Transaction))
    if is_own != (command.member_id, True):
        return None
    assert isinstance(record.result, Transaction)
    return record.result.counterparty_place


def _owner(stock: Stock, place: Place) -> PoolKey:
    """Returns whom a pool's record is of."""
    record = stock.transactions[place]
    return record.part, record.member_id


def _chains(
    batch: Batch, stock: Stock, owners: set[PoolKey], part_count: int
) -> dict[PoolKey, list[PoolKey]]:
    """Returns each owner with those it was merged into, one after the other.

    The last one has the points now, unless its part is busy: then it is not read.
    """
    chains = {owner: [owner] for owner in owners}
    following = list(chains.values())
    while following:
        ends = {chain[-1] for chain in following}
        _lock(batch, stock, {part for part, _ in ends})
        free = {key for key in ends if key[0] in stock.heads}
        stock.members |= batch.members(free - stock.members.keys())()
        following = [chain for chain in following if _is_merged(stock, chain[-1])]
        for chain in following:
            into = stock.members[chain[-1]].merged_into
            chain.append((part_of(into, part_count), into))
    return chains


def _is_merged(stock: Stock, key: PoolKey) -> bool:
    # Erased since or not: its points went over then, and its name stays.
    return key in stock.members and bool(stock.members[key].merged_into)


def _moved_on(
    batch: Batch, stock: Stock, chains: Mapping[Place, Sequence[PoolKey]]
) -> dict[Place, list[Place]]:
    """Returns the lots in which merges have carried on what pools got, by its place.

    Link by link: each lot names the one that it came of.
    """
    found: dict[Place, list[Place]] = {place: [] for place in chains}
    ends = {place: _lots_at(stock, place) for place in chains}
    for link in range(1, max(map(len, chains.values()), default=0)):
        keys = {
            (*chain[link], lot.unit, lot.place().lot_id()): place
            for place, chain in chains.items()
            if link < len(chain)
            for lot in ends[place]
        }
        ends = {place: [] for place in chains}
        for lot in batch.lots_from(keys):
            place = keys[lot.part, lot.member_id, lot.unit, lot.origin]
            ends[place].append(lot)
            found[place].append(lot.place())
    return found


def _lots_at(stock: Stock, place: Place) -> list[Lot]:
    taken = stock.transactions[place].result
    assert isinstance(taken, Transaction)
    return list(taken.lots)


def _reads(stock: Stock, command: Reverse, place: Place, holder: PoolKey) -> Reads:
    taken = stock.transactions[place].result
    assert isinstance(taken, Transaction)
    return command.reads_of_half(taken, holder[1])


def _lock(batch: Batch, stock: Stock, parts: set[int]) -> None:
    missing = parts - stock.heads.keys()
    if missing:
        stock.heads |= batch.lock(missing, wait=False)
