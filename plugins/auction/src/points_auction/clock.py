"""What time does to an auction: the falling price, and the end that late bids move."""

from __future__ import annotations

from points_auction.terms import Fall, SoftClose


def falling_price(start_points: int, fall: Fall, elapsed: int) -> int:
    """Returns the price so many microseconds after the start, never below the floor."""
    fallen = fall.step_points * (elapsed // fall.tick)
    return max(fall.floor_points, start_points - fallen)


def end_after(soft_close: SoftClose | None, *, end_time: int, now: int) -> int:
    """Returns when the auction ends after a late bid that counts; never earlier."""
    if soft_close is None or end_time - now > soft_close.threshold:
        return end_time
    later = min(now + soft_close.extension, soft_close.limit)
    return max(end_time, later)
