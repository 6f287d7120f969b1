"""Naive earns, burns, adjusts and transfers."""

from __future__ import annotations

from points.domain.commands import Adjust, AdjustDirection, Burn, Earn, Transfer
from tests.engine.model.base import runs
from tests.engine.model.pooling import Pooling
from tests.engine.model.things import NEVER, Deed, ModelLot, No, Outcome


class Points(Pooling):
    """Moves points in, out and between members."""

    def earn(self, command: Earn) -> Outcome:
        """Adds points; what is owed is repaid first."""
        self.check_unit(command.unit)
        self.active(command.member_id)
        happened = self.happened(command)
        lot = self._earned(command, happened)
        who, unit, points = command.member_id, command.unit, command.points
        repaid = min(self.owed(who, unit), points)
        self.move("issuance", f"shortfall:{who}", unit, repaid, who)
        self.move("issuance", f"member:{who}", unit, points - repaid, who)
        deed = Deed("EARN", who, unit, points, happened=happened)
        if points > repaid:
            lot.made = lot.left = points - repaid
            deed.made.append(self.add_lot(lot))
        given = self.give(who, deed.made)
        self.count("EARN", who, unit, points)
        self.gather(who, unit, points, happened)
        outcome = self.done(deed, draws=given, made=deed.made)
        self.receive(deed, given)
        return outcome

    def _earned(self, command: Earn, happened: int) -> ModelLot:
        after = command.expire_after
        lot = ModelLot(
            command.member_id,
            command.unit,
            made=0,
            starts=0,
            ends=command.expire_time,
            until=command.expire_time,
            days=after.days if after else None,
            earned=happened,
        )
        if command.expire_time <= self.now:
            raise No("INVALID_ARGUMENT")
        if command.waits_for:
            if command.cancel_time <= self.now:
                raise No("INVALID_ARGUMENT")
            lot.waits, lot.starts = True, NEVER
            lot.ends = min(command.cancel_time, command.expire_time)
            return lot
        start = happened if command.activate_time < 0 else command.activate_time
        if lot.days is not None:
            lot.ends = self.end_of_day(start, lot.days)
        if lot.ends <= max(start, self.now):
            raise No("INVALID_ARGUMENT")
        lot.starts = start if start > self.now else 0
        return lot

    def burn(self, command: Burn) -> Outcome:
        """Takes points for good."""
        self.check_unit(command.unit)
        self.check_sink(command.sink)
        self.check_unit(command.unit, spendable=True)
        self.active(command.member_id)
        self.happened(command)
        who, unit, points = command.member_id, command.unit, command.points
        drawn = self.take(who, unit, points)
        self.move(f"member:{who}", f"burn:{command.sink}", unit, points, who)
        self.leave_floor(who, unit)
        self.count("BURN", who, unit, points)
        deed = Deed("BURN", who, unit, points, command.sink, drawn)
        return self.done(deed, draws=drawn)

    def adjust(self, command: Adjust) -> Outcome:
        """Adds or takes points by hand."""
        self.check_unit(command.unit)
        self.known(command.member_id)
        self.happened(command)
        if command.expire_time <= self.now:
            raise No("INVALID_ARGUMENT")
        who, unit, points = command.member_id, command.unit, command.points
        deed = Deed("ADJUST", who, unit, points)
        if command.direction is AdjustDirection.DEBIT:
            drawn = self.take(who, unit, points)
            self.move(f"member:{who}", "adjustment", unit, points, who)
            return self.done(deed, draws=drawn)
        self.move("adjustment", f"member:{who}", unit, points, who)
        lot = ModelLot(who, unit, points, 0, command.expire_time, left=points)
        self.add_lot(lot)
        self.stay_below(who, unit)
        return self.done(deed, made=[lot])

    def transfer(self, command: Transfer) -> Outcome:
        """Gives points to another member; what that one owes is repaid first."""
        self.check_unit(command.unit, spendable=True)
        who, to, unit = command.member_id, command.to_member_id, command.unit
        if who == to:
            raise No("SAME_MEMBER")
        self.active(who)
        self.active(to)
        self.happened(command)
        points, fee = command.points, command.fee_points
        drawn = self.take(who, unit, points + fee)
        fees = f"fee:{command.fee_account or 'transfer'}"
        self.move(f"member:{who}", "transit", unit, points, who)
        self.move(f"member:{who}", fees, unit, fee, who)
        self.leave_floor(who, unit)
        self.count("TRANSFER", who, unit, points)
        outcome = self.done(Deed("TRANSFER", who, unit, points), draws=drawn)
        repaid = min(self.owed(to, unit), points)
        self.move("transit", f"shortfall:{to}", unit, repaid, to)
        self.move("transit", f"member:{to}", unit, points - repaid, to)
        for lot, some in runs(drawn[repaid:points]):
            self.add_lot(lot.copy(to, some))
        if points > repaid:
            self.stay_below(to, unit)
        return outcome

    def leave_floor(self, member_id: str, unit: str) -> None:
        """Checks that enough is left after points went out."""
        limits = self.books.limits.get((member_id, unit))
        if limits and self.available(member_id, unit) < (limits.floor or 0):
            raise No("LIMIT_EXCEEDED")

    def stay_below(self, member_id: str, unit: str) -> None:
        """Checks that a member has not too much after points came in."""
        limits = self.books.limits.get((member_id, unit))
        if limits is None or limits.ceiling is None:
            return
        have = self.balances(member_id, unit)
        if have["available"] + have["pending"] + have["held"] > limits.ceiling:
            raise No("LIMIT_EXCEEDED")

    def count(self, action: str, member_id: str, unit: str, points: int) -> None:
        """Counts an action, and checks that it was not one too many."""
        if action == "EARN" and self.postings["issuance", f"member:{member_id}", unit]:
            self.stay_below(member_id, unit)
        limits = self.books.limits.get((member_id, unit))
        for (what, window), velocity in limits.velocities.items() if limits else ():
            if what != action:
                continue
            velocity.done.append((self.now, points))
            span = self.window(window)
            inside = [p for at, p in velocity.done if at // span == self.now // span]
            too_many = velocity.count_max is not None and (
                len(inside) > velocity.count_max
            )
            too_much = velocity.points_max is not None and (
                sum(inside) > velocity.points_max
            )
            if too_many or too_much:
                raise No("VELOCITY_EXCEEDED")

    def window(self, name: str) -> int:
        """Returns how long a window is; all begin at midnight of 1970 in UTC."""
        return {"HOUR": 3_600_000_000, "DAY": 86_400_000_000}[name]
