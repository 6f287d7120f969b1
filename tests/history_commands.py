"""Random commands of every kind: each is about what a history has come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from points.domain.activities import Item
from points.domain.bounds import NEVER, UNSET
from points.domain.calendar.periods import Period
from points.domain.claims import ClaimPlace
from points.domain.commands import (
    ActivateLot,
    Adjust,
    AdjustDirection,
    Burn,
    CancelLot,
    CaptureHold,
    ClaimAward,
    Command,
    Earn,
    ExpiredPolicy,
    ExtendLot,
    FreezeMember,
    PlaceHold,
    RecordActivity,
    Reverse,
    SetLimits,
    SetPool,
    SetStanding,
    ShortfallPolicy,
    Transfer,
    UnfreezeMember,
    UpdateMember,
    VoidHold,
)
from points.domain.identity import Place
from points.domain.values import ReasonCode, TimeoutAction, Velocity
from points.engine.engine import Engine
from tests.clock import DAY, HOUR, Clock
from tests.engine.shop import call
from tests.store.build import rows


_NAMES: Final = ("ada", "bob", "eve", "zoë")


@dataclass
class Past:
    """Knows who there is and what there has been: what new commands are about."""

    random: Random
    engine: Engine
    clock: Clock
    sent: int = 0
    living: list[str] = field(default_factory=lambda: list(_NAMES))
    ended: list[str] = field(default_factory=list)

    @property
    def member_ids(self) -> list[str]:
        """Returns all members there have ever been."""
        return [*self.living, *self.ended]

    def ids(self, member_id: str) -> dict[str, Any]:
        """Returns the ids of a new command."""
        self.sent += 1
        return {"member_id": member_id, "request_id": f"r{self.sent}"}

    def others(self, member_id: str) -> list[str]:
        """Returns the other living members."""
        return [name for name in self.living if name != member_id]

    def place(self, table: str, condition: str = "1 = 1") -> tuple[str, Place]:
        """Returns a member and a place of the table, one that is nowhere if none is."""
        query = (
            f"SELECT member_id, part, number FROM {table} WHERE {condition}"
            " ORDER BY part, number"
        )
        found = rows(self.engine.store, query) or [("ada", 0, 1)]
        member_id, *numbers = self.random.choice(found)
        return member_id, Place(*numbers)


def earn(history: Past, member_id: str, **fields: Any) -> Command:
    """Returns an earn whose points live or wait in one of many ways."""
    choose, now = history.random.choice, history.clock.now
    terms: dict[str, Any] = choose(
        [
            {},
            {"expire_time": choose([now + 3 * HOUR, now + DAY])},
            {"activate_time": now + HOUR, "expire_time": now + DAY},
            {"activate_time": now + choose([HOUR, 2 * HOUR])},
            {"waits_for": "delivery", "cancel_time": now + choose([HOUR, DAY])},
            {"waits_for": "delivery", "expire_after": Period(days=1)},
        ]
    )
    return Earn(**{**_moving(history, member_id), **terms, **fields})


def _moving(history: Past, member_id: str) -> dict[str, Any]:
    """Returns what commands that move points have, often dated back."""
    choose = history.random.choice
    return {
        **history.ids(member_id),
        "unit": choose(["points", "points", "miles"]),
        "points": history.random.randint(1, 60),
        "reason": "by chance",
        "metadata": choose([{}, {"order": '"17"\n'}]),
        "effective_time": choose([UNSET, UNSET, history.clock.now - HOUR]),
    }


_ITEMS: Final = (Item("x", quantity=2), Item("y"))


def _activity(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    return RecordActivity(
        **history.ids(member_id),
        activity_type=choose(["visit", "visit", "call"]),
        quantity=history.random.randint(1, 7),
        items=choose([(), _ITEMS]),
        attributes=choose([{}, {"order": "18"}]),
        effective_time=choose([UNSET, UNSET, history.clock.now - HOUR]),
    )


def _claim(history: Past, _member_id: str) -> Command:
    query = "SELECT member_id, part, number, position FROM claim ORDER BY 2, 3, 4"
    found = rows(history.engine.store, query) or [("ada", 0, 1, 1)]
    member_id, *place = history.random.choice(found[-20:])
    claim_id = ClaimPlace(*place).claim_id()
    return ClaimAward(**history.ids(member_id), claim_id=claim_id)


def _burn(history: Past, member_id: str) -> Command:
    sink = history.random.choice(["redemption", "donation"])
    return Burn(**_moving(history, member_id), sink=sink)


def _transfer(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    to, fee = choose(history.others(member_id)), choose([0, 2])
    return Transfer(**_moving(history, member_id), to_member_id=to, fee_points=fee)


def _adjust(history: Past, member_id: str) -> Command:
    direction = history.random.choice(list(AdjustDirection))
    fields = _moving(history, member_id)
    return Adjust(**fields, direction=direction, operator="olga")


def _place_hold(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    terms: dict[str, Any] = choose(
        [
            {},
            {
                "timeout": choose([HOUR, 5 * HOUR]),
                "on_timeout": choose(list(TimeoutAction)),
            },
        ]
    )
    freeze_expiry = choose([False, True])
    fields = _moving(history, member_id)
    return PlaceHold(**fields, **terms, freeze_expiry=freeze_expiry)


def _capture(history: Past, _member_id: str) -> Command:
    member_id, place = history.place("hold", "state = 'OPEN'")
    return CaptureHold(
        **history.ids(member_id),
        hold_id=place.hold_id(),
        points=history.random.choice([0, 5]),
        void_rest=history.random.choice([False, True]),
    )


def _void(history: Past, _member_id: str) -> Command:
    member_id, place = history.place("hold", "state = 'OPEN'")
    return VoidHold(**history.ids(member_id), hold_id=place.hold_id())


def _return(history: Past, _member_id: str) -> Command:
    """Takes an activity back: as often by item as whole."""
    choose = history.random.choice
    member_id, place = history.place("record", "kind = 'ACTIVITY'")
    return Reverse(
        **history.ids(member_id),
        transaction_id=place.transaction_id(),
        reason="sent back",
        reason_code=ReasonCode.CLAWBACK,
        item_ids=choose([(), ("x",), ("y",), ("x", "y")]),
        shortfall_policy=choose(list(ShortfallPolicy)),
    )


def _reverse(history: Past, _member_id: str) -> Command:
    choose = history.random.choice
    kinds = "'EARN', 'ACTIVITY', 'BURN', 'CAPTURE'"
    member_id, place = history.place(
        "record", f"is_transaction = 1 AND kind IN ({kinds})"
    )
    expired: dict[str, Any] = choose(
        [{}, {"expired_policy": ExpiredPolicy.REISSUE, "grace": DAY}]
    )
    return Reverse(
        **history.ids(member_id),
        transaction_id=place.transaction_id(),
        reason="a mistake",
        reason_code=choose(list(ReasonCode)),
        points=choose([0, 3]),
        shortfall_policy=choose(list(ShortfallPolicy)),
        **expired,
    )


def _activate(history: Past, _member_id: str) -> Command:
    member_id, place = history.place("lot", _PENDING)
    return ActivateLot(**history.ids(member_id), lot_id=place.lot_id())


def _cancel(history: Past, _member_id: str) -> Command:
    member_id, place = history.place("lot", _PENDING)
    return CancelLot(**history.ids(member_id), lot_id=place.lot_id(), reason="returned")


def _extend(history: Past, _member_id: str) -> Command:
    member_id, place = history.place("lot", f"expire_time < {NEVER}")
    return ExtendLot(
        **history.ids(member_id),
        lot_id=place.lot_id(),
        expire_time=history.clock.now + 2 * DAY,
        operator="olga",
        reason="goodwill",
    )


def _set_limits(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    return SetLimits(
        **history.ids(member_id),
        unit=choose(["points", "miles", "qualifying_points"]),
        operator="olga",
        reason="looks odd",
        floor=choose([None, 5]),
        ceiling=choose([None, 5_000]),
        velocities=choose([(), (Velocity("BURN", "DAY", points_max=500),)]),
    )


def _set_standing(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    return SetStanding(
        **history.ids(member_id),
        ladder="status",
        tier=choose(["silver", "gold"]),
        until_time=history.clock.now + choose([HOUR, DAY]),
        operator="olga",
        reason="a friend",
    )


def _set_pool(history: Past, member_id: str) -> Command:
    choose = history.random.choice
    pool = choose(["firm", "home", "home", ""])
    into = choose([*history.member_ids, *history.living]) if pool else ""
    return SetPool(**history.ids(member_id), pool=pool, pools_into=into)


def _update(history: Past, member_id: str) -> Command:
    attributes = {"city": history.random.choice(["Bern", "Brno"])}
    return UpdateMember(**history.ids(member_id), attributes=attributes)


def _freeze(history: Past, member_id: str) -> Command:
    return FreezeMember(**history.ids(member_id))


def _call(history: Past, member_id: str) -> Command:
    """Has a plugin earn and keep a document, or hold points for a lead."""
    method = history.random.choice(["Stamp", "Bid"])
    board, points = history.random.choice("xy"), history.random.randint(1, 60)
    return call(method, **history.ids(member_id), board=board, points=points)


def _unfreeze(history: Past, member_id: str) -> Command:
    return UnfreezeMember(**history.ids(member_id))


_PENDING: Final = f"(waits_for <> '' OR activate_time > 0) AND activate_time <= {NEVER}"
MAKERS: Final[list[Callable[[Past, str], Command]]] = [
    *[earn] * 5,
    *[_activity] * 3,
    *[_claim] * 2,
    *[_burn] * 2,
    *[_place_hold] * 4,
    *[_capture] * 2,
    *[_void],
    *[_transfer] * 2,
    *[_reverse] * 4,
    *[_return] * 2,
    *[_activate, _cancel, _cancel, _extend],
    *[_adjust, _set_limits, _set_standing, _set_pool, _update],
    *[_freeze, _unfreeze, _unfreeze],
    *[_call] * 4,
]
