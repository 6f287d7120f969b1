"""Naive reverses: each point once, back to where it came from."""

from __future__ import annotations

from points.domain.commands import ExpiredPolicy, Reverse, ShortfallPolicy
from tests.engine.model.base import runs
from tests.engine.model.lots import Lots
from tests.engine.model.things import Deed, ModelClaim, ModelLot, No, Outcome, Use


EARNED = ("EARN", "CLAIM")
REVERSIBLE = {
    "CLAWBACK": [*EARNED, "ACTIVITY"],
    "REFUND": ["BURN", "CAPTURE"],
    "CORRECTION": [*EARNED, "ACTIVITY", "BURN", "CAPTURE"],
}


class Undoing(Lots):
    """Undoes transactions."""

    def reverse(self, command: Reverse) -> Outcome:
        """Undoes a transaction, or some of its points."""
        self.known(command.member_id)
        self.happened(command)
        deed = self.books.named.get(command.transaction_id)
        if not isinstance(deed, Deed) or deed.member_id != command.member_id:
            raise No("TRANSACTION_NOT_FOUND")
        if deed.kind not in REVERSIBLE[str(command.reason_code)]:
            raise No("NOT_REVERSIBLE")
        if deed.kind == "ACTIVITY":
            return self._undo_activity(command, deed)
        if command.item_ids:
            raise No("INVALID_ARGUMENT")
        there = left = deed.points - deed.undone
        if deed.kind in EARNED:
            left = max(self._left(deed, deed.unit, left), 0)
        points = command.points or left
        # Of a claim what was cancelled goes back to its budget with the rest.
        is_rest = deed.kind == "CLAIM" and left < there and points == left
        is_first = is_rest and not deed.is_wholly_back
        if not (0 < points <= left or (is_first and not command.points)):
            raise No("ALREADY_REVERSED")
        undo = self._undo_earn if deed.kind in EARNED else self._undo_burn
        outcome = undo(command, deed, points)
        after = deed.points if is_rest else deed.undone + points
        self.uncount(deed, deed.undone, after, deed.points)
        deed.undone += points
        deed.is_wholly_back |= is_rest
        return outcome

    def release(self, claim: ModelClaim, state: str) -> None:
        """Ends a claim, and gives its budget back what it has paid for it."""
        claim.state = state
        self._repay(claim, claim.points)

    def _repay(self, claim: ModelClaim, points: int) -> None:
        if claim.use and claim.use.begins <= self.now < claim.use.ends:
            self.books.used[claim.use.key] -= points

    def uncount(self, deed: Deed, before: int, after: int, whole: int) -> None:
        """Gives counters back in proportion, unless their window is over."""
        for use in deed.uses:
            self._uncount(use, before, after, whole)

    def _uncount(self, use: Use, before: int, after: int, whole: int) -> None:
        by = use.by * after // whole - use.by * before // whole
        if use.begins <= self.now < use.ends:
            self.books.used[use.key] -= by

    def _cancelled(self, lot: ModelLot) -> int:
        """Returns what a lot gave back without ever having been active."""
        is_over = lot.waits and (lot.is_over(self.now) or lot.ended)
        return lot.left + lot.ended if is_over else 0

    def _left(self, deed: Deed, unit: str, points: int) -> int:
        """Returns what of the points did not go back by a cancel, of either half."""
        lots = [*deed.made, *deed.pool_lots]
        return points - sum(self._cancelled(lot) for lot in lots if lot.unit == unit)

    def _undo_earn(self, command: Reverse, deed: Deed, points: int) -> Outcome:
        unit, before = deed.unit, deed.undone
        share = self._share(deed, unit, before, points, deed.points)
        drawn = self._return_own(command, deed, unit, points, share)
        self.move("transit", "issuance", unit, share, deed.member_id)
        undone = Deed("REVERSE", deed.member_id, unit if self.postings else "")
        outcome = self.done(undone, draws=drawn)
        self._take_of_pool(command, deed, unit, share)
        return outcome

    def _undo_activity(self, command: Reverse, deed: Deed) -> Outcome:
        items = self._returned_items(command, deed)
        drawn: list[ModelLot] = []
        shares: dict[str, int] = {}
        for unit, total in deed.earned.items():
            before = deed.back[unit]
            points = max(self._left(deed, unit, total - before), 0)
            if not deed.undone:
                points = min(points, sum(deed.shares[unit][each] for each in items))
            shares[unit] = self._share(deed, unit, before, points, total)
            drawn += self._return_own(command, deed, unit, points, shares[unit])
            deed.back[unit] += points
        # What comes from a pool is told behind all that is the earner's own.
        for unit, share in shares.items():
            self.move("transit", "issuance", unit, share, deed.member_id)
        units = [posting[2] for posting in self.postings]
        self._uncount_items(deed, items)
        undone = Deed("REVERSE", deed.member_id, units[0] if units else "")
        undone.claims = self._less_to_collect(deed, items)
        deed.returned += items
        outcome = self.done(undone, draws=drawn)
        for unit, share in shares.items():
            self._take_of_pool(command, deed, unit, share)
        return outcome

    def _returned_items(self, command: Reverse, deed: Deed) -> list[str]:
        """Returns the items that go back; with the last of them all is undone."""
        items = list(command.item_ids)
        if command.points or not set(items) <= set(deed.items):
            raise No("INVALID_ARGUMENT")
        if deed.undone or set(items) & set(deed.returned):
            raise No("ALREADY_REVERSED")
        left = [each for each in deed.items if each not in deed.returned]
        deed.undone = int(not items or set(items) == set(left))
        return items or left

    def _uncount_items(self, deed: Deed, items: list[str]) -> None:
        """Gives counters back by the points of these items, or all with the last."""
        for use in deed.uses:
            shares = deed.shares["miles" if use.what == "parcels" else "points"]
            whole = max(sum(shares.values()), 1)
            before = sum(shares[each] for each in deed.returned)
            after = before + sum(shares[each] for each in items)
            self._uncount(use, before, whole if deed.undone else after, whole)

    def _less_to_collect(self, deed: Deed, items: list[str]) -> list[ModelClaim]:
        """Takes items out of what waits; returns all of which something is taken."""
        changed = []
        for claim in deed.claims:
            less = sum(claim.shares[each] for each in items if each in claim.shares)
            less = claim.points if deed.undone else min(less, claim.points)
            if not less or claim.state_at(self.now) != "OPEN":
                continue
            changed.append(claim)
            if less == claim.points:
                self.release(claim, "REVERSED")
            else:
                self._repay(claim, less)
                claim.points -= less
        return changed

    def _share(
        self, deed: Deed, unit: str, before: int, points: int, whole: int
    ) -> int:
        """Returns what a pool gives: its share, and what the earner has no more."""
        if not self.holder(deed):
            return 0
        got = deed.got[unit]
        lots = [lot for lot in deed.pool_lots if lot.unit == unit]
        has = got - deed.given[unit] - sum(map(self._cancelled, lots))
        fair = got * (before + points) // whole - got * before // whole
        earner_has = self._left(deed, unit, whole - before) - has
        return max(min(fair, has), points - earner_has)

    def _return_own(
        self, command: Reverse, deed: Deed, unit: str, points: int, share: int
    ) -> list[ModelLot]:
        """Takes the earner's own share back; returns the lot of each point."""
        who = deed.member_id
        # What a pool got may be the earner's again, by a merge.
        back = [] if self.holder(deed) else deed.pool_lots
        made = [*deed.made, *(lot for lot in back if lot.member_id == who)]
        lots = [lot for lot in made if lot.unit == unit]
        drawn = self._take_back(command, who, unit, points - share, lots)
        self.gather(who, unit, -points, deed.happened)
        return drawn

    def _take_of_pool(
        self, command: Reverse, deed: Deed, unit: str, points: int
    ) -> None:
        name = self.holder(deed)
        if points:
            mine = [o for o in deed.pool_lots if (o.unit, o.member_id) == (unit, name)]
            self._take_back(command, name, unit, points, mine, into="transit")
            deed.given[unit] += points

    def _take_back(
        self,
        command: Reverse,
        who: str,
        unit: str,
        points: int,
        made: list[ModelLot],
        *,
        into: str = "issuance",
    ) -> list[ModelLot]:
        """Takes points of somebody, of what was made of them first."""
        own = [lot for lot in made if not self._cancelled(lot)]
        drawn: list[ModelLot] = []
        missing = swept = 0
        for _ in range(points):
            others = [o for o in self.usable(who, unit) if o not in own]
            with_points = [lot for lot in own if lot.left]
            gone = [lot for lot in own if lot.ended]
            if with_points or (others and not gone):
                lot = (with_points or others)[0]
                lot.left -= 1
                drawn.append(lot)
            elif gone:
                gone[0].ended -= 1
                swept += 1
            else:
                missing += 1
        if missing and command.shortfall_policy is ShortfallPolicy.STOP:
            raise No("INSUFFICIENT_POINTS")
        is_written_off = command.shortfall_policy is ShortfallPolicy.WRITE_OFF
        payer = "write_off" if is_written_off else f"shortfall:{who}"
        self.move(f"member:{who}", into, unit, len(drawn), who)
        self.move("breakage", into, unit, swept, who)
        self.move(payer, into, unit, missing, who)
        return drawn

    def _undo_burn(self, command: Reverse, deed: Deed, points: int) -> Outcome:
        who, unit = command.member_id, deed.unit
        end = len(deed.drawn) - deed.undone
        back = deed.drawn[end - points : end][::-1]
        returned, expired, made = [], [], []
        for lot, some in runs(back):
            if not lot.is_over(self.now):
                lot.left += some
                returned += [lot] * some
            elif command.expired_policy is ExpiredPolicy.REISSUE:
                ends = self.now + command.grace
                fresh = ModelLot(who, unit, some, 0, ends, left=some, copied=True)
                made.append(self.add_lot(fresh))
            else:
                lot.ended += some
                returned += [lot] * some
                expired += [lot] * some
        self.move(f"burn:{deed.sink}", f"member:{who}", unit, points, who)
        self.move(f"member:{who}", "breakage", unit, len(expired), who)
        made_deed = Deed("REVERSE", who, unit)
        return self.done(made_deed, draws=expired, returns=returned, made=made)
