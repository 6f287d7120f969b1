"""Members who check in, on a real engine."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from plugins.checkin.tests.members import campaign, check_in, come, revert, streak

from points.domain.commands import FreezeMember, UpdateMember
from points.testing import Bench, Example, assert_conforms, assert_idempotent, race
from points_checkin.v1 import checkin_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


def test_a_check_in_gives_its_points_once_a_day(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    first = assert_idempotent(bench, pb.CheckInRequest(member_id="alice"))
    again = check_in(bench)

    assert bench.available() == 5
    assert (first.already, again.already) == (False, True)
    assert again.day == first.day
    assert first.day.rewards[0].points == 5


def test_two_check_ins_at_once_are_one(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    answers = race(bench, 4, lambda _: pb.CheckInRequest(member_id="alice"))

    assert sorted(answer.already for answer in answers) == [False, True, True, True]
    assert bench.available() == 5


def test_rewards_come_in_any_unit_and_grow_with_the_cycle(bench: Bench) -> None:
    third = [{"points": 10}, {"points": 2, "unit": "gems"}]
    daily = [{"rewards": [{"points": 1}]}, {"from_count": 3, "rewards": third}]
    rules = campaign(mode="CYCLE", cycle_days=3, daily=daily)
    units = {name: {"kind": "currency"} for name in ("points", "gems")}
    bench.apply(units=units, plugins={"checkin": rules})
    bench.member()
    found = come(bench, 4)

    assert [one.streak.position for one in found] == [1, 2, 3, 1]
    assert bench.available() == 1 + 1 + 10 + 1
    assert bench.available(unit="gems") == 2


def test_a_milestone_gives_its_points_and_freezes(bench: Bench) -> None:
    third = {"name": "third", "count": 3, "rewards": [{"points": 50}], "freezes": 1}
    bench.configure("checkin", campaign(milestones=[third], freezes={}))
    bench.member()
    found = come(bench, 3)

    assert [one.name for one in found[2].day.milestones] == ["third"]
    assert bench.available() == 3 * 5 + 50
    assert streak(bench).freeze_count == 1


def test_a_freeze_keeps_the_streak_over_a_missed_day(bench: Bench) -> None:
    bench.configure("checkin", campaign(freezes={"price": [{"points": 20}]}))
    bench.member(points=100)
    come(bench, 2)
    bench.clock.advance(days=-1)
    answer = bench.call(pb.EquipFreezeRequest(member_id="alice", count=2))
    bench.clock.advance(days=3)

    assert (answer.freeze_count, bench.available()) == (2, 100 + 10 - 40)
    assert streak(bench).streak.count == 2
    assert check_in(bench).streak.count == 3
    assert streak(bench).freeze_count == 0
    states = bench.call(
        pb.GetCalendarRequest(member_id="alice", first_date="2026-01-01")
    ).days[:6]
    assert [day.state for day in states] == [
        pb.DAY_STATE_SIGNED,
        pb.DAY_STATE_SIGNED,
        pb.DAY_STATE_FROZEN,
        pb.DAY_STATE_FROZEN,
        pb.DAY_STATE_SIGNED,
        pb.DAY_STATE_AHEAD,
    ]


def test_a_freeze_without_the_points_changes_nothing(bench: Bench) -> None:
    bench.configure("checkin", campaign(freezes={"price": [{"points": 20}]}))
    bench.member()
    check_in(bench)
    heads = streak(bench)

    with bench.refused("INSUFFICIENT_POINTS"):
        bench.call(pb.EquipFreezeRequest(member_id="alice"))
    assert streak(bench) == heads


def test_making_a_day_up_costs_and_mends_the_streak(bench: Bench) -> None:
    rules = {"price": [{"points": 30}], "per_month": 1, "reward": "FULL"}
    bench.configure("checkin", campaign(make_up=rules))
    bench.member(points=100)
    come(bench, 2)
    bench.clock.advance(days=1)
    broken = check_in(bench)
    request = pb.MakeUpRequest(member_id="alice", date="2026-01-03")
    answer = assert_idempotent(bench, request)

    assert broken.streak.count == 1
    assert (answer.streak.count, answer.make_ups_left) == (4, 0)
    assert bench.available() == 100 + 4 * 5 - 30


DATES = {
    "2026-01-09": "DATE_IN_FUTURE",
    "2026-01-08": "DATE_NOT_OVER",
    "2026-01-01": "DATE_TAKEN",
    "2026-01-03": "MAKE_UP_TOO_LATE",
    "2025-12-31": "DATE_TOO_EARLY",
    "2026-01-06": "DATE_NOT_MISSED",
    "2026-02-30": "DATE_INVALID",
    "20260105": "DATE_INVALID",
    "": "DATE_INVALID",
}


def test_a_day_that_cannot_be_made_up_says_why(bench: Bench) -> None:
    pauses = [{"start": "2026-01-06", "end": "2026-01-07"}]
    bench.configure("checkin", campaign(make_up={"window_days": 3}, pauses=pauses))
    bench.member(points=100)
    check_in(bench)
    bench.clock.advance(days=7)
    before = streak(bench)

    for date, reason in DATES.items():
        with bench.refused(reason):
            bench.call(pb.MakeUpRequest(member_id="alice", date=date))
    assert (streak(bench), bench.available()) == (before, 105)


def test_no_more_days_are_made_up_than_a_month_allows(bench: Bench) -> None:
    bench.configure("checkin", campaign(make_up={"per_month": 1}))
    bench.member()
    check_in(bench)
    bench.clock.advance(days=3)
    bench.call(pb.MakeUpRequest(member_id="alice", date="2026-01-02"))

    with bench.refused("MAKE_UP_LIMIT_REACHED", limit="1"):
        bench.call(pb.MakeUpRequest(member_id="alice", date="2026-01-03"))


def test_days_are_those_of_the_member(bench: Bench) -> None:
    bench.configure("checkin", campaign(zone={"policy": "MEMBER"}))
    bench.member(attributes={"zone": "Asia/Tokyo"})
    bench.clock.freeze_at(datetime(2026, 1, 5, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo")))
    first = check_in(bench)
    bench.clock.advance(minutes=30)
    second = check_in(bench)

    assert (first.day.date, second.day.date) == ("2026-01-05", "2026-01-06")


def test_a_move_west_earns_no_day_again(bench: Bench) -> None:
    bench.configure("checkin", campaign(zone={"policy": "MEMBER"}))
    bench.member(attributes={"zone": "Asia/Tokyo"})
    bench.clock.freeze_at(datetime(2026, 1, 5, 1, tzinfo=ZoneInfo("Asia/Tokyo")))
    check_in(bench)
    moved_to(bench, "America/Los_Angeles")
    again = check_in(bench)

    assert again.already
    assert again.day.date == "2026-01-05"
    assert bench.available() == 5


def test_days_of_a_fixed_offset_know_no_summer(bench: Bench) -> None:
    fixed = {"policy": "FIXED", "offset_minutes": -300}
    rules = campaign(mode="CUMULATIVE", zone=fixed, day_starts_at="04:00")
    bench.configure("checkin", rules)
    bench.member()
    bench.clock.freeze_at(datetime(2026, 7, 1, 8, 59, tzinfo=ZoneInfo("UTC")))
    first = check_in(bench)
    bench.clock.advance(minutes=1)
    second = check_in(bench)

    assert (first.day.date, second.day.date) == ("2026-06-30", "2026-07-01")
    assert second.streak.count == 2
    assert not streak(bench).HasField("keep_until_time")


def test_what_is_not_offered_is_refused(bench: Bench) -> None:
    bench.configure("checkin", campaign(freezes={"equipped_max": 1}))
    bench.member()

    with bench.refused("MAKE_UP_NOT_OFFERED"):
        bench.call(pb.MakeUpRequest(member_id="alice", date="2026-01-01"))
    with bench.refused("FREEZES_FULL", equipped="0", limit="1"):
        bench.call(pb.EquipFreezeRequest(member_id="alice", count=2))
    with bench.refused("COUNT_INVALID"):
        bench.call(pb.EquipFreezeRequest(member_id="alice", count=-1))
    bench.configure("checkin", campaign())
    with bench.refused("FREEZES_NOT_OFFERED"):
        bench.call(pb.EquipFreezeRequest(member_id="alice"))
    assert streak(bench).freeze_count == 0


def test_a_zone_that_does_not_exist_is_refused(bench: Bench) -> None:
    bench.configure("checkin", campaign(zone={"policy": "MEMBER"}))
    bench.member(attributes={"zone": "Mars/Olympus"})

    with bench.refused("ZONE_INVALID", zone="Mars/Olympus"):
        check_in(bench)


def test_grace_counts_for_the_day_before(bench: Bench) -> None:
    bench.configure("checkin", campaign(grace_minutes=60))
    bench.member()
    check_in(bench)
    bench.clock.freeze_at(datetime(2026, 1, 3, 0, 30, tzinfo=ZoneInfo("UTC")))

    assert check_in(bench).day.date == "2026-01-02"
    assert check_in(bench).streak.count == 3


def test_a_campaign_is_open_from_its_first_day_to_before_its_end(bench: Bench) -> None:
    bench.configure("checkin", campaign(start="2026-01-02", end="2026-01-03"))
    bench.member()
    with bench.refused("CAMPAIGN_NOT_OPEN", date="2026-01-01"):
        check_in(bench)
    bench.clock.advance(days=1)
    check_in(bench)
    bench.clock.advance(days=1)
    with bench.refused("CAMPAIGN_NOT_OPEN", date="2026-01-03"):
        check_in(bench)


def test_campaigns_do_not_know_of_each_other(bench: Bench) -> None:
    rules = {"daily": [{"rewards": [{"points": 5}]}]}
    bench.configure("checkin", {"campaigns": {"one": rules, "two": rules}})
    bench.member()
    check_in(bench, campaign="one")

    assert not check_in(bench, campaign="two").already
    for name in ("", "three"):
        with bench.refused("CAMPAIGN_UNKNOWN"):
            check_in(bench, campaign=name)


def test_a_running_streak_keeps_its_rules_and_the_next_has_the_new_ones(
    bench: Bench,
) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    come(bench, 2)
    bench.configure("checkin", campaign(daily=[{"rewards": [{"points": 100}]}]))
    come(bench, 1)
    kept = bench.available()
    bench.clock.advance(days=1)
    come(bench, 1)

    assert (kept, bench.available()) == (15, 115)


def test_a_frozen_member_does_not_check_in(bench: Bench) -> None:
    bench.configure("checkin", campaign(daily=[]))
    bench.member()
    freeze = FreezeMember(member_id="alice", request_id="freeze", reason="test")
    bench.execute(freeze)

    with bench.refused("MEMBER_NOT_ACTIVE", state="FROZEN"):
        check_in(bench)


def test_a_streak_says_what_is_ahead(bench: Bench) -> None:
    third = {"name": "third", "count": 3, "rewards": [{"points": 50}]}
    bench.configure("checkin", campaign(milestones=[third], grace_minutes=60))
    bench.member()
    check_in(bench)
    found = streak(bench)

    assert found.is_checked_in
    assert found.keep_until_time.ToJsonString() == "2026-01-03T01:00:00Z"
    assert [(one.name, one.count) for one in found.milestones] == [("third", 3)]
    assert found.next_rewards[0].points == 5


RANGES = (
    ("2026-01-02", "2026-01-01", "RANGE_INVALID"),
    ("2026-01-01", "2027-01-03", "RANGE_INVALID"),
    ("9999-12-31", "", "DATE_INVALID"),
    ("1969-12-31", "", "DATE_INVALID"),
    ("2026-02-29", "", "DATE_INVALID"),
)


def test_a_calendar_of_days_that_nobody_can_mean_is_refused(bench: Bench) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    for first, last, reason in RANGES:
        asked = pb.GetCalendarRequest(
            member_id="alice", first_date=first, last_date=last
        )
        with bench.refused(reason):
            bench.call(asked)


def test_a_calendar_reaches_from_before_the_member_to_what_is_ahead(
    bench: Bench,
) -> None:
    bench.configure("checkin", campaign())
    bench.member()
    check_in(bench)
    bench.clock.advance(days=2)
    asked = pb.GetCalendarRequest(
        member_id="alice", first_date="2025-12-31", last_date="2026-01-04"
    )
    days = bench.call(asked).days

    assert [day.state for day in days] == [
        pb.DAY_STATE_OUTSIDE,
        pb.DAY_STATE_SIGNED,
        pb.DAY_STATE_MISSED,
        pb.DAY_STATE_OPEN,
        pb.DAY_STATE_AHEAD,
    ]
    assert days[1].rewards[0].points == 5


@ON_BOTH_DATABASES
def test_check_in_keeps_the_laws_of_plugins(bench: Bench) -> None:
    rules = {"freezes": {"equipped_max": 10}, "make_up": {"window_days": 31}}
    bench.configure("checkin", campaign(**rules))
    bench.member(points=1_000)
    come(bench, 1)
    bench.clock.advance(days=3)
    check_in(bench)

    assert_conforms(
        bench,
        "checkin",
        [
            Example(pb.CheckInRequest(member_id="alice")),
            Example(pb.EquipFreezeRequest(member_id="alice")),
            Example(pb.MakeUpRequest(member_id="alice", date="2026-01-03")),
            Example(revert(date="2026-01-01")),
            Example(pb.GetCalendarRequest(member_id="alice")),
            Example(pb.GetStreakRequest(member_id="alice")),
        ],
    )


def moved_to(bench: Bench, zone: str) -> None:
    """Has Alice move to a zone."""
    bench.execute(
        UpdateMember(
            member_id="alice", request_id=f"move-{zone}", attributes={"zone": zone}
        )
    )


@pytest.mark.parametrize(
    ("pauses", "keep_until"),
    [
        ([("2026-01-02", "9999-12-31")], ""),
        ([("2026-01-05", "2500-01-01"), ("2026-01-02", "2026-01-05")], "2500-01-02"),
        ([("2026-01-03", "2026-01-05")], "2026-01-03"),
    ],
)
def test_a_streak_is_kept_for_as_long_as_pauses_last(
    bench: Bench, pauses: list[tuple[str, str]], keep_until: str
) -> None:
    stretches = [{"start": start, "end": end} for start, end in pauses]
    bench.configure("checkin", campaign(pauses=stretches))
    bench.member()
    check_in(bench)

    found = streak(bench)

    until = found.keep_until_time.ToJsonString() if keep_until else ""
    assert until == (f"{keep_until}T00:00:00Z" if keep_until else "")
    assert found.HasField("keep_until_time") == bool(keep_until)
