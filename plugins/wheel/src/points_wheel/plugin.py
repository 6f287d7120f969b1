"""What the plugin declares to the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from points.plugin import (
    Channel,
    Collection,
    Flow,
    Job,
    Manifest,
    Method,
    Mode,
    Owner,
    Reaction,
    Reason,
    Service,
    hookimpl,
)
from points_wheel import reasons as no
from points_wheel.cards import card_reads, claim_item, reveal_card
from points_wheel.commands import verify
from points_wheel.config import WheelConfig
from points_wheel.documents import (
    AWAY,
    GROUP,
    LIFETIME,
    PLAYER,
    SEED,
    SHARED,
    SPIN,
    WINNER,
)
from points_wheel.merging import MERGING
from points_wheel.proving import list_spins, verify_spin
from points_wheel.pruning import (
    FORGET,
    PRUNE,
    forget,
    forget_reads,
    prune,
    prune_reads,
)
from points_wheel.seeds import reveal_seed, rotate_seed
from points_wheel.showing import get_wheel
from points_wheel.spinning import spin, spin_reads
from points_wheel.v1.wheel_service_pb2 import DESCRIPTOR
from points_wheel.voiding import void_spin
from points_wheel.winners import FORGET_WINNER, forget_winner, list_winners


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="wheel",
        version="0.1.0",
        summary="Wheels, grids, slots and scratch cards whose draws can be proved",
        owner="points",
    )


@hookimpl
def config_model() -> type[WheelConfig]:
    """Returns the model of the section `plugins.wheel`."""
    return WheelConfig


@hookimpl
def channels() -> Sequence[Channel]:
    """Returns the channel of costs and prizes; VoidSpin alone reverses them."""
    flows = frozenset({Flow.EARN, Flow.BURN})
    return (Channel(name="wheel", flows=flows, is_reversible=False),)


@hookimpl
def collections() -> Sequence[Collection[Any]]:
    """Returns the documents of players, spins, seeds and wheels."""
    return (PLAYER, LIFETIME, SPIN, SEED, SHARED, AWAY, GROUP, WINNER)


@hookimpl
def jobs() -> Sequence[Job]:
    """Returns what removes draws and counts that are not kept any longer."""
    return (
        Job(name=PRUNE, handler=prune, owner=Owner.MEMBER, reads=prune_reads),
        Job(name=FORGET, handler=forget, owner=Owner.OBJECT, reads=forget_reads),
        Job(name=FORGET_WINNER, handler=forget_winner, owner=Owner.OBJECT),
    )


@hookimpl
def reactions() -> Sequence[Reaction]:
    """Returns what a wheel does about members who become one."""
    return (MERGING,)


@hookimpl
def reasons() -> Sequence[Reason]:
    """Returns every reason for which a wheel refuses."""
    return no.ALL


@hookimpl
def commands() -> Sequence[Any]:
    """Returns `points wheel verify`."""
    return (verify,)


@hookimpl
def services() -> Sequence[Service]:
    """Returns the WheelService."""
    methods = (
        Method(name="GetWheel", mode=Mode.QUERY, handler=get_wheel),
        Method(name="Spin", mode=Mode.COMMAND, handler=spin, reads=spin_reads),
        Method(
            name="RevealCard",
            mode=Mode.COMMAND,
            handler=reveal_card,
            reads=card_reads,
        ),
        Method(
            name="ClaimItem",
            mode=Mode.COMMAND,
            handler=claim_item,
            reads=card_reads,
            is_previewed=True,
        ),
        Method(name="ListSpins", mode=Mode.QUERY, handler=list_spins),
        Method(name="ListWinners", mode=Mode.QUERY, handler=list_winners),
        Method(name="VerifySpin", mode=Mode.QUERY, handler=verify_spin),
        Method(name="RotateSeed", mode=Mode.COMMAND, handler=rotate_seed),
        Method(name="RevealSeed", mode=Mode.QUERY, handler=reveal_seed),
        Method(
            name="VoidSpin",
            mode=Mode.COMMAND,
            handler=void_spin,
            reads=card_reads,
            is_previewed=True,
        ),
    )
    descriptor = DESCRIPTOR.services_by_name["WheelService"]
    return (Service(descriptor=descriptor, methods=methods),)
