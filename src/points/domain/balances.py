"""What a member has: worked out from the account and the lots that are left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from points.domain.bounds import AT_ONCE, EXPIRATIONS_MAX, NEVER
from points.domain.lapses import Lapses
from points.domain.values import Account, Balances


@dataclass(frozen=True, slots=True)
class LotSum:
    """Is what is left in all lots of one unit, expiry and activation.

    `activate_time` is that of lots which are not active: NEVER as long as they
    wait for an event, and then their expiry is the deadline of the wait. What `came`
    from another member was earned by that one, whatever becomes of it, and says
    `Lot.has_come`.
    """

    unit: str
    expire_time: int
    is_active: bool
    points: int
    activate_time: int = AT_ONCE
    came: bool = False


class TrialBalanceLine(NamedTuple):
    """Is the sum of one account, or of all member accounts as `member`."""

    account: str
    unit: str
    points: int


def balances_of(
    accounts: Iterable[Account],
    lot_sums: Iterable[LotSum],
    *,
    now: int,
    lapses: Lapses | None = None,
) -> list[Balances]:
    """Returns the balances per unit, in the order of the unit names.

    An expired lot counts as expired whether it has been swept or not, a cancelled
    one as never earned, a pending lot as available from its activation on, and
    `lapses` as settled. The accounts are the member's own and those of the
    member's holds.
    """
    lapses = lapses or Lapses()
    sums: defaultdict[str, list[LotSum]] = defaultdict(list)
    for lot_sum in (*lot_sums, *_freed(lapses)):
        sums[lot_sum.unit].append(lot_sum)
    own, held = [], {}
    for account in sorted(accounts, key=lambda account: account.unit):
        if account.account.startswith("held:"):
            held[account.unit] = account.balance - lapses.held[account.unit]
        else:
            own.append(_burned(account, lapses))
    return [
        _balances(account, sums[account.unit], now)._replace(
            held=held.get(account.unit, 0)
        )
        for account in own
    ]


def _freed(lapses: Lapses) -> Iterator[LotSum]:
    """Yields what lapses give back; it was usable before it was held."""
    for unit, draw in lapses.freed:
        yield LotSum(unit, draw.expire_time, is_active=True, points=draw.points)


def _burned(account: Account, lapses: Lapses) -> Account:
    burned = account.lifetime_burned + lapses.burned[account.unit]
    return account._replace(lifetime_burned=burned)


def _balances(account: Account, sums: list[LotSum], now: int) -> Balances:
    live = [lot for lot in sums if lot.expire_time > now]
    active = [lot for lot in live if lot.is_active]
    over = [lot for lot in sums if lot.expire_time <= now]
    waited = [lot for lot in over if lot.activate_time == NEVER]
    expired = sum(lot.points for lot in over) - sum(lot.points for lot in waited)
    return Balances(
        unit=account.unit,
        available=sum(lot.points for lot in active),
        pending=sum(lot.points for lot in live if not lot.is_active),
        lifetime_earned=account.lifetime_earned
        - sum(lot.points for lot in waited if not lot.came),
        lifetime_burned=account.lifetime_burned,
        lifetime_expired=account.lifetime_expired + expired,
        shortfall=account.shortfall,
        next_expirations=_next_expirations(active),
        next_activations=_next_activations(live),
    )


def _next_expirations(active: list[LotSum]) -> tuple[tuple[int, int], ...]:
    expiring: Counter[int] = Counter()
    for lot in active:
        expiring[lot.expire_time] += lot.points
    dated = sorted(pair for pair in expiring.items() if pair[0] != NEVER)
    return tuple(dated[:EXPIRATIONS_MAX])


def _next_activations(live: list[LotSum]) -> tuple[tuple[int, int], ...]:
    points: defaultdict[int, int] = defaultdict(int)
    for lot in live:
        if not lot.is_active and lot.activate_time not in (AT_ONCE, NEVER):
            points[lot.activate_time] += lot.points
    return tuple(sorted(points.items())[:EXPIRATIONS_MAX])
