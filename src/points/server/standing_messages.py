"""Standings to protobuf."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import NEVER
from points.domain.ladders import Ladders, Outlook
from points.domain.standings import DemotionNotice, Standing, StandingChange
from points.v1 import outcome_pb2
from points.v1 import standing_pb2 as pb


_CAUSES: Final = {
    name.removeprefix("CAUSE_"): number for name, number in pb.Standing.Cause.items()
}


def fill_standing(message: pb.Standing, standing: Standing) -> None:
    """Writes a standing into an empty message, without what a program says of it."""
    message.member_id = standing.member_id
    message.ladder = standing.ladder
    message.tier = standing.tier
    message.earned_tier = standing.earned
    message.floor = standing.floor
    message.cause = _CAUSES[standing.cause]
    _fill_time(message.since_time, standing.since_time)
    _fill_time(message.update_time, standing.update_time)
    if standing.tier_until_time != NEVER:
        _fill_time(message.until_time, standing.tier_until_time)
    if standing.lose_time != NEVER:
        _fill_time(message.lose_time, standing.lose_time)
    if standing.floor and standing.floor_until_time != NEVER:
        _fill_time(message.floor_until_time, standing.floor_until_time)


def standing_message(standing: Standing, ladders: Ladders | None) -> pb.Standing:
    """Returns a standing as a message, with what the program says of its tier."""
    message = pb.Standing()
    fill_standing(message, standing)
    info = ladders.tier(standing.ladder, standing.tier) if ladders else None
    if info is not None:
        message.title = info.title
        message.rank = info.rank
        message.privileges.update(info.privileges)
    return message


def fill_outlook(message: pb.Standing, standing: Standing, outlook: Outlook) -> None:
    """Writes what a standing leads to, and its history, into its message."""
    message.gathered = outlook.gathered
    message.next_tier = outlook.next_tier
    message.points_to_next = outlook.points_to_next
    message.points_to_stay = outlook.points_to_stay
    message.projected_tier = outlook.projected_tier
    _fill_time(message.projected_time, outlook.projected_time)
    for tier, time, cause in standing.history:
        change = message.history.add(tier=tier, cause=_CAUSES[cause])
        _fill_time(change.time, time)


def fill_standing_change(message: pb.StandingChange, change: StandingChange) -> None:
    """Writes a change of standings into an empty message."""
    for standing in change.standings:
        fill_standing(message.standings.add(), standing)
    message.operator = change.operator
    message.reason = change.reason


def fill_demotion_notice(
    message: outcome_pb2.DemotionNotice, notice: DemotionNotice
) -> None:
    """Writes the notice of a tier that will be lost into an empty message."""
    message.ladder = notice.ladder
    message.tier = notice.tier
    message.projected_tier = notice.projected_tier
    _fill_time(message.lose_time, notice.lose_time)
    message.points_to_stay = notice.points_to_stay


def _fill_time(message: Timestamp, instant: int) -> None:
    message.seconds, rest = divmod(instant, 1_000_000)
    message.nanos = rest * 1_000
