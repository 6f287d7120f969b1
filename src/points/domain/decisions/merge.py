"""Merge and erase: what a member has goes to another, what is personal is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from points.domain.bounds import MERGE_CLAIMS_MAX, MERGE_LOTS_MAX
from points.domain.claims import Claim
from points.domain.commands import EraseMember, MergeMembers
from points.domain.decisions.common import check_active
from points.domain.decisions.joining import with_progress_joined
from points.domain.decisions.plugins import removal
from points.domain.decisions.posted import posted
from points.domain.decisions.sides import After, side_stamp
from points.domain.identity import (
    CORE_CHANNEL,
    RESERVED_PREFIX,
    TRANSIT,
    Place,
    member_account,
    shortfall_account,
)
from points.domain.program import Program
from points.domain.refusals import (
    LimitExceeded,
    MemberErased,
    MemberHasHolds,
    MemberNotFound,
    SameMember,
)
from points.domain.state import Decision, Side, Stamp, State
from points.domain.values import (
    Account,
    Draw,
    Erasure,
    Kind,
    Lot,
    Member,
    MemberState,
    Posting,
    Transaction,
)


# What a merge counts that would move too many of them.
_LOTS: Final = "lots"
_CLAIMS: Final = "claims"


def decide_merge_members(
    command: MergeMembers, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the merged member, with one transaction for all units on either side.

    Lots keep their times, pending or not, as do claims, and what is owed stays owed;
    lifetime counts stay with the history that they count. Raises SameMember,
    MemberNotFound, MemberErased, MemberMerged and MemberFrozen (of the one, then of
    the other), MemberHasHolds and LimitExceeded, in this order.
    """
    source, target = command.member_id, command.into_member_id
    if source == target:
        raise SameMember(source)
    there = side_stamp(state, stamp, state.part_of(target))
    check_active(state, stamp, source)
    check_active(state, there, target)
    _check_holds(state, stamp, source)
    lots, claims = _lots(state, stamp, source), _claims(state, stamp, source)
    given, taken = _postings(state, stamp, command, lots)
    accounts = posted(state, stamp.part, source, given)
    received = _receive(command, After(state, accounts), there, stamp, (taken, lots))
    received = _with_claims(received, tuple(_brought(claims, there, target)))
    receiver = state.member(there.part, target)
    assert receiver is not None
    side = Side(
        part=there.part,
        member_id=target,
        request_id=f"{RESERVED_PREFIX}merge/{_place(stamp).transaction_id()}",
        kind=Kind.MERGE_IN,
        decision=with_progress_joined(
            received,
            state.progress(stamp.part, source),
            state,
            program,
            stamp=there,
            member=receiver,
        ),
    )
    draws = tuple(Draw(lot.place(), lot.remaining, lot.expire_time) for lot in lots)
    result = Transaction(
        postings=given,
        balance_after=0,
        reason=command.reason,
        metadata={},
        draws=draws,
        operator=command.operator,
        counterparty=target,
        counterparty_place=_place(there),
        claims=tuple(claim.merged() for claim in claims),
    )
    member = state.member(stamp.part, source)
    assert member is not None
    return Decision(
        result=result,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        member=merged(member, target, stamp.now),
        accounts=accounts,
        lots=tuple(lot._replace(remaining=0) for lot in lots),
        claims=result.claims,
        sides=(side,),
    )


def decide_erase_member(
    command: EraseMember, state: State, _program: Program, stamp: Stamp
) -> Decision:
    """Returns the member without attributes and without documents of plugins.

    The store erases the attributes of its records. Raises MemberNotFound,
    MemberErased and MemberHasHolds, in this order.
    """
    member = state.member(stamp.part, command.member_id)
    if member is None:
        raise MemberNotFound(command.member_id)
    if member.state is MemberState.ERASED:
        raise MemberErased(command.member_id)
    _check_holds(state, stamp, command.member_id)
    erased = member._replace(
        state=MemberState.ERASED,
        attributes={},
        update_time=stamp.now,
        version=member.version + 1,
    )
    return Decision(
        result=Erasure(erased, command.operator, command.reason),
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        member=erased,
        sides=tuple(_forgotten(state, stamp, command.member_id)),
    )


def _forgotten(state: State, stamp: Stamp, member_id: str) -> Iterator[Side]:
    """Yields what is recorded of each plugin: that it keeps nothing of the member."""
    documents = state.documents_of(stamp.part, member_id)
    for plugin, kept in groupby(documents, attrgetter("plugin")):
        yield Side(
            stamp.part,
            member_id,
            f"{RESERVED_PREFIX}erase/{plugin}",
            Kind.CALL,
            removal(plugin, "erase", list(kept), stamp.now),
        )


