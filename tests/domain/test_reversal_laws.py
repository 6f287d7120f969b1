"""Reverse: laws that hold whatever was earned, burned and undone before."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER
from points.domain.commands import AdjustDirection, ExpiredPolicy, ShortfallPolicy
from points.domain.refusals import AlreadyReversed, InsufficientPoints, Refusal
from points.domain.values import Kind, Transaction
from tests.clock import DAY
from tests.domain.build import burn, earn
from tests.domain.undoing import Ledger, adjust, reverse


few: Final = st.integers(1, 40)
lives: Final = st.sampled_from([DAY, 2 * DAY, 3 * DAY, NEVER])
earns: Final = st.lists(st.tuples(few, lives), min_size=1, max_size=6)
policies: Final = st.sampled_from(ShortfallPolicy)
days: Final = st.integers(0, 4)


@st.composite
def burned(draw: Any) -> tuple[Ledger, str, int]:
    """Returns a ledger with a burn, the id of the burn and its points."""
    ledger = Ledger()
    for points, life in draw(earns):
        ledger.earn(points, lives=life)
    first = draw(st.integers(0, ledger.balances().available - 1))
    if first:
        ledger.burn(first)
    points = draw(st.integers(1, ledger.balances().available))
    return ledger, ledger.burn(points), points


@st.composite
def splits(draw: Any, whole: int) -> list[int]:
    """Returns parts above zero that make up the whole."""
    cuts = draw(st.sets(st.integers(1, whole - 1), max_size=5)) if whole > 1 else ()
    return [end - start for start, end in pairwise([0, *sorted(cuts), whole])]


@given(few_earns=earns, data=st.data())
def test_a_burn_reversed_whole_leaves_everything_as_before(
    few_earns: list[tuple[int, int]], data: st.DataObject
) -> None:
    ledger = Ledger()
    for points, life in few_earns:
        ledger.earn(points, lives=life)
    before = ledger.copy()
    points = data.draw(st.integers(1, ledger.balances().available))

    ledger.accept(reverse(transaction_id=ledger.burn(points)))

    assert ledger.lots == before.lots
    assert ledger.points() == before.points()
    assert ledger.balances() == before.balances()
    ledger.check()


@given(state=burned(), later=days, data=st.data())
def test_any_split_of_a_reverse_of_a_burn_gives_back_what_the_whole_does(
    state: tuple[Ledger, str, int], later: int, data: st.DataObject
) -> None:
    one, burn_id, points = state
    one.now += later * DAY
    many = one.copy()

    one.accept(reverse(transaction_id=burn_id))
    for part in data.draw(splits(points)):
        many.accept(reverse(transaction_id=burn_id, points=part))

    assert (many.lots, many.accounts) == (one.lots, one.accounts)
    assert many.reversals == one.reversals
    many.check()


@given(state=burned(), later=days, data=st.data())
def test_any_split_reissues_the_same_points(
    state: tuple[Ledger, str, int], later: int, data: st.DataObject
) -> None:
    one, burn_id, points = state
    one.now += later * DAY
    many = one.copy()
    again = {
        "transaction_id": burn_id,
        "expired_policy": ExpiredPolicy.REISSUE,
        "grace": DAY,
    }

    one.accept(reverse(**again))
    for part in data.draw(splits(points)):
        many.accept(reverse(points=part, **again))

    def reissued(ledger: Ledger) -> Counter[tuple[str, int, int]]:
        found: Counter[tuple[str, int, int]] = Counter()
        for lot in ledger.lots.values():
            if lot.origin:
                found[lot.origin, lot.earn_time, lot.expire_time] += lot.remaining
        return found

    assert reissued(many) == reissued(one)
    assert many.accounts == one.accounts
    many.check()


@given(
    few_earns=earns,
    spent=st.integers(0, 60),
    later=days,
    policy=policies,
    data=st.data(),
)
def test_any_split_of_a_reverse_of_an_earn_takes_what_the_whole_does(
    few_earns: list[tuple[int, int]],
    spent: int,
    later: int,
    policy: ShortfallPolicy,
    data: st.DataObject,
) -> None:
    one = Ledger()
    ids = [one.earn(points, lives=life) for points, life in few_earns]
    if 0 < spent <= one.balances().available:
        one.burn(spent)
    one.now += later * DAY
    chosen = data.draw(st.integers(0, len(ids) - 1))
    taken = {"transaction_id": ids[chosen], "shortfall_policy": policy}
    many = one.copy()

    whole = one.carry_out(reverse(**taken))
    parts = [
        many.carry_out(reverse(points=part, **taken))
        for part in data.draw(splits(few_earns[chosen][0]))
    ]

    if isinstance(whole, Transaction):
        assert (many.lots, many.accounts) == (one.lots, one.accounts)
    else:
        # A small part may still find what it wants, though the whole did not.
        assert any(isinstance(part, InsufficientPoints) for part in parts)
    many.check()


@given(state=burned(), tries=st.lists(few, max_size=8))
def test_no_point_is_reversed_twice(
    state: tuple[Ledger, str, int], tries: list[int]
) -> None:
    ledger, burn_id, points = state
    done = 0

    for wanted in tries:
        found = ledger.carry_out(reverse(transaction_id=burn_id, points=wanted))
        if wanted <= points - done:
            assert isinstance(found, Transaction)
            done += wanted
        else:
            assert found == AlreadyReversed(burn_id, points - done, wanted)

    assert (
        sum(each.reversed_points for each in ledger.reversals.values())
        == done
        <= points
    )


@given(
    points=few,
    spent=st.integers(0, 40),
    other=st.integers(0, 40),
    policy=policies,
)
def test_an_earn_and_its_reverse_leave_what_the_policy_says(
    points: int, spent: int, other: int, policy: ShortfallPolicy
) -> None:
    ledger = Ledger()
    earn_id = ledger.earn(points)
    if other:
        ledger.earn(other)
    spent = min(spent, points + other)
    if spent:
        ledger.burn(spent)
    missing = max(0, spent - other)

    found = ledger.carry_out(reverse(transaction_id=earn_id, shortfall_policy=policy))

    if missing and policy is ShortfallPolicy.STOP:
        assert found == InsufficientPoints("ada", "points", points - missing, points)
        return
    has = ledger.balances()
    owed = missing if policy is ShortfallPolicy.SHORTFALL else 0
    assert (has.available, has.shortfall) == (max(0, other - spent), owed)
    assert has.lifetime_earned == other
    assert ledger.points().get("write_off", 0) == (
        -missing if policy is ShortfallPolicy.WRITE_OFF else 0
    )
    ledger.check()


steps: Final = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), few, lives),
        st.tuples(st.just("burn"), few),
        st.tuples(st.just("credit"), few),
        st.tuples(st.just("debit"), few),
        st.tuples(st.just("wait"), days),
        st.tuples(st.just("sweep")),
        st.tuples(
            st.just("reverse"),
            st.integers(0, 20),
            st.integers(0, 30),
            policies,
            st.sampled_from(ExpiredPolicy),
        ),
    ),
    max_size=25,
)


def run(ledger: Ledger, step: tuple[Any, ...]) -> None:
    """Takes a step, be it refused or not."""
    match step:
        case ("earn", points, life):
            end = NEVER if life == NEVER else ledger.now + life
            ledger.carry_out(earn(points=points, expire_time=end))
        case ("burn", points):
            ledger.carry_out(burn(points=points))
        case ("credit", points):
            ledger.carry_out(adjust(points=points))
        case ("debit", points):
            ledger.carry_out(adjust(points=points, direction=AdjustDirection.DEBIT))
        case ("wait", count):
            ledger.now += count * DAY
        case ("sweep",):
            ledger.sweep()
        case ("reverse", index, points, shortfall, expired):
            if not ledger.records:
                return
            chosen = ledger.records[index % len(ledger.records)]
            grace = {"grace": DAY} if expired is ExpiredPolicy.REISSUE else {}
            ledger.carry_out(
                reverse(
                    transaction_id=chosen.place().transaction_id(),
                    points=points,
                    shortfall_policy=shortfall,
                    expired_policy=expired,
                    **grace,
                )
            )


@given(story=steps)
def test_the_books_stay_whole_and_replay_agrees(story: list[tuple[Any, ...]]) -> None:
    ledger = Ledger()

    for step in story:
        run(ledger, step)

    assert sum(ledger.points().values()) == 0
    ledger.check()


@given(story=steps)
def test_it_does_not_matter_when_the_sweep_comes(
    story: list[tuple[Any, ...]],
) -> None:
    seldom, often = Ledger(), Ledger()
    at: dict[int, int] = {}

    for step in story:
        often.sweep()
        # Both number their records differently: a reverse means the same one.
        if step[0] == "reverse":
            acts = [r for r in seldom.records if r.kind is not Kind.EXPIRE]
            if not acts:
                continue
            index = step[1] % len(acts)
            run(seldom, ("reverse", acts[index].number - 1, *step[2:]))
            run(often, ("reverse", at[index] - 1, *step[2:]))
        elif step[0] != "sweep":
            run(seldom, step)
            run(often, step)
        at = dict(
            enumerate(r.number for r in often.records if r.kind is not Kind.EXPIRE)
        )

    assert often.balances() == seldom.balances()
    often.check()


@given(story=steps, points=few)
def test_what_is_owed_is_repaid_by_the_next_earn_alone(
    story: list[tuple[Any, ...]], points: int
) -> None:
    ledger = Ledger()
    for step in story:
        run(ledger, step)
    before = ledger.balances()

    ledger.accept(earn(points=points))

    after = ledger.balances()
    repaid = min(points, before.shortfall)
    assert after.shortfall == before.shortfall - repaid
    assert after.available == before.available + points - repaid
    assert after.lifetime_earned == before.lifetime_earned + points


@given(story=steps)
def test_a_refused_reverse_changes_nothing(story: list[tuple[Any, ...]]) -> None:
    ledger = Ledger()
    for step in story:
        run(ledger, step)
    before = ledger.copy()

    for number in range(len(before.records)):
        chosen = before.records[number].place().transaction_id()
        found = ledger.carry_out(reverse(transaction_id=chosen, points=1_000))
        assert isinstance(found, Refusal)

    assert ledger == before
