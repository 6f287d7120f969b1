"""The rules, without effects: what they are given decides what they answer."""

from __future__ import annotations


def left(count: int, times: int) -> int:
    """Returns how often a member may still collect who has so `count` times."""
    return max(0, times - count)
