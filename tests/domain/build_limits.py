"""Builders of limits, and of accounts that they bind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from points.domain.commands import Command, SetLimits
from points.domain.decisions import decide
from points.domain.state import Decision
from points.domain.values import Account, Velocity
from tests.clock import NOON
from tests.domain.build import PROGRAM, stamp
from tests.domain.worlds import World, world


_SET_LIMITS: Final = SetLimits(
    member_id="ada",
    request_id="r1",
    unit="points",
    operator="olga",
    reason="looks odd",
)
DAILY: Final = Velocity("EARN", "DAY", points_max=100)


def set_limits(**fields: Any) -> SetLimits:
    """Returns limits of Ada's points that bind nothing."""
    return replace(_SET_LIMITS, **fields)


def bounded(holder: str = "ada", usage: str = "", **fields: Any) -> Account:
    """Returns the account of a member with these limits, and 100 points."""
    found = decided(set_limits(**fields), world()).accounts[0]
    return found._replace(
        account=f"member:{holder}", balance=100, usage=usage or found.usage
    )


def decided(command: Command, state: World, now: int = NOON) -> Decision:
    """Returns the decision about a command."""
    return decide(command, state, PROGRAM, stamp(now=now))
