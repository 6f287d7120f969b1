"""Wheels that tests draw from."""

from __future__ import annotations

from typing import Any

from points_wheel.drawing import Standing, Table
from points_wheel.odds import Groups
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup


GACHA = PityGroup.model_validate({"hard": 90, "soft": {"start": 73, "step": 600}})
"""Is the rule of a well-known game: 0.6 % up to the 73rd draw, certain at the 90th."""


def pool(**changes: Any) -> Pool:
    """Returns a wheel of three prizes and nothing, out of 10,000."""
    document = {
        "prizes": [
            {"id": "jackpot", "weight": 1, "points": {"points": 5_000}},
            {"id": "mug", "weight": 99, "item": {}},
            {"id": "small", "weight": 2_900, "points": {"points": 10}},
        ],
        "total": 10_000,
        **changes,
    }
    return Pool.model_validate(document)


def banner(**changes: Any) -> Pool:
    """Returns a wheel with a class `gold` of 0.6 %, half of it featured."""
    document = {
        "prizes": [
            {"id": "star", "weight": 30, "pity": ["gold"], "is_featured": True},
            {"id": "other", "weight": 30, "pity": ["gold"]},
            {"id": "common", "weight": 9_940},
        ],
        **changes,
    }
    return Pool.model_validate(document)


def table(of: Pool, groups: Groups | None = None) -> Table:
    """Returns a wheel with its groups, as draws take it."""
    return Table("wheel", of, groups or {}, "version")


FRESH = Standing({}, {}, {})
"""Is the state of somebody who never drew, at a wheel nobody drew from."""
