"""Laws of holds: whatever happens to them, no point is lost, made or seen twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from points.domain.balances import LotSum, balances_of
from points.domain.books import check_books
from points.domain.commands import Command, LapseHold
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.lapses import Lapses
from points.domain.refusals import Refusal
from points.domain.replay import PartReplay
from points.domain.state import Decision, Stamp
from points.domain.values import (
    Account,
    Balances,
    Hold,
    Lot,
    Record,
    TimeoutAction,
    Transaction,
)
from tests.clock import HOUR, NOON
from tests.domain.build import PART, PROGRAM, create_member, earn, member, record
from tests.domain.build_holds import capture_hold, place_hold, void_hold
from tests.domain.worlds import World


ENDS: Final = (2, 3, 5, 9)
"""Hours until the lots of Ada expire."""

SIZES: Final = (40, 30, 20, 10)


@dataclass
class Ledger:
    """Is Ada's part: everything that decisions have left, and its records."""

    now: int = NOON
    number: int = 0
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    lots: dict[Place, Lot] = field(default_factory=dict)
    holds: dict[Place, Hold] = field(default_factory=dict)
    burned: Counter[Place] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    replay: PartReplay = field(default_factory=lambda: PartReplay(PART))

    def do(self, command: Command) -> Decision | None:
        """Carries out a command; returns None if it is refused."""
        stamp = Stamp(
            part=PART,
            number=self.number + 1,
            lot_number=len(self.lots) + 1,
            now=self.now,
            hold_number=len(self.holds) + 1,
        )
        try:
            decision = decide(command, self._world(), PROGRAM, stamp)
        except Refusal:
            return None
        self.number += 1
        self._keep(command, decision)
        return decision

    def due(self) -> list[Hold]:
        """Returns the holds that have lapsed and are still open on paper."""
        return [hold for hold in self.holds.values() if hold.has_lapsed(self.now)]

    def settle(self) -> None:
        """Records all lapses."""
        for hold in self.due():
            self.do(LapseHold.of(hold))

    def balances(self) -> list[Balances]:
        """Returns what Ada is shown."""
        sums = [
            LotSum(lot.unit, lot.expire_time, is_active=True, points=lot.remaining)
            for lot in self.lots.values()
            if lot.remaining
        ]
        names = ("member:ada", "held:ada")
        own = [a for a in self.accounts.values() if a.account in names]
        lapses = Lapses.of(self.due(), self.lots)
        return balances_of(own, sums, now=self.now, lapses=lapses)

    def shown_lots(self) -> dict[Place, Lot]:
        """Returns the lots as they are shown."""
        lapses = Lapses.of(self.due(), self.lots)
        return {place: lapses.settled(lot) for place, lot in self.lots.items()}

    def points_of(self, root: Place) -> int:
        """Returns the points of a lot, wherever they are by now."""
        family = [lot for lot in self.lots.values() if self._root(lot) == root]
        left = sum(lot.remaining + lot.held for lot in family)
        return left + sum(self.burned[lot.place()] for lot in family)

    def _root(self, lot: Lot) -> Place:
        origin = Place.of_lot(lot.origin) if lot.origin else None
        return self._root(self.lots[origin]) if origin else lot.place()

    def _world(self) -> World:
        left = [lot for lot in self.lots.values() if lot.remaining]
        usable = [lot for lot in left if lot.expire_time > self.now]
        return _World(
            members=[member()],
            accounts=list(self.accounts.values()),
            lots=sorted(usable, key=lambda lot: (lot.expire_time, lot.number)),
            holds=list(self.holds.values()),
            real=dict(self.lots),
        )

    def _keep(self, command: Command, decision: Decision) -> None:
        check_books(
            [
                (self.accounts.get((after.account, after.unit)), after)
                for after in decision.accounts
            ],
            [(self.lots.get(after.place()), after) for after in decision.lots],
        )
        self.accounts |= {(a.account, a.unit): a for a in decision.accounts}
        self.lots |= {lot.place(): lot for lot in decision.lots}
        self.holds |= {hold.place(): hold for hold in decision.holds}
        result = decision.result
        if isinstance(result, Transaction) and not isinstance(command, _DRAWS):
            self.burned.update({d.lot: d.points for d in result.draws})
        self.problems += self.replay.add(self._record(command, decision))

    def _record(self, command: Command, decision: Decision) -> Record:
        return record(
            number=self.number,
            kind=command.kind,
            result=decision.result,
            record_time=self.now,
        )


@dataclass(frozen=True)
class _World(World):
    """Is a world whose lots are found by place even if they cannot be drawn."""

    real: dict[Place, Lot] = field(default_factory=dict)

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return self.real.get(place)


_DRAWS: Final = (type(place_hold()), type(create_member()), type(earn()))

commands: Final = st.one_of(
    st.builds(
        place_hold,
        points=st.integers(1, 60),
        timeout=st.integers(1, 6 * HOUR),
        on_timeout=st.sampled_from(TimeoutAction),
        freeze_expiry=st.booleans(),
    ),
    st.builds(
        capture_hold,
        hold_id=st.sampled_from([f"h{PART}-{n}" for n in range(1, 6)]),
        points=st.integers(0, 40),
        void_rest=st.booleans(),
    ),
    st.builds(
        void_hold, hold_id=st.sampled_from([f"h{PART}-{n}" for n in range(1, 6)])
    ),
)
steps: Final = st.lists(st.tuples(st.integers(0, 2 * HOUR), commands), max_size=12)


def started() -> Ledger:
    """Returns a ledger in which Ada has earned four lots."""
    ledger = Ledger()
    ledger.do(earn(points=SIZES[0], expire_time=NOON + ENDS[0] * HOUR))
    for size, end in zip(SIZES[1:], ENDS[1:], strict=True):
        ledger.do(earn(points=size, expire_time=NOON + end * HOUR))
    return ledger


@given(steps)
def test_every_point_is_in_its_own_lot_or_burned_once(
    done: list[tuple[int, Command]],
) -> None:
    ledger = started()

    for pause, command in done:
        ledger.now += pause
        ledger.settle()
        ledger.do(command)

    roots = [Place(PART, number) for number in range(1, 5)]
    assert tuple(map(ledger.points_of, roots)) == SIZES


@given(steps)
def test_a_replay_of_the_records_comes_to_the_same(
    done: list[tuple[int, Command]],
) -> None:
    ledger = started()

    for pause, command in done:
        ledger.now += pause
        ledger.settle()
        ledger.do(command)

    assert ledger.problems == []
    assert ledger.replay.accounts == ledger.accounts
    assert ledger.replay.state_of_lots() == {
        lot.number: lot for lot in ledger.lots.values()
    }
    assert ledger.replay.holds == {hold.number: hold for hold in ledger.holds.values()}


@given(steps, st.integers(0, 12 * HOUR))
def test_a_lapse_looks_the_same_recorded_or_not(
    done: list[tuple[int, Command]], pause: int
) -> None:
    ledger = started()
    for waited, command in done:
        ledger.now += waited
        ledger.settle()
        ledger.do(command)
    ledger.now += pause
    balances, lots = ledger.balances(), ledger.shown_lots()

    ledger.settle()

    assert ledger.balances() == balances
    assert {place: ledger.lots[place] for place in lots} == lots


@given(steps)
def test_nothing_is_held_beyond_the_last_timeout(
    done: list[tuple[int, Command]],
) -> None:
    ledger = started()
    for waited, command in done:
        ledger.now += waited
        ledger.settle()
        ledger.do(command)
    ledger.now += 6 * HOUR

    assert [one.held for one in ledger.balances()] == [0]
