"""What the plugin declares to the host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from points.plugin import (
    Channel,
    Collection,
    Flow,
    Manifest,
    Method,
    Mode,
    Reaction,
    Reads,
    Reason,
    Service,
    hookimpl,
)
from points_checkin import handlers, reading, reverting
from points_checkin.calendar import CALENDARS, SNAPSHOTS
from points_checkin.config import Config
from points_checkin.merging import MERGING
from points_checkin.reasons import ALL
from points_checkin.receipts import RECEIPTS
from points_checkin.v1.checkin_service_pb2 import DESCRIPTOR


CHANNEL: Final = Channel(name="checkin", flows=frozenset({Flow.EARN, Flow.BURN}))


def usual_reads(request: Any) -> Reads:
    """Returns what most calls touch: rewards and prices are in the unit `points`."""
    del request
    return Reads(units=("points",))


def rewarded_reads(request: Any) -> Reads:
    """Returns what a check-in touches: it has no price."""
    del request
    return Reads(earned=("points",))


_COMMAND: Final = partial(Method, mode=Mode.COMMAND, is_previewed=True)
"""Is a command that may be tried first: nothing of it is secret or left to chance."""

SERVICE: Final = Service(
    descriptor=DESCRIPTOR.services_by_name["CheckinService"],
    methods=(
        _COMMAND(name="CheckIn", handler=handlers.check_in, reads=rewarded_reads),
        _COMMAND(name="MakeUp", handler=handlers.make_up, reads=usual_reads),
        _COMMAND(name="EquipFreeze", handler=handlers.equip_freeze, reads=usual_reads),
        _COMMAND(
            name="RevertCheckIn", handler=reverting.revert_check_in, reads=usual_reads
        ),
        Method(name="GetCalendar", mode=Mode.QUERY, handler=reading.get_calendar),
        Method(name="GetStreak", mode=Mode.QUERY, handler=reading.get_streak),
    ),
)


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="checkin",
        version="0.1.0",
        summary="Points for coming back, day after day",
        owner="points",
    )


@hookimpl
def config_model() -> type[Config]:
    """Returns the model of the section `plugins.checkin`."""
    return Config


@hookimpl
def services() -> Sequence[Service]:
    """Returns the one service of the plugin."""
    return (SERVICE,)


@hookimpl
def channels() -> Sequence[Channel]:
    """Returns the one channel that check-in moves points in."""
    return (CHANNEL,)


@hookimpl
def collections() -> Sequence[Collection[Any]]:
    """Returns the kinds of documents that check-in keeps."""
    return (CALENDARS, RECEIPTS, SNAPSHOTS)


@hookimpl
def reactions() -> Sequence[Reaction]:
    """Returns what check-in does about members who become one."""
    return (MERGING,)


@hookimpl
def reasons() -> Sequence[Reason]:
    """Returns the reasons for which check-in refuses."""
    return ALL
