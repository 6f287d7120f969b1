"""Laws of earning, for any rule and any activity."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.progress import counter_key, counter_name
from points.program.asking import Asking
from points.program.cel.compiling import ExpressionFailed
from points.program.document.earning import Rounds
from points.program.earning import award_of, step_by_step
from points.program.rounding import rounded, shown, split
from points.program.rulebook import ReadyRule
from tests.program.build import ADA, only, purchase, rulebook


moneys: Final = st.integers(0, 10**7)
rates: Final = st.builds(
    lambda numerator, denominator: f"{numerator}/{denominator}",
    st.integers(1, 50),
    st.integers(1, 50),
)
roundings: Final = st.sampled_from([each.value for each in Rounds])
stacks: Final = st.sampled_from(["MULTIPLY", "ADD", "HIGHEST"])
steps: Final = st.lists(
    st.tuples(st.integers(1, 10**5), st.integers(0, 10**4)), min_size=1, max_size=5
).map(
    lambda pairs: [
        {"at": at, "points": points}
        for at, points in zip(
            sorted({at for at, _ in pairs}),
            sorted(points for _, points in pairs),
            strict=False,
        )
    ]
)
forms: Final[st.SearchStrategy[dict[str, Any]]] = st.one_of(
    st.builds(
        lambda each, points: {"per_money": {"each": each, "points": points}},
        st.integers(1, 1_000),
        rates,
    ),
    steps.map(lambda each: {"stepped": {"by": "MONEY", "steps": each}}),
    steps.map(
        lambda each: {"stepped": {"by": "MONEY", "mode": "SLICES", "steps": each}}
    ),
)
factors: Final = st.dictionaries(
    st.sampled_from("abc"),
    st.fixed_dictionaries({"factor": rates, "stack": stacks}),
)


@given(forms, factors, roundings, moneys, moneys)
def test_points_are_never_negative_and_grow_with_money(
    form: dict[str, Any],
    multipliers: dict[str, Any],
    rounding: str,
    money: int,
    more: int,
) -> None:
    book = rulebook(
        form,
        rounding=rounding,
        multipliers=list(multipliers),
        more={"multipliers": multipliers},
    )
    less, most = (only(book, purchase(each)).points for each in (money, money + more))
    assert 0 <= less <= most


@settings(max_examples=40)  # a document is made for each
@given(
    forms,
    st.fixed_dictionaries(
        {"rounding": roundings}, optional={"maximum": st.integers(1, 5_000)}
    ),
    st.integers(0, 10**18),
    st.sampled_from(["EUR", "JPY"]),
)
def test_an_award_taken_by_the_short_way_is_the_same_as_step_by_step(
    form: dict[str, Any], parts: dict[str, Any], money: int, currency: str
) -> None:
    book = rulebook(form, **parts)
    (rule,) = book.sheets["purchase"].rules
    asking = Asking(book, purchase(money, currency=currency), ADA)

    found = [came_to(how, rule, asking) for how in (award_of, step_by_step)]

    assert found[0] == found[1]
    assert rule.awards[0].is_plain is ("maximum" not in parts)


def came_to(how: Any, rule: ReadyRule, asking: Asking) -> object:
    """Returns the award with its steps, or in words why there is none."""
    try:
        return how(rule.awards[0], rule, asking)
    except ExpressionFailed as failed:
        return str(failed)


@given(st.integers(-(10**9), 10**9), st.integers(0, 7), st.integers(0, 7), rates)
def test_a_number_is_shown_exactly(
    numerator: int, twos: int, fives: int, rate: str
) -> None:
    number = Fraction(numerator, 2**twos * 5**fives) * Fraction(rate)

    assert Fraction(shown(number)) == number


@given(forms, factors, moneys)
def test_the_same_facts_make_the_same_awards(
    form: dict[str, Any], multipliers: dict[str, Any], money: int
) -> None:
    more = {"multipliers": multipliers}
    first, again = (
        only(rulebook(form, multipliers=list(multipliers), more=more), purchase(money))
        for _ in range(2)
    )
    assert first == again


@given(st.lists(moneys, min_size=1, max_size=12), rates)
def test_carried_remainders_lose_nothing(each: list[int], rate: str) -> None:
    per_money = {"per_money": {"each": 100, "points": rate}}
    book = rulebook(per_money, remainder="CARRY")
    points, carried = 0, Fraction(0)
    for money in each:
        facts = ADA._replace(remainders={("r", 0): carried})
        award = only(book, purchase(money), facts)
        assert award.remainder is not None
        assert 0 <= award.remainder < 1
        points, carried = points + award.points, award.remainder
    assert points + carried == sum(each) * Fraction(rate) / 100


@given(st.integers(-50, 50), st.integers(1, 100))
def test_a_formula_never_takes_points(offset: int, quantity: int) -> None:
    book = rulebook({"formula": f"activity.quantity + ({offset})"})
    award = only(book, purchase(quantity=quantity))
    assert award.points == max(0, quantity + offset)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_sum_to_what_is_split(points: int, weights: list[int]) -> None:
    shares = split(points, weights)
    total = sum(weights)
    assert sum(shares) == points
    assert all(share >= 0 for share in shares)
    if total:
        exact = [Fraction(points * weight, total) for weight in weights]
        pairs = zip(shares, exact, strict=True)
        assert all(abs(share - wanted) < 1 for share, wanted in pairs)


@given(st.lists(st.integers(0, 10**5), min_size=1, max_size=8), rates)
def test_items_share_exactly_what_they_have_earned(each: list[int], rate: str) -> None:
    items = tuple(Item(f"i{number}", money) for number, money in enumerate(each))
    book = rulebook({"per_money": {"each": 100, "points": rate}})
    award = only(book, purchase(sum(each), items=items))
    assert sum(share for _, share in award.shares) == award.points


@given(st.fractions(min_value=0), st.sampled_from(Rounds))
def test_rounding_moves_by_less_than_one(number: Fraction, how: Rounds) -> None:
    whole = rounded(number, how)
    half = Fraction(1, 2)
    lowest = {Rounds.DOWN: Fraction(0), Rounds.UP: Fraction(-1)}.get(how, -half)
    highest = {Rounds.DOWN: Fraction(1), Rounds.UP: Fraction(0)}.get(how, half)
    assert lowest <= number - whole <= highest
    assert rounded(Fraction(whole), how) == whole


@given(
    st.lists(st.text(st.sampled_from("ab/\\"), max_size=4).filter(bool), min_size=1),
    st.integers(0, 9),
)
def test_the_name_of_a_counter_tells_what_it_counts(key: list[str], start: int) -> None:
    name = counter_name("cap", *key, start_time=start)

    assert counter_key(name) == ["cap", *key, *([str(start)] if start else [])]
