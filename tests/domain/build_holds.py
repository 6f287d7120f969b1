"""Builders of holds and of what is asked of them, and what decisions do to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from points.domain.bounds import NEVER
from points.domain.commands import CaptureHold, Command, LapseHold, PlaceHold, VoidHold
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.state import Decision
from points.domain.values import Draw, Hold, HoldState, Lot, TimeoutAction, Transaction
from tests.clock import HOUR, NOON
from tests.domain.build import PART, PROGRAM, account, lot, stamp
from tests.domain.worlds import World, world


HOLD_ID: Final = f"h{PART}-1"

_PLACE: Final = PlaceHold(
    member_id="ada", request_id="r1", unit="points", points=100, reason="a bid"
)
_CAPTURE: Final = CaptureHold(member_id="ada", request_id="r1", hold_id=HOLD_ID)
_VOID: Final = VoidHold(member_id="ada", request_id="r1", hold_id=HOLD_ID)
_HOLD: Final = Hold(
    part=PART,
    number=1,
    member_id="ada",
    unit="points",
    points=100,
    draws=(Draw(Place(PART, 1), 100, NEVER),),
    captured_points=0,
    voided_points=0,
    state=HoldState.OPEN,
    place_time=NOON - HOUR,
    lapse_time=NEVER,
    update_time=NOON - HOUR,
    on_timeout=TimeoutAction.VOID,
    freeze_expiry=False,
    sink="redemption",
    reason="a bid",
    record_number=3,
)


def place_hold(**fields: Any) -> PlaceHold:
    """Returns the placing of a hold of 100 points by Ada."""
    return replace(_PLACE, **fields)


def capture_hold(**fields: Any) -> CaptureHold:
    """Returns the capture of all points of Ada's first hold."""
    return replace(_CAPTURE, **fields)


def void_hold(**fields: Any) -> VoidHold:
    """Returns the void of Ada's first hold."""
    return replace(_VOID, **fields)


def lapse_hold(**fields: Any) -> LapseHold:
    """Returns the lapse of Ada's first hold."""
    return replace(LapseHold.of(hold()), **fields)


def hold(**fields: Any) -> Hold:
    """Returns an open hold of Ada, of all points of lot 1, placed an hour ago."""
    return _HOLD._replace(**fields)


def held_lot(points: int = 100, **fields: Any) -> Lot:
    """Returns a lot of Ada whose points are all held."""
    return lot(points=points, remaining=0, held=points, **fields)


def hold_of(*lots: Lot, **fields: Any) -> Hold:
    """Returns an open hold of all that is held of these lots."""
    draws = tuple(Draw(lot.place(), lot.held, lot.expire_time) for lot in lots)
    points = sum(draw.points for draw in draws)
    return hold(**{"points": points, "draws": draws, **fields})


def holding(*lots: Lot, **fields: Any) -> World:
    """Returns a world in which Ada has these lots and one hold of what is held."""
    held = hold_of(*(lot for lot in lots if lot.held), **fields)
    balance = sum(lot.remaining for lot in lots)
    return world(
        account(balance=balance),
        account(account="held:ada", balance=held.points),
        held,
        *lots,
    )


def decided(command: Command, state: World, **stamped: Any) -> Decision:
    """Returns the decision on a command at noon."""
    return decide(command, state, PROGRAM, stamp(**stamped))


def transaction(decision: Decision) -> Transaction:
    """Returns the transaction of a decision."""
    assert isinstance(decision.result, Transaction)
    return decision.result


def moves(decision: Decision) -> list[tuple[str, str, int]]:
    """Returns source, destination and points of each posting."""
    found = transaction(decision).postings
    return [(one.source, one.destination, one.points) for one in found]


def lots(decision: Decision) -> list[tuple[int, int, int]]:
    """Returns number, rest and held points of each lot that changes."""
    return [(lot.number, lot.remaining, lot.held) for lot in decision.lots]


def left(decision: Decision) -> tuple[HoldState, int, int, int]:
    """Returns state, open, captured and voided points of the hold."""
    (after,) = decision.holds
    return after.state, after.open_points, after.captured_points, after.voided_points
