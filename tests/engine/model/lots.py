"""Naive activation, cancellation, extension and sweep of lots."""

from __future__ import annotations

from points.domain.commands import ActivateLot, CancelLot, ExtendLot
from tests.engine.model.holding import Holding
from tests.engine.model.things import NEVER, Deed, ModelLot, No, Outcome


class Lots(Holding):
    """Changes single lots."""

    def activate_lot(self, command: ActivateLot) -> Outcome:
        """Makes a pending lot usable."""
        self.active(command.member_id)
        lot = self._pending(command)
        start, ends = self.happened(command), lot.ends
        if lot.days is not None:
            ends = self.end_of_day(start, lot.days)
        elif lot.waits:
            ends = lot.until
        if ends <= self.now:
            raise No("INVALID_ARGUMENT")
        lot.starts, lot.ends, lot.waits = self.now, ends, False
        return self.done(Deed("ACTIVATE", lot.member_id, lot.unit), made=[lot])

    def cancel_lot(self, command: CancelLot) -> Outcome:
        """Takes a pending lot away."""
        self.known(command.member_id)
        lot = self._pending(command)
        self.happened(command)
        who, points = lot.member_id, lot.left
        lot.ended, lot.left, lot.starts, lot.waits = points, 0, NEVER, True
        self.move(f"member:{who}", "issuance", lot.unit, points, who)
        self._never_was(who, lot.unit, {lot: points})
        deed = Deed("CANCEL", who, lot.unit, points)
        return self.done(deed, draws=[lot] * points, made=[lot])

    def extend_lot(self, command: ExtendLot) -> Outcome:
        """Lets a lot live longer."""
        self.known(command.member_id)
        lot = self._own(command)
        if lot.is_over(self.now) or (lot.waits and not lot.left):
            raise No("LOT_EXPIRED")
        is_relative = lot.days is not None and lot.starts > self.now
        if lot.waits or is_relative or NEVER in (lot.starts, lot.ends):
            raise No("EXPIRY_NOT_LATER")
        if command.expire_time <= lot.ends:
            raise No("EXPIRY_NOT_LATER")
        lot.ends = command.expire_time
        return self.done(Deed("EXTEND", lot.member_id, lot.unit), made=[lot])

    def sweep(self) -> None:
        """Takes away what is left of lots that are over."""
        waited: dict[tuple[str, str], dict[ModelLot, int]] = {}
        for lot in self.books.lots:
            if lot.left and lot.is_over(self.now):
                end = "issuance" if lot.waits else "breakage"
                who = lot.member_id
                self.move(f"member:{who}", end, lot.unit, lot.left, who)
                if lot.waits:
                    waited.setdefault((who, lot.unit), {})[lot] = lot.left
                lot.ended, lot.left = lot.ended + lot.left, 0
        for (who, unit), gone in waited.items():
            self._never_was(who, unit, gone)

    def _never_was(self, who: str, unit: str, gone: dict[ModelLot, int]) -> None:
        """Takes points off their owner's tier and lifetime that were never usable.

        What came from another member counts where it was earned, and what a pool has
        got for the tiers of its earner, or of whom that one was merged into.
        """
        for lot, points in gone.items():
            if lot.came:
                self.books.counts["earned", who, unit] += points
        mine = [lot for lot in gone if self._earner(lot) == who]
        self.gather_each(who, unit, [(-gone[lot], lot.earned) for lot in mine])

    def _earner(self, lot: ModelLot) -> str:
        """Returns who has earned a lot, or whom that one was merged into by now.

        Whoever has it, if that one is met on the way.
        """
        name = lot.earner or lot.member_id
        while name != lot.member_id and self.books.members[name].merged_into:
            name = self.books.members[name].merged_into
        return name

    def _own(self, command: ActivateLot | CancelLot | ExtendLot) -> ModelLot:
        lot = self.books.named.get(command.lot_id)
        if not isinstance(lot, ModelLot) or lot.member_id != command.member_id:
            raise No("LOT_NOT_FOUND")
        return lot

    def _pending(self, command: ActivateLot | CancelLot) -> ModelLot:
        lot = self._own(command)
        if not lot.is_pending(self.now):
            raise No("LOT_NOT_PENDING")
        return lot
