"""What a member has: worked out from the account and the lots that are left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from points.domain.bounds import EXPIRATIONS_MAX, NEVER
from points.domain.values import Account, Balances


@dataclass(frozen=True, slots=True)
class LotSum:
    """Is what is left in all lots of one unit, expiry and activation state."""

    unit: str
    expire_time: int
    is_active: bool
    points: int


def balances_of(
    accounts: Iterable[Account], lot_sums: Iterable[LotSum], *, now: int
) -> list[Balances]:
    """Returns the balances per unit, in the order of the unit names.

    An expired lot counts as expired whether it has been swept or not, and a
    pending lot as available from its activation on.
    """
    sums: defaultdict[str, list[LotSum]] = defaultdict(list)
    for lot_sum in lot_sums:
        sums[lot_sum.unit].append(lot_sum)
    ordered = sorted(accounts, key=lambda account: account.unit)
    return [_balances(account, sums[account.unit], now) for account in ordered]


def _balances(account: Account, sums: list[LotSum], now: int) -> Balances:
    live = [lot for lot in sums if lot.expire_time > now]
    active = [lot for lot in live if lot.is_active]
    unswept = sum(lot.points for lot in sums if lot.expire_time <= now)
    return Balances(
        unit=account.unit,
        available=sum(lot.points for lot in active),
        pending=sum(lot.points for lot in live if not lot.is_active),
        lifetime_earned=account.lifetime_earned,
        lifetime_burned=account.lifetime_burned,
        lifetime_expired=account.lifetime_expired + unswept,
        shortfall=account.shortfall,
        next_expirations=_next_expirations(active),
    )


def _next_expirations(active: list[LotSum]) -> tuple[tuple[int, int], ...]:
    expiring = [(lot.expire_time, lot.points) for lot in active]
    dated = sorted(pair for pair in expiring if pair[0] != NEVER)
    return tuple(dated[:EXPIRATIONS_MAX])
