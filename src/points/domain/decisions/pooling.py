"""Pools: a share of what a member earns goes over in the very transaction.

The points leave the earner for `transit` out of the lots that were just made, and
reach the shared account from there, in lots with the same times; each half stands in
the record of its own member and names the other. What was earned counts for who has
earned it: lifetime counts, tiers and caps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from points.domain.commands import Command
from points.domain.decisions.activity import balance_after
from points.domain.decisions.posted import posted, postings_between
from points.domain.decisions.sides import After, side_stamp
from points.domain.identity import (
    RESERVED_PREFIX,
    TRANSIT,
    Place,
    member_account,
    shortfall_account,
)
from points.domain.program import Program
from points.domain.state import Decision, Side, Stamp, State
from points.domain.values import (
    Account,
    Draw,
    Kind,
    Lot,
    Member,
    MemberState,
    Posting,
    Transaction,
)


POOLED: Final = frozenset({Kind.EARN, Kind.ACTIVITY, Kind.CLAIM})
"""Kinds of which a pool takes its share."""

Portion: TypeAlias = tuple[Lot, int]
"""A lot of the earner, and how many of its points go over."""


def with_pool(
    command: Command, decision: Decision, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the decision with the share of the pool that the member earns into.

    The member keeps all if the program no longer has the pool, or if whoever gets
    the share is frozen, merged or erased. Raises PoolMissing and LimitExceeded.
    """
    earner = state.member(stamp.part, command.member_id)
    terms = program.pools.get(earner.pool) if earner and earner.pool else None
    if earner is None or terms is None or not decision.made_lot_count:
        return decision
    made = decision.lots[-decision.made_lot_count :]
    shares = [(lot, terms.share_of(lot.unit, lot.points)) for lot in made]
    portions = [(lot, points) for lot, points in shares if points]
    part = state.part_of(earner.pools_into)
    pool = state.pool(earner[:2], (part, earner.pools_into))
    if not portions or pool.state is not MemberState.ACTIVE:
        return decision
    there = side_stamp(state, stamp, part, made_lot_count=decision.made_lot_count)
    given = _given(decision, portions, state, stamp, earner)
    accounts = After(state, given.accounts)
    taken = _taken(given, portions, accounts, pool, there)
    side = _side(taken, earner, stamp, pool)
    assert isinstance(given.result, Transaction)
    told = given.result._replace(
        counterparty=pool.member_id, counterparty_place=_place(there)
    )
    return given._replace(result=told, sides=(side,))


def _given(
    decision: Decision,
    portions: Sequence[Portion],
    state: State,
    stamp: Stamp,
    earner: Member,
) -> Decision:
    """Returns the earner's half: the new lots without what goes over."""
    result = decision.result
    assert isinstance(result, Transaction)
    mine = member_account(earner.member_id)
    postings = tuple(
        posting
        for lot, points in portions
        for posting in postings_between(lot.unit, (mine, TRANSIT, points))
    )
    before = After(state, decision.accounts)
    moved = posted(before, stamp.part, earner.member_id, postings)
    changed = {account[:3]: account for account in (*decision.accounts, *moved)}
    accounts = tuple(changed.values())
    gone = {lot.place(): points for lot, points in portions}
    whole = (*result.postings, *postings)
    return decision._replace(
        result=result._replace(
            postings=whole,
            balance_after=balance_after(whole, accounts),
            draws=tuple(Draw(o.place(), p, o.expire_time) for o, p in portions),
        ),
        accounts=accounts,
        lots=tuple(lot.moved(-gone.get(lot.place(), 0)) for lot in decision.lots),
    )


def _taken(
    given: Decision,
    portions: Sequence[Portion],
    accounts: After,
    pool: Member,
    there: Stamp,
) -> Decision:
    """Returns the pool's half: what it owes is repaid first, the rest are lots."""
    rest, postings = _repaid(portions, accounts, pool)
    changed = posted(accounts, there.part, pool.member_id, postings)
    lots = tuple(_lots(rest, pool, there))
    assert isinstance(given.result, Transaction)
    result = Transaction(
        postings=postings,
        balance_after=_balance(accounts, changed, pool, postings),
        reason=given.result.reason,
        metadata={},
        lots=lots,
    )
    return Decision(
        result=result,
        effective_time=given.effective_time,
        channel=given.channel,
        accounts=changed,
        lots=lots,
        made_lot_count=len(lots),
    )


def _side(taken: Decision, earner: Member, stamp: Stamp, pool: Member) -> Side:
    """Returns the pool's half as a record that names who has earned it."""
    assert isinstance(taken.result, Transaction)
    told = taken.result._replace(
        counterparty=earner.member_id, counterparty_place=_place(stamp)
    )
    return Side(
        part=pool.part,
        member_id=pool.member_id,
        request_id=f"{RESERVED_PREFIX}pool/{_place(stamp).transaction_id()}",
        kind=Kind.POOL_IN,
        decision=taken._replace(result=told),
    )


def _balance(
    accounts: After,
    changed: tuple[Account, ...],
    pool: Member,
    postings: Sequence[Posting],
) -> int:
    """Returns what the pool has in the unit of the first posting."""
    name = member_account(pool.member_id)
    return After(accounts, changed).account(pool.part, name, postings[0].unit).balance


def _repaid(
    portions: Sequence[Portion], accounts: After, pool: Member
) -> tuple[list[Portion], tuple[Posting, ...]]:
    """Returns what is left of the portions, and what is posted to the pool."""
    mine, owing = member_account(pool.member_id), shortfall_account(pool.member_id)
    owed = {
        lot.unit: -accounts.account(pool.part, owing, lot.unit).balance
        for lot, _ in portions
    }
    rest: list[Portion] = []
    postings: list[Posting] = []
    for lot, points in portions:
        repaid = min(points, owed[lot.unit])
        owed[lot.unit] -= repaid
        moves = ((TRANSIT, owing, repaid), (TRANSIT, mine, points - repaid))
        postings += postings_between(lot.unit, *moves)
        rest += [(lot, points - repaid)] if points > repaid else []
    return rest, tuple(postings)


def _lots(portions: Sequence[Portion], pool: Member, there: Stamp) -> Iterator[Lot]:
    for index, (lot, points) in enumerate(portions):
        yield lot._replace(
            part=there.part,
            number=there.lot_number + index,
            member_id=pool.member_id,
            points=points,
            remaining=points,
            record_number=there.number,
            origin=lot.place().lot_id(),
            earner=lot.member_id,
        )


def _place(stamp: Stamp) -> Place:
    return Place(stamp.part, stamp.number)
