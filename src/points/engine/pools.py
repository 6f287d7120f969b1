"""Reads the accounts that members pool into: only their own rows tell which.

Parts are locked as they are found, without waiting, as those of shared counters are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from points.domain.commands import Reads
from points.domain.decisions.pooling import POOLED
from points.domain.identity import TRANSIT, member_account, part_of, shortfall_account
from points.domain.program import Program
from points.domain.state import PoolKey
from points.engine.jobs import Routed
from points.engine.stock import Stock
from points.engine.wanted import Wanted
from points.store.writing.batch import Batch


def read_pools(
    batch: Batch,
    commands: Sequence[Routed],
    stock: Stock,
    wanted: Wanted,
    *,
    program: Program,
    known: Iterable[tuple[PoolKey, PoolKey]],
    part_count: int,
) -> None:
    """Adds what pools need of the commands that earn, and of the `known` pairs.

    Reads whom they pool into, as far as their parts can be locked.
    """
    pairs = dict.fromkeys(known)
    for routed in commands:
        pair = _pair(routed, stock, program, part_count)
        if pair is not None:
            pairs[pair] = None
            stock.counter_parts.setdefault(routed.key(), set()).add(pair[1][0])
    if not pairs:
        return
    missing = {pool[0] for _, pool in pairs} - stock.heads.keys()
    stock.heads |= batch.lock(missing, wait=False) if missing else {}
    pools = {pool for _, pool in pairs} - stock.members.keys()
    stock.members |= batch.members(pools)()
    units = sorted(program.pooled_units)
    for earner, pool in pairs:
        if pool in stock.members:
            wanted.add(*earner, _reads(earner[1], units))
            wanted.add(*pool, _reads(pool[1], units))
            stock.pools.add((earner, pool))


def _pair(
    routed: Routed, stock: Stock, program: Program, part_count: int
) -> tuple[PoolKey, PoolKey] | None:
    """Returns who earns and who gets a share of it, if a command has any."""
    if routed.command.kind not in POOLED:
        return None
    earner = stock.members.get((routed.part, routed.command.member_id))
    if earner is None or earner.pool not in program.pools:
        return None
    into = earner.pools_into
    return (earner.part, earner.member_id), (part_of(into, part_count), into)


def _reads(member_id: str, units: Sequence[str]) -> Reads:
    names = (member_account(member_id), shortfall_account(member_id), TRANSIT)
    return Reads(accounts=tuple((name, unit) for unit in units for name in names))
