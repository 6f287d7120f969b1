"""What must hold before anything is committed. A wrong ledger must not go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, Final, TypeAlias

from points.domain.counters import Counter
from points.domain.values import Account, Lot


AccountChange: TypeAlias = tuple[Account | None, Account]
"""An account before (None if it is new) and after."""

LotChange: TypeAlias = tuple[Lot | None, Lot]
"""A lot before (None if it is new) and after."""


_TOLD: Final = itemgetter(
    *map(
        Lot._fields.index,
        ("part", "member_id", "unit", "points", "remaining", "held"),
    )
)
_OF_MEMBERS: Final = ("member:", "held:", "shortfall:")


class BooksBroken(Exception):  # noqa: N818 - a state, not a mistake of the caller
    """The engine was about to write books that do not add up: a bug, or damage."""


def check_books(accounts: Iterable[AccountChange], lots: Iterable[LotChange]) -> None:
    """Raises BooksBroken unless the changes keep the books whole.

    Per part and unit all accounts together move by zero; no account is below
    its floor; each member's account moves by as much as what is left in the member's
    lots, and the account of the holds by as much as is held of them; what a member
    owes moves against the account of the shortfall; no lot has less than nothing or
    more than it began with.
    """
    moved: defaultdict[tuple[int, str], int] = defaultdict(int)
    owned: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for before, after in accounts:
        change = after.balance - (before.balance if before else 0)
        moved[after.part, after.unit] += change
        if after.account.startswith(_OF_MEMBERS):
            owned[after.part, after.account, after.unit] += change
        owed = after.shortfall - (before.shortfall if before else 0)
        if owed:
            holder = after.account.removeprefix("member:")
            owned[after.part, f"shortfall:{holder}", after.unit] += owed
        _check_bounds(after)
    for (part, member_id, unit), (left, held) in _sums(lots).items():
        owned[part, f"member:{member_id}", unit] -= left
        owned[part, f"held:{member_id}", unit] -= held
    _check_zero("accounts of a part and unit", moved)
    _check_zero("an account and its lots", owned)


def check_counters(counters: Iterable[Counter]) -> None:
    """Raises BooksBroken unless every counter is within its own bounds."""
    for counter in counters:
        if not counter.is_whole:
            message = f"{counter} is used beyond what it has, or below zero"
            raise BooksBroken(message)


def _sums(lots: Iterable[LotChange]) -> dict[tuple[int, str, str], list[int]]:
    """Returns how what is left and held of each owner's lots has changed."""
    sums: dict[tuple[int, str, str], list[int]] = {}
    for before, lot in lots:
        # Written out, for a burn may draw many lots.
        part, member_id, unit, points, remaining, held = _TOLD(lot)
        if remaining < 0 or held < 0 or remaining + held > points:
            message = f"{lot} has less than nothing or more than it began with"
            raise BooksBroken(message)
        if before is not None:
            remaining, held = remaining - before.remaining, held - before.held
        of_owner = sums.setdefault((part, member_id, unit), [0, 0])
        of_owner[0] += remaining
        of_owner[1] += held
    return sums


def _check_bounds(account: Account) -> None:
    if account.balance < account.floor:
        message = f"{account} is below its floor"
        raise BooksBroken(message)
    if account.balance > 0 and account.account.startswith("shortfall:"):
        message = f"{account} owes less than nothing"
        raise BooksBroken(message)


def _check_zero(what: str, sums: Mapping[Any, int]) -> None:
    wrong = {key: rest for key, rest in sums.items() if rest}
    if wrong:
        message = f"{what} do not move together: {wrong}"
        raise BooksBroken(message)
