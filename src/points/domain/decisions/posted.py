"""Accounts after postings, with the lifetime counts of the member they concern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from points.domain.bounds import POINTS_MAX
from points.domain.decisions.common import moved
from points.domain.identity import BREAKAGE, ISSUANCE, member_account
from points.domain.refusals import LimitExceeded
from points.domain.state import Accounts
from points.domain.values import Account, Posting


_Counts: TypeAlias = tuple[int, int, int, int]
"""Is what is added to earned, burned, expired and owed."""

_NONE: Final = (0, 0, 0, 0)


def posted(
    state: Accounts, part: int, member_id: str, postings: Iterable[Posting]
) -> tuple[Account, ...]:
    """Returns every account that the postings touch, in the order they touch them.

    Points that come from issuance count as earned by the member, points that go
    to a sink as burned and to breakage as expired; the other way round they are
    taken off again. What leaves the member's shortfall account is owed from then
    on. Raises LimitExceeded if a count leaves int64.
    """
    accounts: dict[tuple[str, str], Account] = {}

    def change(name: str, unit: str, points: int, counts: _Counts = _NONE) -> None:
        account = accounts.get((name, unit)) or state.account(part, name, unit)
        accounts[name, unit] = _changed(account, points, counts)

    mine = member_account(member_id)
    for posting in postings:
        source, destination, unit, points = posting
        if source == ISSUANCE and destination == mine:
            # By far the most: counted without looking for what else it may be.
            giver = accounts.get((source, unit)) or state.account(part, source, unit)
            taker = accounts.get((mine, unit)) or state.account(part, mine, unit)
            accounts[source, unit] = moved(giver, -points)
            accounts[mine, unit] = moved(taker, points, earned=points)
            continue
        counts = _counts(posting)
        change(source, unit, -points)
        if destination == mine:
            change(mine, unit, points, counts)
            continue
        change(destination, unit, points)
        if counts != _NONE:
            change(mine, unit, 0, counts)
    return tuple(accounts.values())


def postings_between(unit: str, *moves: tuple[str, str, int]) -> tuple[Posting, ...]:
    """Returns a posting for each source, destination and points above zero."""
    return tuple(
        Posting(source, destination, unit, points)
        for source, destination, points in moves
        if points
    )


def _counts(posting: Posting) -> _Counts:
    """Returns what a posting adds to earned, burned, expired and owed."""
    source, destination, _, points = posting
    if source == ISSUANCE and destination.startswith("member:"):
        return points, 0, 0, 0
    earned = points * ((source == ISSUANCE) - (destination == ISSUANCE))
    to_sink, from_sink = (name.startswith("burn:") for name in (destination, source))
    expired = points * ((destination == BREAKAGE) - (source == BREAKAGE))
    to_owed, from_owed = (
        name.startswith("shortfall:") for name in (destination, source)
    )
    burned, owed = points * (to_sink - from_sink), points * (from_owed - to_owed)
    return earned, burned, expired, owed


def _changed(account: Account, points: int, counts: _Counts) -> Account:
    # Field by field: `_replace` takes three times as long, for each of many.
    part, name, unit, balance, floor, earned, burned, expired, *_ = account
    limits, usage, owing = account.limits, account.usage, account.shortfall
    balance += points
    if counts is not _NONE:
        more_earned, more_burned, more_expired, more_owing = counts
        earned += more_earned
        burned += more_burned
        expired += more_expired
        owing += more_owing
    if max(abs(balance), earned, burned, expired) > POINTS_MAX:
        raise LimitExceeded(name, unit, POINTS_MAX)
    return Account(
        part,
        name,
        unit,
        balance,
        floor,
        earned,
        burned,
        expired,
        limits,
        usage,
        owing,
    )
