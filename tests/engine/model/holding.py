"""Naive holds: each point is captured, given back, or lapses."""

from __future__ import annotations

from points.domain.commands import CaptureHold, PlaceHold, VoidHold
from points.domain.values import TimeoutAction
from tests.engine.model.base import runs
from tests.engine.model.points import Points
from tests.engine.model.things import Deed, ModelHold, ModelLot, No, Outcome


class Holding(Points):
    """Sets points aside."""

    def place_hold(self, command: PlaceHold) -> Outcome:
        """Sets points aside."""
        self.check_unit(command.unit)
        self.check_sink(command.sink)
        self.check_unit(command.unit, spendable=True)
        self.active(command.member_id)
        self.happened(command)
        lapses = command.lapse_time
        if command.timeout >= 0:
            lapses = self.now + command.timeout
        if lapses <= self.now:
            raise No("INVALID_ARGUMENT")
        who, unit, points = command.member_id, command.unit, command.points
        drawn = self.take(who, unit, points)
        for lot in drawn:
            lot.held += 1
        self.move(f"member:{who}", f"held:{who}", unit, points, who)
        self.leave_floor(who, unit)
        self.count("BURN", who, unit, points)
        hold = ModelHold(
            who,
            unit,
            list(drawn),
            self.now,
            lapses,
            captures=command.on_timeout is TimeoutAction.CAPTURE,
            freezes=command.freeze_expiry,
            sink=command.sink,
        )
        self.books.holds.append(hold)
        return self.done(Deed("HOLD", who, unit, points, hold=hold), draws=drawn)

    def capture_hold(self, command: CaptureHold) -> Outcome:
        """Burns points of a hold."""
        if command.sink:
            self.check_sink(command.sink)
        self.active(command.member_id)
        hold = self._open(command)
        usable = self._capturable(hold, self.now)
        points = command.points or len(usable)
        if not 0 < points <= len(usable):
            raise No("HOLD_EXCEEDED")
        taken, sink = usable[:points], command.sink or hold.sink
        self._burn(hold, taken, sink)
        back, made = self._give_back(hold, self.now) if command.void_rest else ([], [])
        if not hold.open:
            hold.state = "CAPTURED"
        deed = Deed("CAPTURE", hold.member_id, hold.unit, points, sink, taken)
        deed.hold = hold
        return self.done(deed, draws=taken, returns=back, made=made)

    def void_hold(self, command: VoidHold) -> Outcome:
        """Gives all points of a hold back."""
        self.known(command.member_id)
        hold = self._open(command)
        back, made = self._give_back(hold, self.now)
        hold.state = "VOIDED"
        deed = Deed("VOID", hold.member_id, hold.unit, len(back), hold=hold)
        return self.done(deed, returns=back, made=made)

    def pass_time(self, now: int) -> None:
        """Lets holds lapse, each at its time, and members climb and fall."""
        self.climb(now)
        due = [h for h in self.books.holds if h.state == "OPEN" and h.lapses <= now]
        for hold in sorted(due, key=lambda hold: hold.lapses):
            if hold.captures:
                usable = self._capturable(hold, hold.lapses)
                self._burn(hold, usable, hold.sink)
            self._give_back(hold, hold.lapses)
            hold.state = "LAPSED"
        self.books.now = now

    def _open(self, command: CaptureHold | VoidHold) -> ModelHold:
        self.happened(command)
        hold = self.books.named.get(command.hold_id)
        if not isinstance(hold, ModelHold) or hold.member_id != command.member_id:
            raise No("HOLD_NOT_FOUND")
        if hold.state != "OPEN":
            raise No("HOLD_NOT_OPEN")
        return hold

    def _capturable(self, hold: ModelHold, at: int) -> list[ModelLot]:
        return [lot for lot in hold.open if hold.freezes or not lot.is_over(at)]

    def _burn(self, hold: ModelHold, taken: list[ModelLot], sink: str) -> None:
        for lot in taken:
            hold.open.remove(lot)
            lot.held -= 1
        hold.captured += len(taken)
        who, unit = hold.member_id, hold.unit
        self.move(f"held:{who}", f"burn:{sink}", unit, len(taken), who)

    def _give_back(
        self, hold: ModelHold, at: int
    ) -> tuple[list[ModelLot], list[ModelLot]]:
        """Returns the lot of each point that went back, and the new lots."""
        back, made = [], []
        for lot, points in runs(hold.open):
            lot.held -= points
            if hold.freezes and lot.is_over(at):
                later = lot.ends + at - hold.placed
                fresh = lot.copy(hold.member_id, points, ends=later, days=None)
                made.append(self.add_lot(fresh))
            else:
                lot.left += points
                back += [lot] * points
        hold.voided += len(hold.open)
        who, unit = hold.member_id, hold.unit
        self.move(f"held:{who}", f"member:{who}", unit, len(hold.open), who)
        hold.open.clear()
        return back, made
