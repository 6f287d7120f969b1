"""Requests about the program, and about the end of members and of periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias

from points.client import (
    create_member_request,
    new_request_id,
    reverse_request,
    to_timestamp,
)
from points.v1.activity_pb2 import Activity, ActivityItem
from points.v1.activity_service_pb2 import RecordActivityRequest
from points.v1.books_close_pb2 import CloseBooksRequest
from points.v1.budget_pb2 import FUND_DIRECTION_PAY, FUND_DIRECTION_TAKE_BACK
from points.v1.budget_service_pb2 import FundBudgetRequest
from points.v1.claim_pb2 import ClaimRequest
from points.v1.member_service_pb2 import (
    EraseMemberRequest,
    MergeMembersRequest,
    SetPoolRequest,
)
from points.v1.reversal_pb2 import (
    REASON_CODE_CLAWBACK,
    SHORTFALL_POLICY_SHORTFALL,
    SHORTFALL_POLICY_STOP,
    SHORTFALL_POLICY_WRITE_OFF,
)
from points.v1.tier_service_pb2 import SetStandingRequest
from tests.crash.program import LADDER, POOLS, PREFUNDED, TIERS
from tests.crash.targets import GUEST, Targets, chosen


Request: TypeAlias = Any
"""Is the request of a write: all have a `request_id`, all but batches and what
concerns no single member a `member_id`."""

ITEMS: Final = ("x", "y", "z")

_HOME_COUNT: Final = 3
"""How many members share their account: few, so that many earn into one."""

SHORTFALL_POLICIES: Final = (
    SHORTFALL_POLICY_STOP,
    SHORTFALL_POLICY_WRITE_OFF,
    SHORTFALL_POLICY_SHORTFALL,
)

_WHY: Final[dict[str, Any]] = {"operator": "soak", "reason": "load"}


class Facts:
    """Makes requests by chance that a batch cannot hold, about what `targets` has."""

    def __init__(self, seed: int, targets: Targets) -> None:
        self._random = Random(seed)  # noqa: S311 - chance, no secret
        self._targets = targets

    def _create_member(self, _: Sequence[str]) -> Request:
        name = f"{GUEST}{new_request_id()}"
        return create_member_request(name, request_id=new_request_id())

    def _merge_members(self, members: Sequence[str]) -> Request | None:
        guest = chosen(self._targets.guests, self._random)
        other = chosen(self._targets.guests, self._random)
        into = [*members, other.member_id if other else members[0]]
        return guest and MergeMembersRequest(
            member_id=guest.member_id,
            into_member_id=self._random.choice(into),
            request_id=new_request_id(),
            **_WHY,
        )

    def _erase_member(self, _: Sequence[str]) -> Request | None:
        guest = chosen(self._targets.guests, self._random)
        return guest and EraseMemberRequest(
            member_id=guest.member_id, request_id=new_request_id(), **_WHY
        )

    def _record_activity(self, members: Sequence[str]) -> Request:
        return RecordActivityRequest(
            member_id=self._who(members),
            request_id=new_request_id(),
            activity=self._activity(),
            occur_time=self._lately() if self._random.random() < 0.3 else None,
        )

    def _activity(self) -> Activity:
        kind = self._random.choice(["purchase", "purchase", "parcel", "review", "late"])
        if kind != "purchase":
            return Activity(type=kind, quantity=self._random.randint(1, 5))
        items = [
            ActivityItem(item_id=item, money=self._random.randint(1, 9_999), quantity=1)
            for item in ITEMS[: self._random.randint(0, len(ITEMS))]
        ]
        money = sum(item.money for item in items)
        return Activity(type=kind, money=money or 5_000, quantity=1, items=items)

    def _claim(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.claims, self._random)
        return target and ClaimRequest(
            member_id=target.member_id, claim_id=target.id, request_id=new_request_id()
        )

    def _return(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.activities, self._random)
        is_whole = self._random.random() < 0.3
        return target and reverse_request(
            *target[:2],
            reason_code=REASON_CODE_CLAWBACK,
            reason="load",
            request_id=new_request_id(),
            item_ids=[] if is_whole else [self._random.choice(ITEMS)],
            shortfall_policy=self._random.choice(SHORTFALL_POLICIES),
        )

    def _set_standing(self, members: Sequence[str]) -> Request:
        soon = datetime.now(UTC) + timedelta(seconds=self._random.uniform(0.5, 3))
        return SetStandingRequest(
            member_id=self._who(members),
            ladder=LADDER,
            tier=self._random.choice(["", *TIERS]),
            until_time=self._random.choice([None, to_timestamp(soon)]),
            request_id=new_request_id(),
            **_WHY,
        )

    def _set_pool(self, members: Sequence[str]) -> Request:
        """Lets a member earn into the account of one of a few, or for itself again.

        Nobody pools into who earns into a pool: the few never do.
        """
        pool = self._random.choice(["", *POOLS])
        return SetPoolRequest(
            member_id=self._random.choice(members[_HOME_COUNT:]),
            pool=pool,
            pools_into=self._random.choice(members[:_HOME_COUNT]) if pool else "",
            request_id=new_request_id(),
        )

    def _fund_budget(self, _: Sequence[str]) -> Request:
        directions = [FUND_DIRECTION_PAY, FUND_DIRECTION_TAKE_BACK]
        (direction,) = self._random.choices(directions, [4, 1])
        return FundBudgetRequest(
            budget=PREFUNDED,
            points=self._random.randint(1, 100),
            direction=direction,
            request_id=new_request_id(),
            **_WHY,
        )

    def _close_books(self, _: Sequence[str]) -> Request:
        return CloseBooksRequest(
            until_time=self._lately(), request_id=new_request_id(), **_WHY
        )

    def _who(self, members: Sequence[str]) -> str:
        """Returns a member, now and then one who may end."""
        guest = chosen(self._targets.guests, self._random)
        is_guest = guest is not None and self._random.random() < 0.1
        return guest.member_id if guest and is_guest else self._random.choice(members)

    def _lately(self) -> Any:
        seconds = self._random.uniform(0, 20)
        return to_timestamp(datetime.now(UTC) - timedelta(seconds=seconds))


SINGLES: Final = {
    "create_member": 4.0,
    "merge_members": 1.5,
    "erase_member": 1.0,
    "record_activity": 16.0,
    "claim": 5.0,
    "return": 6.0,
    "set_standing": 2.0,
    "set_pool": 2.0,
    "fund_budget": 3.0,
    "close_books": 0.5,
}
"""How often each comes, by the method that makes it; none of them in a batch."""
