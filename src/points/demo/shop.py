"""A shop under the worked example `retail`, played through an engine day by day.

The clock follows the log: it stands at noon in the shop's zone on the day that is
played. Each purchase is an activity. Its parcel arrives five days later, which makes
the points usable; one parcel in twenty-five is lost, so that its points are
cancelled after the sixty days that the program gives it. Who has two dollars'
worth spends whole dollars with the next purchase. A sweep runs each month.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from points.demo.purchases import Purchase
from points.domain.commands import (
    ActivateLot,
    Burn,
    Command,
    CreateMember,
    RecordActivity,
)
from points.domain.identity import part_of
from points.domain.refusals import Passing, Refusal
from points.domain.values import Lot, Record, Transaction
from points.engine.engine import Engine
from points.engine.jobs import Answer, Job, route
from points.engine.sweeper import Swept, sweep
from points.store.reads.reader import open_snapshot


UNIT: Final = "points"
SINK: Final = "purchase"
SPENT_FROM: Final = 200
"""Usable points from which on a member spends some: two dollars' worth."""

POINTS_A_DOLLAR: Final = 100
PARCEL_DAYS: Final = 5
LOST_PARCEL: Final = 25
"""Every so many purchases there is a parcel that never arrives."""

_NOON: Final = time(17, tzinfo=UTC)
_COMMANDS_MAX: Final = 1_024


class DayClock:
    """Tells the noon of the day that is being played."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        """Returns the instant, in microseconds since 1970."""
        return self.now

    def set_day(self, day: date) -> None:
        """Moves the clock to the noon of a day."""
        self.now = int(datetime.combine(day, _NOON).timestamp()) * 1_000_000


@dataclass(slots=True, kw_only=True)
class Played:
    """Is what the shop has seen: members in the order in which they came.

    `awarded` and `spent` are points that can be spent, and `cancelled` those of
    them that lost parcels took back.
    """

    member_ids: dict[str, None] = field(default_factory=dict)
    purchases: int = 0
    arrivals: int = 0
    lost_parcels: int = 0
    awarded: int = 0
    spent: int = 0
    cancelled: int = 0
    expired: int = 0
    sweeps: int = 0


class Shop:
    """Plays purchases through an engine that runs on `clock`."""

    def __init__(self, engine: Engine, clock: DayClock) -> None:
        self._engine = engine
        self._clock = clock
        self._played = Played()
        self._coming: defaultdict[date, list[Lot]] = defaultdict(list)
        # More than what members have as soon as something expires.
        self._usable_at_most: Counter[str] = Counter()

    def play(
        self, purchases: Iterable[Purchase], *, on_purchases: Callable[[int], None]
    ) -> Played:
        """Plays the purchases, and a last sweep on the day behind them.

        `on_purchases` is told after each day how many there were so far. Raises
        the refusal of any command: there should be none.
        """
        ordered = sorted(purchases, key=lambda each: each.date)
        by_day = {
            day: list(each) for day, each in groupby(ordered, key=lambda one: one.date)
        }
        for day in _days(min(by_day), max(by_day) + timedelta(days=1)):
            self._play_day(day, by_day.get(day, []))
            on_purchases(self._played.purchases)
        self._sweep()
        return self._played

    def _play_day(self, day: date, purchases: Sequence[Purchase]) -> None:
        self._clock.set_day(day)
        if day.day == 1:
            self._sweep()
        self._receive(self._coming.pop(day, []))
        self._let_in(purchases)
        self._spend(purchases)
        self._record(day, purchases)

    def _sweep(self) -> None:
        swept: Swept = sweep(self._engine, restands=False)
        if swept.failed:
            raise RuntimeError(f"the sweep was refused {swept.failed} times")
        self._played.sweeps += 1
        self._played.expired += swept.expired_points.get(UNIT, 0)
        self._played.cancelled += swept.cancelled_points.get(UNIT, 0)

    def _receive(self, lots: Sequence[Lot]) -> None:
        """Makes the points of parcels usable that have arrived."""
        self._carry_out([_activation(lot) for lot in lots])
        self._played.arrivals += len({(lot.part, lot.record_number) for lot in lots})
        for lot in lots:
            if lot.unit == UNIT:
                self._usable_at_most[lot.member_id] += lot.points

    def _let_in(self, purchases: Sequence[Purchase]) -> None:
        known = self._played.member_ids
        new = dict.fromkeys(
            each.member_id for each in purchases if each.member_id not in known
        )
        self._carry_out(
            [CreateMember(member_id=name, request_id="create") for name in new]
        )
        known |= new

    def _spend(self, purchases: Sequence[Purchase]) -> None:
        """Lets those who buy today spend whole dollars' worth before."""
        by_member = {each.member_id: each for each in purchases}
        may = [name for name in by_member if self._usable_at_most[name] >= SPENT_FROM]
        usable = self._usable(may)
        for name, points in usable.items():
            self._usable_at_most[name] = points
        burns = [
            _burn(by_member[name], points)
            for name, points in usable.items()
            if points >= SPENT_FROM
        ]
        self._carry_out(burns)
        for burn in burns:
            self._usable_at_most[burn.member_id] -= burn.points
            self._played.spent += burn.points

    def _usable(self, member_ids: Iterable[str]) -> dict[str, int]:
        store, now = self._engine.store, self._clock.now
        with open_snapshot(store.backend) as snapshot:
            return {
                name: balances.available
                for name in member_ids
                for balances in snapshot.balances(
                    part_of(name, store.part_count), name, now=now
                )
                if balances.unit == UNIT
            }

    def _record(self, day: date, purchases: Sequence[Purchase]) -> None:
        records = self._carry_out([_activity(each) for each in purchases])
        for record in records:
            assert isinstance(record.result, Transaction)
            lots = record.result.lots
            self._played.purchases += 1
            self._played.awarded += sum(o.points for o in lots if o.unit == UNIT)
            if self._played.purchases % LOST_PARCEL:
                self._coming[day + timedelta(days=PARCEL_DAYS)] += lots
            else:
                self._played.lost_parcels += 1

    def _carry_out(self, commands: Sequence[Command]) -> list[Record]:
        records: list[Record] = []
        for start in range(0, len(commands), _COMMANDS_MAX):
            part_count = self._engine.store.part_count
            futures: list[tuple[Job, Future[Sequence[Answer]]]] = [
                (Job(commands=[route(each, part_count)]), Future())
                for each in commands[start : start + _COMMANDS_MAX]
            ]
            self._engine.submit(futures)
            records += [_accepted(done.result()) for _, done in futures]
        return records


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def _activation(lot: Lot) -> ActivateLot:
    lot_id = lot.place().lot_id()
    return ActivateLot(
        member_id=lot.member_id,
        request_id=f"received-{lot_id}",
        lot_id=lot_id,
        reason="received",
    )


def _burn(purchase: Purchase, usable: int) -> Burn:
    return Burn(
        member_id=purchase.member_id,
        request_id=f"spent-{purchase.request_id}",
        unit=UNIT,
        points=usable // POINTS_A_DOLLAR * POINTS_A_DOLLAR,
        reason="purchase",
        sink=SINK,
    )


def _activity(purchase: Purchase) -> RecordActivity:
    return RecordActivity(
        member_id=purchase.member_id,
        request_id=purchase.request_id,
        activity_type="purchase",
        money=purchase.dollars_cents,
        currency="USD",
        channel="web",
    )


def _accepted(answers: Sequence[Answer]) -> Record:
    (answer,) = answers
    if isinstance(answer, Passing):
        raise answer
    if isinstance(answer.record.result, Refusal):
        raise answer.record.result
    return answer.record
