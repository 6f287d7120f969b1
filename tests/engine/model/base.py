"""What every command of the naive ledger needs: who, which lots, what moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from tests.engine.model.things import (
    CURRENCIES,
    DAY,
    SINKS,
    UNITS,
    Books,
    Deed,
    ModelHold,
    ModelLot,
    ModelMember,
    No,
    Outcome,
)


def runs(lots: Iterable[ModelLot]) -> list[tuple[ModelLot, int]]:
    """Returns points that follow each other in one lot as that lot and how many."""
    return [(lot, len(list(run))) for lot, run in groupby(lots)]


class Base:
    """Is the books, and the postings of the command under way."""

    def __init__(self, now: int) -> None:
        self.books = Books(now)
        self.postings: Counter[tuple[str, str, str]] = Counter()
        self.last_deed: Deed | None = None

    @property
    def now(self) -> int:
        """Returns the instant."""
        return self.books.now

    def known(self, member_id: str) -> ModelMember:
        """Returns a member that exists and has not ended."""
        found = self.books.members.get(member_id)
        if found is None:
            raise No("MEMBER_NOT_FOUND")
        if found.state in ("ERASED", "MERGED"):
            raise No(f"MEMBER_{found.state}")
        return found

    def active(self, member_id: str) -> ModelMember:
        """Returns a member that is not frozen either."""
        found = self.known(member_id)
        if found.state == "FROZEN":
            raise No("MEMBER_FROZEN")
        return found

    def check_unit(self, unit: str, *, spendable: bool = False) -> None:
        """Checks that a unit exists."""
        if unit not in UNITS:
            raise No("UNIT_UNKNOWN")
        if spendable and unit not in CURRENCIES:
            raise No("UNIT_NOT_SPENDABLE")

    def check_sink(self, sink: str) -> None:
        """Checks that a sink exists."""
        if sink not in SINKS:
            raise No("SINK_UNKNOWN")

    def happened(self, command: Any) -> int:
        """Returns when a command says its fact happened."""
        if command.effective_time > self.now:
            raise No("INVALID_ARGUMENT")
        if command.effective_time < 0:
            return self.now
        if command.effective_time < self.books.closed:
            raise No("PERIOD_CLOSED")
        return int(command.effective_time)

    def owned(self, member_id: str, unit: str) -> list[ModelLot]:
        """Returns the lots of a member, the first to be drawn first."""
        key = (member_id, unit)
        own = [lot for lot in self.books.lots if (lot.member_id, lot.unit) == key]
        return sorted(own, key=lambda lot: (lot.ends, lot.number))

    def usable(self, member_id: str, unit: str) -> list[ModelLot]:
        """Returns the lots that can be drawn."""
        own = self.owned(member_id, unit)
        return [lot for lot in own if lot.is_usable(self.now)]

    def available(self, member_id: str, unit: str) -> int:
        """Returns what a member may burn now."""
        return sum(lot.left for lot in self.usable(member_id, unit))

    def open_holds(self, member_id: str) -> list[ModelHold]:
        """Returns the holds of a member that are open."""
        found = [h for h in self.books.holds if h.member_id == member_id]
        return [hold for hold in found if hold.state == "OPEN"]

    def owed(self, member_id: str, unit: str) -> int:
        """Returns what a member owes."""
        return self.books.counts["owed", member_id, unit]

    def take(self, member_id: str, unit: str, points: int) -> list[ModelLot]:
        """Takes points one by one; returns the lot of each."""
        if self.available(member_id, unit) < points:
            raise No("INSUFFICIENT_POINTS")
        taken = []
        for _ in range(points):
            lot = self.usable(member_id, unit)[0]
            lot.left -= 1
            taken.append(lot)
        return taken

    def add_lot(self, lot: ModelLot) -> ModelLot:
        """Adds a lot."""
        self.books.lots.append(lot)
        return lot

    def move(self, source: str, to: str, unit: str, points: int, whose: str) -> None:
        """Moves points between accounts, and counts what that means to a member."""
        if not points:
            return
        self.postings[source, to, unit] += points
        counts, sides = self.books.counts, ((source, 1), (to, -1))
        for account, sign in sides:
            name = account.partition(":")[0]
            what = {
                "issuance": ("earned", sign),
                "burn": ("burned", -sign),
                "breakage": ("expired", -sign),
                "shortfall": ("owed", sign),
            }.get(name)
            if what:
                counts[what[0], whose, unit] += what[1] * points
        self.books.touched.add((whose, unit))

    def end_of_day(self, start: int, days: int) -> int:
        """Returns the end of the last of so many days."""
        return (start // DAY + days + 1) * DAY

    def done(
        self,
        deed: Deed,
        *,
        draws: Iterable[ModelLot] = (),
        returns: Iterable[ModelLot] = (),
        made: Iterable[ModelLot] = (),
    ) -> Outcome:
        """Returns what can be seen of a transaction; draws are point by point."""
        balance = sum(lot.left for lot in self.owned(deed.member_id, deed.unit))
        self.last_deed = deed
        return (
            deed.kind,
            balance,
            sorted((*key, points) for key, points in self.postings.items()),
            [points for _, points in runs(draws)],
            [points for _, points in runs(returns)],
            [(lot.made, lot.starts, lot.ends) for lot in made],
            deed.hold.shown() if deed.hold else None,
            [claim.shown() for claim in deed.claims],
        )

    def changed(self, member: ModelMember) -> Outcome:
        """Returns a member after one more change."""
        member.version += 1
        return self.shown(member)

    def shown(self, member: ModelMember) -> Outcome:
        """Returns what can be seen of a member."""
        return ("MEMBER", member.state, dict(member.attributes), member.version)

    def balances(self, member_id: str, unit: str) -> dict[str, Any]:
        """Returns the balances of a member by their names."""
        own, counts = self.owned(member_id, unit), self.books.counts
        over = [lot for lot in own if lot.is_over(self.now)]
        cancelled = sum(lot.left for lot in over if lot.waits and not lot.came)
        expired = sum(lot.left for lot in over if not lot.waits)
        holds = [h for h in self.open_holds(member_id) if h.unit == unit]
        usable = [(lot.ends, lot.left) for lot in own if lot.is_usable(self.now)]
        pending = [(o.starts, o.left) for o in own if o.is_pending(self.now)]
        return {
            "unit": unit,
            "available": sum(points for _, points in usable),
            "pending": sum(points for _, points in pending),
            "held": sum(len(hold.open) for hold in holds),
            "lifetime_earned": counts["earned", member_id, unit] - cancelled,
            "lifetime_burned": counts["burned", member_id, unit],
            "lifetime_expired": counts["expired", member_id, unit] + expired,
            "shortfall": counts["owed", member_id, unit],
            "next_expirations": _summed(usable),
            "next_activations": _summed(pending),
        }

    def each(self, member_id: str) -> Iterator[ModelLot]:
        """Yields the lots of a member in every unit with points left."""
        for unit in sorted(UNITS):
            yield from (lot for lot in self.owned(member_id, unit) if lot.left)


def _summed(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    sums: Counter[int] = Counter()
    for instant, points in pairs:
        if instant < 2**62:
            sums[instant] += points
    return tuple(sorted(sums.items())[:10])
