"""Members, their accounts, and what these may do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from points.domain.bounds import POINTS_MIN


class MemberState(StrEnum):
    """Tells what a member may do."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    MERGED = "MERGED"
    ERASED = "ERASED"


class Member(NamedTuple):
    """Is a person who holds points; `version` counts the changes from 1.

    `merged_into` names the member whose points these are now, if it was merged. What
    it earns goes to the member `pools_into` by the terms of the program's `pool`.
    """

    part: int
    member_id: str
    state: MemberState
    attributes: Mapping[str, str]
    create_time: int
    update_time: int
    version: int
    merged_into: str = ""
    pool: str = ""
    pools_into: str = ""


class Account(NamedTuple):
    """Is one holder's points in one unit within one part.

    `balance` never falls below `floor`: 0 for members. House accounts such as
    `issuance` may be negative. The lifetime counts belong to members, and are net
    of what was reversed. `limits` and `usage` are texts of `domain.limits`, empty
    for a member without limits. `shortfall` is what the member owes: minus the
    balance of the account of that name, kept here for every earn to see.
    """

    part: int
    account: str
    unit: str
    balance: int = 0
    floor: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0
    limits: str = ""
    usage: str = ""
    shortfall: int = 0

    @classmethod
    def empty(cls, part: int, account: str, unit: str) -> Account:
        """Returns the account as it is before its first posting."""
        is_members = account.startswith(("member:", "held:"))
        return cls(part, account, unit, floor=0 if is_members else POINTS_MIN)


class Balances(NamedTuple):
    """Is what a member has in one unit at one instant.

    `next_expirations` and `next_activations` are pairs of instant and points, the
    earliest first; `shortfall` is what the member owes.
    """

    unit: str
    available: int = 0
    pending: int = 0
    held: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0
    shortfall: int = 0
    next_expirations: tuple[tuple[int, int], ...] = ()
    next_activations: tuple[tuple[int, int], ...] = ()


class Limits(NamedTuple):
    """Is what a member's account in one unit may do; None is without that bound.

    `floor` is what a burn must leave available, `ceiling` what an earn may reach.
    Windows are those of `zone`, which was the program's when the limits were set.
    """

    member_id: str
    unit: str
    floor: int | None
    ceiling: int | None
    velocities: tuple[Velocity, ...]
    operator: str
    reason: str
    update_time: int
    zone: str = "UTC"


class Velocity(NamedTuple):
    """Bounds points, transactions or both within a window of the program's zone."""

    action: str
    window: str
    points_max: int | None = None
    count_max: int | None = None


class Erasure(NamedTuple):
    """Is the member whose personal data were erased, and who answers for it."""

    member: Member
    operator: str
    reason: str
