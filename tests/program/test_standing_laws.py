"""Laws of standings, for any ladder and anything that members do."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from points.domain.bounds import NEVER
from points.domain.ladders import Floor
from points.domain.qualifying import added, day_of, pruned
from points.domain.standings import Standing
from points.program.ladders import ReadyLadder
from points.program.outlook import outlook
from points.program.standing import (
    begun,
    evaluate,
    first_needed_day,
    floored,
    moved,
)
from tests.program.build import at
from tests.program.build_standing import ladder


DAY: Final = 86_400_000_000
START: Final = at("2024-02-29T12:00")

ZONES: Final = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]
PERIODS: Final[list[dict[str, Any]]] = [
    {"kind": "LIFETIME"},
    {"kind": "ANNIVERSARY"},
    {"kind": "CALENDAR", "span": "MONTH"},
    {"kind": "CALENDAR", "span": "YEAR"},
    {"kind": "ROLLING", "length": "P1M"},
    {"kind": "ROLLING", "length": "P45D"},
    {"kind": "ROLLING", "length": "P12M"},
]
FORMULAS: Final = ["period.points['miles'] / 2", "100 - period.points['miles']"]


@st.composite
def ladders(draw: st.DrawFn, *, formulas: bool = True) -> ReadyLadder:
    """Draws a ladder of up to four tiers."""
    period = draw(st.sampled_from(PERIODS))
    at_once = period["kind"] == "LIFETIME" or draw(st.booleans())
    thresholds = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=4)))
    tiers = [
        {"name": f"t{number}", "threshold": each, "retain": each * 3 // 4}
        for number, each in enumerate(thresholds)
    ]
    by_formula = formulas and draw(st.integers(0, 3)) == 0
    counted = {"formula": draw(st.sampled_from(FORMULAS))}
    return ladder(
        draw(st.sampled_from(ZONES)),
        period=period,
        qualifying=counted if by_formula else {"unit": "miles"},
        promote="AT_ONCE" if at_once else "NEXT_PERIOD",
        term=draw(st.sampled_from(["P20D", "P1M", "P6M", "P12M", "P24M"])),
        demote=draw(st.sampled_from(["ONE", "SEVERAL", "NONE"])),
        grace={
            "length": draw(st.sampled_from(["P0D", "P10D", "P2M"])),
            "round": draw(st.sampled_from(["NONE", "END_OF_DAY", "END_OF_MONTH"])),
        },
        tiers=tiers,
    )


waits: Final = st.integers(0, 90 * DAY) | st.integers(0, 800 * DAY)
events: Final = st.lists(
    st.tuples(waits, st.integers(-40, 40), st.integers(0, 20)), max_size=8
)
floors: Final = st.just(0) | st.integers(1, 90 * DAY)
reads: Final = st.lists(waits, max_size=6)


class Life:
    """Is a member on a ladder who may be swept at any instant, or never."""

    def __init__(self, ready: ReadyLadder) -> None:
        self.ready = ready
        self.now = START
        self.standing = begun(ready, 0, "ada", START)
        self.amounts: dict[str, Any] = {}

    @property
    def measure(self) -> str:
        """Returns the measure that moves."""
        return next(each for each in self.ready.measures if "points.points" not in each)

    def look(self) -> Standing:
        """Returns the standing as of now."""
        return evaluate(self.ready, self.standing, self.amounts, START, self.now)

    def move(self, amount: int, days_late: int) -> Standing:
        """Gathers or takes back."""
        settled = self.look()
        day = self.ready.day_of(max(START, self.now - days_late * DAY))
        there = self.amounts.get(self.measure, {})
        self.amounts = self.amounts | {self.measure: added(there, day, amount)}
        self.standing = moved(
            self.ready, settled, self.amounts, START, self.now, is_less=amount < 0
        )
        return self.standing

    def floor(self, tier: str, until_time: int) -> None:
        """Gives a floor."""
        floor = Floor(tier, until_time, self.now)
        self.standing = floored(self.ready, self.look(), self.amounts, START, floor)


def lived(ready: ReadyLadder, history: list[tuple[int, int, int]]) -> Life:
    life = Life(ready)
    for wait, amount, late in history:
        life.now += wait
        life.move(amount, late)
    return life


@settings(max_examples=40)
@given(ladders(), events, waits, floors)
def test_looking_twice_changes_nothing(
    ready: ReadyLadder, history: list[tuple[int, int, int]], wait: int, floor: int
) -> None:
    life = lived(ready, history)
    if floor:
        life.floor("t0", life.now + floor)
    life.now += wait
    once = life.look()
    life.standing = once
    assert life.look() == once


@settings(max_examples=60)
@given(ladders(), events, reads, floors)
def test_a_standing_is_the_same_swept_or_not(
    ready: ReadyLadder,
    history: list[tuple[int, int, int]],
    sweeps: list[int],
    floor: int,
) -> None:
    never, often = lived(ready, history), lived(ready, history)
    if floor:
        for life in (never, often):
            life.floor("t0", life.now + floor)
    for wait in sweeps:
        often.now += wait
        often.standing = often.look()
    never.now = often.now
    assert never.look() == often.look()


@settings(max_examples=60)
@given(ladders(), events, reads)
def test_whoever_is_swept_between_two_moves_stands_where_others_do(
    ready: ReadyLadder, history: list[tuple[int, int, int]], sweeps: list[int]
) -> None:
    never, often = Life(ready), Life(ready)
    for number, (wait, amount, late) in enumerate(history):
        end = often.now + wait
        for step in sweeps[number:]:
            often.now = min(end, often.now + step)
            often.standing = often.look()
        never.now = often.now = end
        assert never.move(amount, late) == often.move(amount, late)


@settings(max_examples=60)
@given(ladders(), events, waits)
def test_nothing_happens_before_it_is_due(
    ready: ReadyLadder, history: list[tuple[int, int, int]], wait: int
) -> None:
    life = lived(ready, history)
    life.now += wait
    before = life.look()
    life.now = min(before.due_time - 1, life.now + 3_000 * DAY)
    assert life.look() == before


@settings(max_examples=40)
@given(ladders(formulas=False), events)
def test_a_promotion_is_there_with_what_has_brought_it(
    ready: ReadyLadder, history: list[tuple[int, int, int]]
) -> None:
    life = lived(ready, history)
    found = life.look()
    told = outlook(ready, found, life.amounts, START, life.now)
    if ready.ladder.promote == "AT_ONCE":
        assert ready.rank(found.tier) >= ready.rank(ready.reached(told.gathered))
        assert told.points_to_next > 0 or not told.next_tier


@settings(max_examples=40)
@given(ladders(), events, events, waits)
def test_days_that_are_no_longer_needed_change_nothing(
    ready: ReadyLadder,
    history: list[tuple[int, int, int]],
    more: list[tuple[int, int, int]],
    wait: int,
) -> None:
    whole, less = lived(ready, history), lived(ready, history)
    for pause, amount, _ in more:
        first = first_needed_day(ready, less.standing, START, less.now)
        less.amounts = {
            each: pruned(there, first) for each, there in less.amounts.items()
        }
        for life in (whole, less):
            life.now += pause
            life.move(abs(amount), 0)
    for life in (whole, less):
        life.now += wait
    assert whole.look() == less.look()


@settings(max_examples=40)
@given(ladders(), events, waits, st.integers(0, 3))
def test_nobody_is_below_a_floor(
    ready: ReadyLadder,
    history: list[tuple[int, int, int]],
    wait: int,
    number: int,
) -> None:
    life = lived(ready, history)
    life.floor(f"t{number % len(ready.ladder.tiers)}", NEVER)
    life.now += wait
    life.move(-40, 0)
    assert ready.rank(life.look().tier) > number % len(ready.ladder.tiers)


@settings(max_examples=40)
@given(ladders(formulas=False), events)
def test_what_is_missing_to_stay_is_enough_to_stay(
    ready: ReadyLadder, history: list[tuple[int, int, int]]
) -> None:
    life = lived(ready, history)
    life.standing = life.look()
    missing = outlook(ready, life.standing, life.amounts, START, life.now)
    earned = life.standing.earned
    until = life.standing.until_time
    if not missing.points_to_stay or until == NEVER or until <= life.now:
        return
    # In a period that has brought the tier nothing more counts: go to its last day.
    life.now = until - 1
    there = outlook(ready, life.look(), life.amounts, START, life.now)
    life.move(there.points_to_stay, 0)
    life.now = max(until, life.standing.lose_time)
    assert ready.rank(life.look().earned) >= ready.rank(earned)


@given(st.integers(0, 400 * DAY))
def test_the_day_of_a_lifetime_is_one(instant: int) -> None:
    ready = ladder(period={"kind": "LIFETIME"}, term=None, demote="NONE")
    assert ready.day_of(instant) == 0
    assert day_of(instant, ready.zone) == instant // DAY
