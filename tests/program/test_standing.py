"""Where members stand: promoted, kept, lost, floored, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import NEVER
from points.domain.standings import StandingCause
from points.program.standing import begun, first_needed_day, next_due
from tests.program.build import at
from tests.program.build_standing import (
    ANNIVERSARY,
    LIFETIME,
    ROLLING,
    TIERS,
    Climber,
    ladder,
)


def test_a_member_begins_in_the_tier_that_needs_nothing() -> None:
    standing = begun(ladder(), 7, "ada", 5)
    assert (standing.tier, standing.since_time) == ("bronze", 5)
    assert standing.until_time == standing.due_time == NEVER


def test_a_member_begins_in_no_tier_where_each_needs_something() -> None:
    assert begun(ladder(tiers=TIERS[1:]), 7, "ada", 5).tier == ""


@pytest.mark.parametrize(
    ("amount", "tier"),
    [(99, "bronze"), (100, "silver"), (299, "silver"), (300, "gold")],
)
def test_who_reaches_a_threshold_moves_up_at_once(amount: int, tier: str) -> None:
    standing = Climber(ladder()).gathers(amount, "2026-05-10T10:00")
    assert standing.tier == tier
    if tier != "bronze":
        assert standing.since_time == at("2026-05-10T10:00")
        assert standing.cause is StandingCause.QUALIFIED


def test_a_term_lasts_to_the_end_of_the_period_in_which_its_length_ends() -> None:
    standing = Climber(ladder()).gathers(100, "2026-05-10T10:00")
    assert standing.until_time == at("2028-01-01T00:00")
    assert standing.lose_time == standing.due_time == standing.until_time


def test_a_term_on_a_rolling_period_lasts_for_its_length() -> None:
    standing = Climber(ladder(period=ROLLING)).gathers(100, "2026-05-10T10:00")
    assert standing.until_time == at("2027-05-10T00:00")


@pytest.mark.parametrize(
    ("grace", "lose"),
    [
        ({}, "2027-05-10"),
        ({"length": "P1M", "round": "NONE"}, "2027-06-10"),
        ({"length": "P1M"}, "2027-06-10"),
        ({"length": "P1M", "round": "END_OF_MONTH"}, "2027-07-01"),
        ({"length": "P0D", "round": "END_OF_MONTH"}, "2027-06-01"),
        ({"length": "P2M", "round": "END_OF_YEAR"}, "2028-01-01"),
        ({"round": "NONE"}, "2027-05-10"),
    ],
)
def test_a_tier_is_lost_when_its_grace_is_over(
    grace: dict[str, Any], lose: str
) -> None:
    member = Climber(ladder(period=ROLLING, grace=grace))
    standing = member.gathers(100, "2026-05-10T10:00")
    assert standing.lose_time == at(f"{lose}T00:00")
    before, after = standing.lose_time - 1, standing.lose_time
    assert member.at_instant(before).tier == "silver"
    assert member.at_instant(after).tier == "bronze"
    assert member.at_instant(after).since_time == after


def test_what_was_gathered_in_the_last_period_of_a_term_keeps_the_tier() -> None:
    member = Climber(ladder())
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(80, "2027-12-31T23:59")
    kept = member.at("2028-01-01T00:00")
    assert (kept.tier, kept.cause) == ("silver", StandingCause.RETAINED)
    assert kept.until_time == at("2029-01-01T00:00")
    assert kept.since_time == at("2026-05-10T10:00")


def test_what_has_brought_a_tier_does_not_keep_it_too() -> None:
    member = Climber(ladder())
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(79, "2027-03-01T10:00")
    assert member.at("2028-01-01T00:00").tier == "bronze"


def test_any_whole_period_within_a_long_term_keeps_the_tier() -> None:
    member = Climber(ladder(term="P24M"))
    standing = member.gathers(100, "2026-05-10T10:00")
    assert standing.until_time == at("2029-01-01T00:00")
    member.gathers(80, "2027-03-01T10:00")
    assert member.at("2029-01-01T00:00").cause is StandingCause.RETAINED


def test_who_gathers_enough_within_the_grace_keeps_the_tier() -> None:
    member = Climber(ladder(grace={"length": "P2M", "round": "END_OF_MONTH"}))
    member.gathers(100, "2026-05-10T10:00")
    kept = member.gathers(80, "2028-02-10T10:00")
    assert (kept.tier, kept.cause) == ("silver", StandingCause.RETAINED)
    assert kept.until_time == at("2029-01-01T00:00")


@pytest.mark.parametrize(
    ("demote", "tier"), [("ONE", "silver"), ("SEVERAL", "bronze"), ("NONE", "gold")]
)
def test_who_gathers_nothing_falls_as_far_as_is_declared(
    demote: str, tier: str
) -> None:
    member = Climber(ladder(demote=demote))
    member.gathers(300, "2026-05-10T10:00")
    assert member.at("2028-01-01T00:00").tier == tier


def test_who_falls_by_several_keeps_what_was_gathered_for() -> None:
    member = Climber(ladder(demote="SEVERAL"))
    member.gathers(300, "2026-05-10T10:00")
    member.gathers(80, "2027-05-10T10:00")
    assert member.at("2028-01-01T00:00").tier == "silver"


def test_terms_that_nobody_looked_at_end_one_after_the_other() -> None:
    member = Climber(ladder())
    member.gathers(300, "2026-05-10T10:00")
    found = [member.at(f"{year}-06-01T00:00") for year in (2027, 2028, 2029)]
    assert [each.tier for each in found] == ["gold", "silver", "bronze"]
    assert found[2].since_time == at("2029-01-01T00:00")


def test_the_next_period_promotes_where_that_is_declared() -> None:
    member = Climber(ladder(promote="NEXT_PERIOD"))
    waits = member.gathers(100, "2026-05-10T10:00")
    assert (waits.tier, waits.due_time) == ("bronze", at("2027-01-01T00:00"))
    up = member.at("2027-03-01T00:00")
    assert (up.tier, up.since_time) == ("silver", at("2027-01-01T00:00"))
    assert up.until_time == at("2028-01-01T00:00")


def test_a_rolling_period_promotes_on_the_next_day() -> None:
    member = Climber(ladder(period=ROLLING, promote="NEXT_PERIOD"))
    member.gathers(100, "2026-05-10T10:00")
    assert member.at("2026-05-10T23:59").tier == "bronze"
    assert member.at("2026-05-11T00:00").tier == "silver"


def test_what_is_taken_back_before_the_next_period_promotes_nobody() -> None:
    member = Climber(ladder(promote="NEXT_PERIOD"))
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(-1, "2026-06-10T10:00", of="2026-05-10T10:00")
    assert member.at("2027-03-01T00:00").tier == "bronze"


def test_points_that_come_late_for_an_ended_period_promote_when_they_come() -> None:
    member = Climber(ladder(promote="NEXT_PERIOD"))
    member.gathers(50, "2026-05-10T10:00")
    up = member.gathers(50, "2027-02-01T10:00", of="2026-12-31T10:00")
    assert (up.tier, up.since_time) == ("silver", at("2027-02-01T10:00"))
    assert member.at("2027-05-01T10:00") == up


def test_a_lifetime_counts_everything_and_loses_nothing() -> None:
    member = Climber(ladder(period=LIFETIME, term=None, demote="NONE"))
    member.gathers(60, "2026-05-10T10:00")
    member.gathers(40, "2036-05-10T10:00")
    assert member.at("2136-05-10T10:00").tier == "silver"


def test_a_rolling_period_forgets_the_same_date_a_year_ago() -> None:
    member = Climber(ladder(period=ROLLING))
    member.gathers(60, "2026-05-10T23:59")
    assert member.gathers(40, "2027-05-10T00:00").tier == "bronze"


def test_a_rolling_period_holds_the_day_after_that() -> None:
    member = Climber(ladder(period=ROLLING))
    member.gathers(60, "2026-05-11T00:00")
    assert member.gathers(40, "2027-05-10T23:59").tier == "silver"


@pytest.mark.parametrize(
    ("local", "tier"), [("2027-02-27T23:59", "silver"), ("2027-02-28T00:00", "bronze")]
)
def test_the_year_of_who_came_on_a_leap_day_begins_on_the_28th(
    local: str, tier: str
) -> None:
    member = Climber(ladder(period=ANNIVERSARY), "2024-02-29T12:00")
    member.gathers(60, "2026-03-01T10:00")
    assert member.gathers(40, local).tier == tier


def test_days_are_those_of_the_zone() -> None:
    # The clocks go forward on 29 March: that day has 23 hours.
    member = Climber(ladder("Europe/Berlin", period=ROLLING, term="P1D"))
    standing = member.gathers(100, "2026-03-29T00:30")
    assert standing.until_time - at("2026-03-28T23:00") == 23 * 3_600_000_000


def test_a_year_ends_on_the_clocks_of_the_zone() -> None:
    member = Climber(ladder("Pacific/Auckland"))
    member.gathers(60, "2026-12-31T23:59")
    assert member.gathers(40, "2027-01-01T00:00").tier == "bronze"


def test_what_a_tier_was_reached_with_takes_it_along_when_it_is_taken_back() -> None:
    member = Climber(ladder())
    member.gathers(120, "2026-05-10T10:00")
    member.gathers(200, "2026-06-10T10:00")
    fallen = member.gathers(-200, "2026-07-10T10:00", of="2026-06-10T10:00")
    assert (fallen.tier, fallen.cause) == ("silver", StandingCause.REVERSED)
    gone = member.gathers(-120, "2026-07-11T10:00", of="2026-05-10T10:00")
    assert (gone.tier, gone.until_time) == ("bronze", NEVER)


def test_a_reversal_falls_no_deeper_than_before_the_term() -> None:
    member = Climber(ladder())
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(80, "2027-05-10T10:00")
    member.gathers(300, "2028-05-10T10:00")
    fallen = member.gathers(-300, "2028-06-10T10:00", of="2028-05-10T10:00")
    assert fallen.tier == "silver"


def test_a_reversal_leaves_a_tier_that_other_points_reach() -> None:
    member = Climber(ladder())
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(100, "2026-06-10T10:00")
    up = member.gathers(-100, "2026-07-10T10:00", of="2026-05-10T10:00")
    assert (up.tier, up.since_time) == ("silver", at("2026-05-10T10:00"))


def test_an_invited_or_paid_tier_is_never_reached_by_points_alone() -> None:
    tiers = [
        TIERS[0],
        {"name": "club", "threshold": 100, "fee": 4_900},
        {"name": "circle", "threshold": 50, "invited": True},
    ]
    assert Climber(ladder(tiers=tiers)).gathers(10**9, "2026-05-10T10:00").tier == (
        "bronze"
    )


def test_a_floor_holds_until_it_ends() -> None:
    member = Climber(ladder())
    held = member.is_floored("gold", at("2026-09-01T00:00"), "2026-05-10T10:00")
    assert (held.tier, held.cause) == ("gold", StandingCause.SET)
    assert held.tier_until_time == held.due_time == at("2026-09-01T00:00")
    member.gathers(100, "2026-06-01T10:00")
    assert member.at("2026-08-31T23:59").tier == "gold"
    after = member.at("2026-09-01T00:00")
    assert (after.tier, after.floor) == ("silver", "")
    assert after.since_time == at("2026-09-01T00:00")


def test_what_is_earned_above_a_floor_falls_to_the_floor() -> None:
    member = Climber(ladder(demote="SEVERAL"))
    member.is_floored("silver", NEVER, "2026-05-10T10:00")
    assert member.gathers(300, "2026-06-10T10:00").tier == "gold"
    assert member.at("2040-01-01T00:00").tier == "silver"


def test_a_floor_that_is_taken_away_shows_what_was_earned() -> None:
    member = Climber(ladder())
    member.is_floored("gold", NEVER, "2026-05-10T10:00")
    shown = member.is_floored("", NEVER, "2026-05-11T10:00")
    assert (shown.tier, shown.floor, shown.due_time) == ("bronze", "", NEVER)


def test_a_tier_that_the_program_no_longer_has_is_judged_anew() -> None:
    member = Climber(ladder())
    member.gathers(300, "2026-05-10T10:00")
    member.ready = ladder(tiers=TIERS[:2])
    found = member.at("2026-06-10T10:00")
    assert (found.tier, found.cause) == ("silver", StandingCause.PROGRAM)


def test_a_floor_that_the_program_no_longer_has_holds_nobody() -> None:
    member = Climber(ladder())
    member.is_floored("gold", NEVER, "2026-05-10T10:00")
    member.ready = ladder(tiers=TIERS[:2])
    assert member.at("2026-06-10T10:00").tier == "bronze"


def test_a_lower_threshold_promotes_who_has_gathered_enough() -> None:
    member = Climber(ladder())
    member.gathers(90, "2026-05-10T10:00")
    member.ready = ladder(tiers=[TIERS[0], {"name": "silver", "threshold": 90}])
    assert member.at("2026-06-10T10:00").tier == "silver"


def test_a_higher_threshold_leaves_tiers_until_their_term_ends() -> None:
    member = Climber(ladder())
    member.gathers(100, "2026-05-10T10:00")
    member.gathers(90, "2027-05-10T10:00")
    member.ready = ladder(tiers=[TIERS[0], {"name": "silver", "threshold": 200}])
    assert member.at("2027-12-31T23:59").tier == "silver"
    assert member.at("2028-01-01T00:00").tier == "bronze"


def test_a_ladder_that_gets_terms_begins_them_now() -> None:
    member = Climber(ladder(period=ROLLING, term=None, demote="NONE"))
    assert member.gathers(100, "2026-05-10T10:00").until_time == NEVER
    member.ready = ladder(period=ROLLING)
    found = member.at("2027-05-10T10:00")
    assert found.until_time == at("2028-05-10T00:00")
    assert found.tier == "silver"


def test_nothing_is_due_by_itself_where_nothing_can_change() -> None:
    member = Climber(ladder())
    now = at("2026-06-10T10:00")
    assert next_due(member.ready, member.standing, {}, member.create_time, now) == NEVER


def test_days_that_nothing_looks_at_are_no_longer_needed() -> None:
    member = Climber(ladder())
    standing = member.gathers(100, "2026-05-10T10:00")
    now = at("2027-06-10T10:00")
    day = first_needed_day(member.ready, standing, member.create_time, now)
    assert day * 86_400_000_000 == at("2026-01-01T00:00")
    fallen = member.at("2028-06-10T10:00")
    now = at("2028-06-10T10:00")
    day = first_needed_day(member.ready, fallen, member.create_time, now)
    assert day * 86_400_000_000 == at("2028-01-01T00:00")
