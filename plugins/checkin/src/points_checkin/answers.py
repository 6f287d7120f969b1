"""Makes the messages that callers get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from points.plugin.days import SECOND, text_of
from points_checkin.calendar import Receipt
from points_checkin.config import Campaign, Milestone, Reward
from points_checkin.deciding import standing_on
from points_checkin.rewards import Given, Granted, summed
from points_checkin.spans import Mark, Spans, last_of
from points_checkin.streaks import Streak, count_on, position, streaks_of
from points_checkin.v1 import checkin_service_pb2 as pb


MICROSECOND_NANOS = 1_000

_EARNED = frozenset({Mark.SIGNED, Mark.MADE_UP})

STATES: Mapping[Mark, pb.DayState.ValueType] = {
    Mark.SIGNED: pb.DAY_STATE_SIGNED,
    Mark.MADE_UP: pb.DAY_STATE_MADE_UP,
    Mark.FROZEN: pb.DAY_STATE_FROZEN,
    Mark.PAUSED: pb.DAY_STATE_PAUSED,
    Mark.SKIPPED: pb.DAY_STATE_SKIPPED,
}


def timestamp(instant: int) -> Timestamp:
    """Returns an instant as the wire has it."""
    seconds, micros = divmod(instant, SECOND)
    return Timestamp(seconds=seconds, nanos=micros * MICROSECOND_NANOS)


def given_points(given: Iterable[Given]) -> list[pb.Points]:
    """Returns points that have moved."""
    return [
        pb.Points(unit=one.unit, points=one.points, transaction_id=one.transaction_id)
        for one in given
    ]


def reward_points(rewards: Iterable[Reward]) -> list[pb.Points]:
    """Returns points that are still to move, by unit."""
    return [
        pb.Points(unit=unit, points=points) for unit, points in summed(rewards).items()
    ]


def checked_day(
    day: int, receipt: Receipt | None, granted: Iterable[Granted]
) -> pb.CheckedDay:
    """Returns a day that was checked in, with the milestones among those given."""
    message = pb.CheckedDay()
    fill_day(message, day, receipt, granted)
    return message


def fill_day(
    message: pb.CheckedDay,
    day: int,
    receipt: Receipt | None,
    granted: Iterable[Granted],
) -> None:
    """Writes a day into its message, as `checked_day` returns it.

    In its place: a message that is put into another one is copied, with all in it.
    """
    message.date = text_of(day)
    for each in granted:
        message.milestones.append(granted_milestone(each))
    if receipt is None:
        return
    for unit, points, transaction_id, _ in receipt.given:
        given = message.rewards.add()
        given.unit, given.points = unit, points
        given.transaction_id = transaction_id
    message.count = receipt.counted
    seconds, micros = divmod(receipt.time, SECOND)
    message.check_in_time.seconds = seconds
    message.check_in_time.nanos = micros * MICROSECOND_NANOS
    message.program_version = receipt.version


def granted_milestone(granted: Granted) -> pb.Milestone:
    """Returns a milestone that was reached."""
    return pb.Milestone(
        name=granted.name,
        count=granted.counted,
        rewards=given_points(granted.given),
        date=text_of(granted.day),
    )


def milestone_ahead(milestone: Milestone, count: int) -> pb.Milestone:
    """Returns a milestone that is reached at a count which is still ahead."""
    return pb.Milestone(
        name=milestone.name,
        count=count,
        rewards=reward_points(milestone.rewards),
        freeze_count=milestone.freezes,
    )


def streak_message(spans: Spans, campaign: Campaign, day: int) -> pb.Streak:
    """Returns where a member stands on a day, by spans that are settled up to it."""
    message = pb.Streak()
    streaks = streaks_of(spans, campaign.rules)
    fill_streak(message, spans, campaign, day, streaks)
    return message


def fill_streak(
    message: pb.Streak,
    spans: Spans,
    campaign: Campaign,
    day: int,
    streaks: tuple[Streak, ...],
) -> None:
    """Writes it into its message; `streaks` are those of the spans."""
    streak, count = standing_on(streaks, campaign.rules, day)
    message.count = count
    message.position = position(count, campaign.rules)
    message.first_date = text_of(streak.first) if streak else ""
    message.last_date = _last_date(spans)
    message.best_count = max(map(_best, streaks), default=0)
    message.total_count = sum([one.length for one in spans if one.mark in _EARNED])


def _best(streak: Streak) -> int:
    return max([count_on(streak, step.last) for step in streak.steps])


def _last_date(spans: Spans) -> str:
    last = max(last_of(spans, Mark.SIGNED) or 0, last_of(spans, Mark.MADE_UP) or 0)
    return text_of(last) if last else ""