def merged(member: Member, into: str, now: int) -> Member:
    """Returns the member as a merge leaves it."""
    return member._replace(
        state=MemberState.MERGED,
        merged_into=into,
        update_time=now,
        version=member.version + 1,
    )


def _check_holds(state: State, stamp: Stamp, member_id: str) -> None:
    """Raises MemberHasHolds for open holds; the engine has settled what has lapsed."""
    holds = state.open_holds(stamp.part, member_id)
    if holds:
        raise MemberHasHolds(member_id, len(holds))


def _lots(state: State, stamp: Stamp, member_id: str) -> Sequence[Lot]:
    """Returns all lots with points left; raises LimitExceeded for too many."""
    lots = state.undrawn_lots(stamp.part, member_id)
    if len(lots) > MERGE_LOTS_MAX:
        raise LimitExceeded(member_account(member_id), _LOTS, MERGE_LOTS_MAX)
    return lots


def _claims(state: State, stamp: Stamp, member_id: str) -> Sequence[Claim]:
    """Returns all that waits to be collected; raises LimitExceeded for too many."""
    claims = state.open_claims(stamp.part, member_id)
    if len(claims) > MERGE_CLAIMS_MAX:
        raise LimitExceeded(member_account(member_id), _CLAIMS, MERGE_CLAIMS_MAX)
    return claims


def _brought(claims: Iterable[Claim], there: Stamp, member_id: str) -> Iterator[Claim]:
    """Yields the claims as the other member has them."""
    for position, claim in enumerate(claims, start=1):
        yield claim._replace(
            part=there.part,
            number=there.number,
            position=position,
            member_id=member_id,
        )


def _with_claims(received: Decision, claims: tuple[Claim, ...]) -> Decision:
    assert isinstance(received.result, Transaction)
    told = received.result._replace(claims=claims)
    return received._replace(result=told, claims=claims)


def _postings(
    state: State, stamp: Stamp, command: MergeMembers, lots: Iterable[Lot]
) -> tuple[tuple[Posting, ...], tuple[Posting, ...]]:
    """Returns what the source gives, and what the target takes: points and debts."""
    points: dict[str, int] = {}
    for lot in lots:
        points[lot.unit] = points.get(lot.unit, 0) + lot.remaining
    owed = state.accounts_of(stamp.part, shortfall_account(command.member_id))
    debts = {one.unit: -one.balance for one in owed if one.balance}
    given, taken = [], []
    mine, theirs = member_account(command.member_id), command.into_member_id
    for unit, count in sorted(points.items()):
        given.append(Posting(mine, TRANSIT, unit, count))
        taken.append(Posting(TRANSIT, member_account(theirs), unit, count))
    mine = shortfall_account(command.member_id)
    for unit, count in sorted(debts.items()):
        given.append(Posting(TRANSIT, mine, unit, count))
        taken.append(Posting(shortfall_account(theirs), TRANSIT, unit, count))
    return tuple(given), tuple(taken)


def _receive(
    command: MergeMembers,
    accounts: After,
    there: Stamp,
    stamp: Stamp,
    moved: tuple[tuple[Posting, ...], Sequence[Lot]],
) -> Decision:
    postings, given = moved
    lots = tuple(
        lot._replace(
            part=there.part,
            number=there.lot_number + index,
            member_id=command.into_member_id,
            points=lot.remaining,
            ended=0,
            noticed_time=0,
            record_number=there.number,
            origin=lot.place().lot_id(),
        )
        for index, lot in enumerate(given)
    )
    changed = posted(accounts, there.part, command.into_member_id, postings)
    result = Transaction(
        postings=postings,
        balance_after=_balance(command, accounts, changed, there, postings),
        reason=command.reason,
        metadata={},
        lots=lots,
        operator=command.operator,
        counterparty=command.member_id,
        counterparty_place=_place(stamp),
    )
    return Decision(
        result=result,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        accounts=changed,
        lots=lots,
        made_lot_count=len(lots),
    )


def _balance(
    command: MergeMembers,
    accounts: After,
    changed: tuple[Account, ...],
    there: Stamp,
    postings: Sequence[Posting],
) -> int:
    """Returns what the target has in the unit of the first posting."""
    if not postings:
        return 0
    name = member_account(command.into_member_id)
    return After(accounts, changed).account(there.part, name, postings[0].unit).balance


def _place(stamp: Stamp) -> Place:
    return Place(stamp.part, stamp.number)
