"""The other half of a decision about two members: where it stands, what it sees."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.state import Accounts, Stamp, State
from points.domain.values import Account


class After(NamedTuple):
    """Is the accounts as one half of a decision leaves them, for the other half.

    Both may lie in one part and post to the same account.
    """

    before: Accounts
    changed: tuple[Account, ...]

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        wanted = (part, account, unit)
        found = (one for one in self.changed if one[:3] == wanted)
        return next(found, None) or self.before.account(part, account, unit)


def side_stamp(
    state: State, stamp: Stamp, part: int, *, made_lot_count: int = 0
) -> Stamp:
    """Returns where a side stands: right behind the record it belongs to.

    They may share a part, and then its lots are numbered behind the
    `made_lot_count` ones that the record itself makes.
    """
    there = state.stamp(part)
    if part != stamp.part:
        return there
    return there._replace(
        number=there.number + 1, lot_number=there.lot_number + made_lot_count
    )
