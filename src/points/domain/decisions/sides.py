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


def side_stamp(state: State, stamp: Stamp, part: int) -> Stamp:
    """Returns where a side stands: right behind the record it belongs to.

    Only if that made no lots and holds itself, for they may share a part.
    """
    there = state.stamp(part)
    return there._replace(number=there.number + 1) if part == stamp.part else there
