"""Requests of all kinds, some of which are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.protobuf.field_mask_pb2 import FieldMask

from points.client import (
    EarnOptions,
    HoldOptions,
    adjust_request,
    batch_command,
    burn_request,
    capture_hold_request,
    create_member_request,
    earn_request,
    new_request_id,
    place_hold_request,
    reverse_request,
    to_timestamp,
    transfer_request,
    void_hold_request,
)
from points.v1.hold_pb2 import TIMEOUT_ACTION_CAPTURE, TIMEOUT_ACTION_VOID
from points.v1.ledger_service_pb2 import (
    ADJUST_DIRECTION_CREDIT,
    ADJUST_DIRECTION_DEBIT,
    BATCH_MODE_ATOMIC,
    BATCH_MODE_INDEPENDENT,
    ActivateLotRequest,
    BatchWriteRequest,
    CancelLotRequest,
    ExtendLotRequest,
)
from points.v1.limits_pb2 import SetLimitsRequest
from points.v1.member_service_pb2 import (
    FreezeMemberRequest,
    UnfreezeMemberRequest,
    UpdateMemberRequest,
)
from points.v1.reversal_pb2 import (
    EXPIRED_POLICY_REISSUE,
    EXPIRED_POLICY_VOID,
    REASON_CODE_CLAWBACK,
    REASON_CODE_REFUND,
)
from tests.crash.facts import SHORTFALL_POLICIES, SINGLES, Facts, Request
from tests.crash.targets import Target, chosen


MEMBERS: Final = tuple(f"member-{number}" for number in range(24))
"""Few, so that the threads meet at the same accounts."""

SOON_SECONDS_MAX: Final = 3.0
"""How far ahead holds lapse and lots expire: some before a kill, some after."""


def opening() -> BatchWriteRequest:
    """Returns the batch that creates the members, safe to repeat."""
    return BatchWriteRequest(
        commands=[
            batch_command(create_member_request(name, request_id="opening"))
            for name in MEMBERS
        ]
    )


_WEIGHTS: Final[dict[str, float]] = {
    "earn": 30,
    "burn": 14,
    "place_hold": 12,
    "capture_hold": 8,
    "void_hold": 4,
    "transfer": 8,
    "reverse": 8,
    "adjust": 4,
    "activate_lot": 3,
    "cancel_lot": 2,
    "extend_lot": 2,
    "set_limits": 1,
    "update_member": 1,
    "freeze_member": 0.5,
    "unfreeze_member": 3,
}
"""How often each command comes, by the method that makes it."""


class Traffic(Facts):
    """Makes requests by chance, about what `targets` has."""

    def next(self) -> Request:
        """Returns a command or a batch of them."""
        if self._random.random() < 0.85:
            return self._command(MEMBERS, _WEIGHTS | SINGLES)
        size = self._random.randint(2, 30)
        members = self._random.sample(MEMBERS, self._random.randint(1, 4))
        return BatchWriteRequest(
            commands=[batch_command(self._command(members)) for _ in range(size)],
            mode=self._random.choice([BATCH_MODE_ATOMIC, BATCH_MODE_INDEPENDENT]),
            request_id=self._random.choice(["", new_request_id()]),
        )

    def _command(
        self, members: Sequence[str], weights: dict[str, float] = _WEIGHTS
    ) -> Request:
        """Returns one command; an earn if there is nothing to act upon yet."""
        (name,) = self._random.choices(list(weights), list(weights.values()))
        return getattr(self, f"_{name}")(members) or self._earn(members)

    def _earn(self, members: Sequence[str]) -> Request:
        ways: list[EarnOptions] = [
            {},
            {"expire_time": self._soon()},
            {"activate_time": self._soon()},
            {"on_event": "delivery"},
            {"on_event": "delivery", "cancel_time": self._soon()},
        ]
        (options,) = self._random.choices(ways, [5, 2, 1, 1, 1])
        return earn_request(**self._movement(members), **options)

    def _burn(self, members: Sequence[str]) -> Request:
        return burn_request(**self._movement(members))

    def _transfer(self, members: Sequence[str]) -> Request:
        return transfer_request(
            **self._movement(members),
            to_member_id=self._random.choice(MEMBERS),
            fee_points=self._random.choice([0, 2]),
        )

    def _adjust(self, members: Sequence[str]) -> Request:
        directions = [ADJUST_DIRECTION_CREDIT, ADJUST_DIRECTION_DEBIT]
        return adjust_request(
            **self._movement(members),
            direction=self._random.choice(directions),
            operator="soak",
        )

    def _place_hold(self, members: Sequence[str]) -> Request:
        seconds = self._random.uniform(0.05, SOON_SECONDS_MAX)
        actions = [TIMEOUT_ACTION_VOID, TIMEOUT_ACTION_CAPTURE]
        short: HoldOptions = {
            "timeout": timedelta(seconds=seconds),
            "on_timeout": self._random.choice(actions),
        }
        (options,) = self._random.choices([short, HoldOptions()], [4, 1])
        options["freeze_expiry"] = self._random.random() < 0.3
        return place_hold_request(**self._movement(members), **options)

    def _capture_hold(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.holds, self._random)
        return target and capture_hold_request(
            *target[:2],
            request_id=new_request_id(),
            points=self._random.choice([0, self._points()]),
            void_rest=self._random.random() < 0.3,
        )

    def _void_hold(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.holds, self._random)
        return target and void_hold_request(*target[:2], request_id=new_request_id())

    def _reverse(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.reversible, self._random)
        return target and self._reverse_of(target)

    def _reverse_of(self, target: Target) -> Request:
        reissue = self._random.random() < 0.5
        return reverse_request(
            *target[:2],
            reason_code=REASON_CODE_CLAWBACK if target.is_earn else REASON_CODE_REFUND,
            reason="load",
            request_id=new_request_id(),
            points=self._random.choice([0, self._random.randint(1, 20)]),
            shortfall_policy=self._random.choice(SHORTFALL_POLICIES),
            expired_policy=EXPIRED_POLICY_REISSUE if reissue else EXPIRED_POLICY_VOID,
            grace=timedelta(seconds=2) if reissue else None,
        )

    def _activate_lot(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.pending_lots, self._random)
        return target and ActivateLotRequest(**_lot(target))

    def _cancel_lot(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.pending_lots, self._random)
        return target and CancelLotRequest(**_lot(target), reason="load")

    def _extend_lot(self, _: Sequence[str]) -> Request | None:
        target = chosen(self._targets.expiring_lots, self._random)
        return target and ExtendLotRequest(
            **_lot(target),
            reason="load",
            operator="soak",
            expire_time=to_timestamp(self._soon() + timedelta(seconds=2)),
        )

    def _set_limits(self, members: Sequence[str]) -> Request:
        return SetLimitsRequest(
            member_id=self._random.choice(members),
            unit="points",
            floor=self._random.choice([0, 50]),
            ceiling=self._random.choice([None, 2_000]),
            operator="soak",
            reason="load",
            request_id=new_request_id(),
        )

    def _update_member(self, members: Sequence[str]) -> Request:
        return UpdateMemberRequest(
            member_id=self._who(members),
            attributes={"tier": str(self._points())},
            update_mask=FieldMask(paths=["attributes"]),
            request_id=new_request_id(),
        )

    def _freeze_member(self, members: Sequence[str]) -> Request:
        return FreezeMemberRequest(
            member_id=self._random.choice(members), request_id=new_request_id()
        )

    def _unfreeze_member(self, members: Sequence[str]) -> Request:
        return UnfreezeMemberRequest(
            member_id=self._random.choice(members), request_id=new_request_id()
        )

    def _movement(self, members: Sequence[str]) -> Mapping[str, Any]:
        return {
            "member_id": self._who(members),
            "points": self._points(),
            "reason": "load",
            "request_id": new_request_id(),
        }

    def _points(self) -> int:
        return self._random.randint(1, 100)

    def _soon(self) -> datetime:
        seconds = self._random.uniform(0.5, SOON_SECONDS_MAX)
        return datetime.now(UTC) + timedelta(seconds=seconds)


def _lot(target: Target) -> Mapping[str, Any]:
    return {
        "member_id": target.member_id,
        "lot_id": target.id,
        "request_id": new_request_id(),
    }
