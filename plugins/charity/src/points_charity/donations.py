"""What a donation comes to: refused, taken in part, or whole, and with which match."""

from __future__ import annotations

from typing import NamedTuple

from points_charity.config import Campaign


class Room(NamedTuple):
    """Is how much a campaign still takes of a member; None where nothing bounds it."""

    member_left: int | None
    goal_left: int | None


def room_of(campaign: Campaign, *, given: int, raised: int) -> Room:
    """Returns what the limits leave: `given` by the member, `raised` by everybody."""
    member_max, last_goal = campaign.member_max, campaign.last_goal
    return Room(
        None if member_max is None else max(0, member_max - given),
        None if last_goal is None else max(0, last_goal - raised),
    )


def is_size_fine(campaign: Campaign, points: int) -> bool:
    """Returns whether one donation may be so large."""
    most = campaign.donation_max
    return campaign.donation_min <= points and (most is None or points <= most)


def pledged(points: int, basis_points: int) -> int:
    """Returns the share of earned points that a member gives on, rounded down."""
    return points * basis_points // 10_000
