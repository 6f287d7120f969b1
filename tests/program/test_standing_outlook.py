"""What a standing leads to, and what formulas make of what was gathered."""

from __future__ import annotations

from points.domain.qualifying import day_of
from points.program.ladders import ready_ladders
from points.program.standing import begun, evaluate, moved
from tests.program.build import at, document
from tests.program.build_standing import ROLLING, TIERS, YEAR, Climber, ladder


def test_the_outlook_tells_what_is_missing_for_the_next_tier() -> None:
    member = Climber(ladder())
    member.gathers(60, "2026-05-10T10:00")
    found = member.outlook("2026-06-10T10:00")
    assert (found.gathered, found.next_tier, found.points_to_next) == (60, "silver", 40)
    assert (found.points_to_stay, found.projected_tier) == (0, "bronze")


def test_what_was_gathered_before_counts_for_nothing_in_a_new_period() -> None:
    member = Climber(ladder())
    member.gathers(120, "2026-05-10T10:00")
    found = member.outlook("2027-02-10T10:00")
    assert (found.gathered, found.next_tier, found.points_to_next) == (0, "gold", 300)
    assert found.points_to_stay == 80
    assert found.projected_tier == "bronze"
    assert found.projected_time == at("2028-01-01T00:00")


def test_the_period_that_has_brought_a_tier_does_not_count_for_staying() -> None:
    member = Climber(ladder())
    member.gathers(120, "2026-05-10T10:00")
    assert member.outlook("2026-06-10T10:00").points_to_stay == 80


def test_gathering_what_is_missing_keeps_the_tier() -> None:
    member = Climber(ladder())
    member.gathers(120, "2026-05-10T10:00")
    member.gathers(30, "2027-02-10T10:00")
    assert member.outlook("2027-02-10T10:00").points_to_stay == 50
    member.gathers(50, "2027-03-10T10:00")
    found = member.outlook("2027-04-10T10:00")
    assert (found.points_to_stay, found.projected_tier) == (0, "silver")


def test_a_rolling_period_counts_what_will_still_be_in_it() -> None:
    member = Climber(ladder(period=ROLLING))
    member.gathers(120, "2026-05-10T10:00")
    member.gathers(30, "2026-08-10T10:00")
    found = member.outlook("2026-09-10T10:00")
    # What came on 10 May is a year ago when the term has ended.
    assert (found.gathered, found.points_to_stay) == (150, 50)


def test_the_highest_tier_has_no_next_one() -> None:
    member = Climber(ladder())
    member.gathers(300, "2026-05-10T10:00")
    found = member.outlook("2026-06-10T10:00")
    assert (found.next_tier, found.points_to_next) == ("", 0)


def test_a_promotion_that_waits_is_projected() -> None:
    member = Climber(ladder(promote="NEXT_PERIOD"))
    member.gathers(120, "2026-05-10T10:00")
    found = member.outlook("2026-06-10T10:00")
    assert (found.projected_tier, found.points_to_next) == ("silver", 0)
    assert found.projected_time == at("2027-01-01T00:00")


def test_each_way_of_qualifying_counts_its_own() -> None:
    ladders = {
        "by_unit": {"unit": "miles"},
        "by_money": {"money": True},
        "by_activity": {"activities": ["visit", "call"]},
        "by_formula": {
            "formula": "period.points['miles'] + 2 * period.counts['visit']"
        },
    }
    tables = {
        name: {
            "qualifying": qualifying,
            "period": YEAR,
            "term": "P12M",
            "tiers": TIERS,
        }
        for name, qualifying in ladders.items()
    }
    ready = ready_ladders(document(ladders=tables))
    instant = at("2026-05-10T10:00")
    day = day_of(instant, ready["by_unit"].zone)
    moves = {
        name: each.moves_of(instant, {"miles": 5, "points": 9}, 70, "visit")
        for name, each in ready.items()
    }
    assert moves["by_unit"] == {"by_unit": {day: 5}}
    assert moves["by_money"] == {"by_money": {day: 70}}
    assert moves["by_activity"] == {"by_activity": {day: 1}}
    assert moves["by_formula"] == {
        "by_formula:period.points.miles": {day: 5},
        "by_formula:period.points.points": {day: 9},
        "by_formula:period.counts.visit": {day: 1},
    }


def test_a_formula_promotes_by_what_it_comes_to() -> None:
    formula = "period.points['miles'] + 10 * period.counts['visit']"
    ready = ladder(qualifying={"formula": formula})
    now = at("2026-05-10T10:00")
    moves = ready.moves_of(now, {"miles": 90}, 0, "visit")
    standing = moved(ready, begun(ready, 7, "ada", 0), moves, 0, now)
    assert standing.tier == "silver"


def test_a_formula_without_a_value_comes_to_nothing() -> None:
    formula = "period.money / period.counts['visit']"
    ready = ladder(qualifying={"formula": formula})
    assert begun(ready, 7, "ada", 0).tier == "bronze"


def test_a_formula_that_rises_as_time_goes_by_promotes_by_itself() -> None:
    ready = ladder(
        period=ROLLING,
        qualifying={"formula": "period.counts['fault'] > 0 ? 0 : 100"},
        tiers=[{"name": "proven", "threshold": 100}],
    )
    assert begun(ready, 7, "ada", 0).tier == "proven"
    day = at("2026-05-10T10:00")
    first = evaluate(ready, begun(ready, 7, "ada", 0), {}, 0, day)
    faulty = ready.moves_of(day, {}, 0, "fault")
    fallen = moved(ready, first, faulty, 0, day)
    # The tier is kept for its term, lost while the fault counts, and then back.
    assert fallen.tier == "proven"
    assert evaluate(ready, fallen, faulty, 0, at("2027-05-09T23:59")).tier == ""
    back = evaluate(ready, fallen, faulty, 0, at("2027-06-01T00:00"))
    assert (back.tier, back.since_time) == ("proven", at("2027-05-10T00:00"))
