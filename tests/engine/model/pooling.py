"""Naive pools: a share of each lot that is earned goes over at once."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Final

from points.domain.commands import SetPool
from tests.engine.model.climbing import Climbing
from tests.engine.model.things import Deed, ModelLot, No, Outcome


_SHARES: Final = {
    "company": {"points": Fraction(1), "miles": Fraction(1)},
    "household": {"points": Fraction(1, 3)},
}


class Pooling(Climbing):
    """Lets members earn for others."""

    def set_pool(self, command: SetPool) -> Outcome:
        """Lets a member earn into the account of another, or for itself again."""
        if command.pool and command.pool not in _SHARES:
            raise No("POOL_UNKNOWN")
        if command.pools_into == command.member_id:
            raise No("SAME_MEMBER")
        found = self.known(command.member_id)
        if command.pool and self.active(command.pools_into).pool:
            raise No("INVALID_ARGUMENT")
        found.pool, found.pools_into = command.pool, command.pools_into
        return self.changed(found)

    def give(self, member_id: str, made: list[ModelLot]) -> list[ModelLot]:
        """Takes the share of a pool out of new lots; returns the lot of each point."""
        earner = self.books.members[member_id]
        into = self.books.members.get(earner.pools_into)
        if not earner.pool or into is None or into.state != "ACTIVE":
            return []
        shares, given = _SHARES[earner.pool], []
        for lot in made:
            points = floor(lot.made * shares.get(lot.unit, 0))
            lot.left -= points
            self.move(f"member:{member_id}", "transit", lot.unit, points, member_id)
            given += [lot] * points
        return given

    def receive(self, deed: Deed, given: list[ModelLot]) -> None:
        """Gives what was taken to the pool; what that owes is repaid first."""
        to = self.books.members[deed.member_id].pools_into
        shares = {id(lot): (lot, given.count(lot)) for lot in given}
        for lot, points in shares.values():
            deed.pool = to
            deed.got[lot.unit] += points
            repaid = min(self.owed(to, lot.unit), points)
            self.move("transit", f"shortfall:{to}", lot.unit, repaid, to)
            self.move("transit", f"member:{to}", lot.unit, points - repaid, to)
            if points > repaid:
                got = self.add_lot(lot.copy(to, points - repaid, earner=deed.member_id))
                deed.pool_lots.append(got)

    def holder(self, deed: Deed) -> str:
        """Returns who has now what a pool got, unless it is the earner; or nobody."""
        name = deed.pool
        while name and self.books.members[name].merged_into:
            name = self.books.members[name].merged_into
        return "" if name == deed.member_id else name
