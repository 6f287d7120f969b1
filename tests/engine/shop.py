"""A plugin for tests: a shop with stamps of members, and boards that all see.

Its messages are its own, so that the engine is seen to need no protobuf.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, Self

from points.domain.commands import CallPlugin
from points.engine.plugins.plugins import Plugins
from points.plugin import (
    Answer,
    Channel,
    Collection,
    Context,
    Flow,
    Job,
    Manifest,
    Method,
    Mode,
    Owner,
    Reads,
    Reason,
    Refused,
    Run,
    Service,
)
from points.plugin.registry import Plugin, Registry


class Message:
    """Is a request or response: any JSON object."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def __getattr__(self, name: str) -> Any:
        return self.fields.get(name, "")

    def SerializeToString(self, *, deterministic: bool = False) -> bytes:  # noqa: N802 - as protobuf has it
        """Returns the message as bytes."""
        return json.dumps(self.fields, sort_keys=deterministic).encode()

    @classmethod
    def FromString(cls, body: bytes) -> Self:  # noqa: N802 - as protobuf has it
        """Returns the message that was written."""
        return cls(**json.loads(body))


@dataclass(frozen=True)
class Stamps:
    """Is how many stamps a member has."""

    count: int


@dataclass(frozen=True)
class Bid:
    """Is who leads on a board, and the hold that backs it."""

    member_id: str
    points: int
    hold_id: str


STAMPS: Final = Collection(name="stamps", type=Stamps)
BOARD: Final = Collection(name="board", type=Bid, owner=Owner.OBJECT)
TOO_LOW: Final = Reason("TOO_LOW", Answer.FAILED_PRECONDITION, "{points} is too low")
NO_BOARD: Final = Reason("NO_BOARD", Answer.INVALID_ARGUMENT, "no board {board}")


def stamp(context: Context, request: Message) -> Message:
    """Earns points and adds a stamp."""
    before = context.state.get(STAMPS, request.member_id) or Stamps(0)
    after = Stamps(before.count + 1)
    context.state.put(STAMPS, request.member_id, after)
    posted = context.ledger.earn(request.points or 10)
    return Message(count=after.count, transaction_id=posted.transaction_id)


def bid(context: Context, request: Message) -> Message:
    """Holds points for the lead on a board, and gives the leader's back."""
    if not request.board:
        raise Refused(NO_BOARD, board="")
    leader = context.state.get(BOARD, request.board)
    if leader is not None:
        context.ledger.void_hold(leader.hold_id, member_id=leader.member_id)
    placed = context.ledger.place_hold(request.points)
    if leader is not None and request.points <= leader.points:
        raise Refused(TOO_LOW, points=request.points)
    mine = Bid(request.member_id, request.points, placed.hold_id)
    context.state.put(BOARD, request.board, mine)
    return Message(leader=request.member_id)


def bid_reads(request: Message) -> Reads:
    """Returns the board and the unit of bids."""
    return Reads(units=("points",), objects=(request.board,) if request.board else ())


def stamp_reads(_request: Message) -> Reads:
    """Returns the unit of what is earned."""
    return Reads(units=("points",))


@dataclass
class Shop:
    """Makes the plugin; `extra` methods, by name, are a test's own."""

    extra: Mapping[str, Callable[[Context, Message], Message]] = field(
        default_factory=dict
    )
    reads: Mapping[str, Callable[[Message], Reads]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[[Context, Run], None]] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    name: str = "shop"

    def plugin(self) -> Plugin:
        """Returns the plugin."""
        handlers = {"Stamp": stamp, "Bid": bid, **self.extra}
        reads = {"Stamp": stamp_reads, "Bid": bid_reads, **self.reads}
        methods = tuple(
            Method(name=name, mode=Mode.COMMAND, handler=each, reads=reads.get(name))
            for name, each in handlers.items()
        )
        kind = SimpleNamespace(_concrete_class=Message)
        described = SimpleNamespace(input_type=kind, output_type=kind)
        descriptor = SimpleNamespace(
            full_name=f"{self.name}.Service",
            methods_by_name=dict.fromkeys(handlers, described),
        )
        channel = Channel(name=self.name, flows=frozenset(Flow))
        declared: dict[str, Any] = {
            "channels": (channel,),
            "collections": (STAMPS, BOARD),
            "reasons": (TOO_LOW, NO_BOARD),
            **self.more,
        }
        return Plugin(
            manifest=Manifest(name=self.name, version="1.0", summary="A shop."),
            distribution=f"points-{self.name}",
            services=(Service(descriptor=descriptor, methods=methods),),
            jobs=tuple(Job(name=n, handler=each) for n, each in self.jobs.items()),
            **declared,
        )

    def plugins(self, random: Any = None) -> Plugins:
        """Returns what an engine takes."""
        return Plugins(Registry((self.plugin(),)), random)


def call(
    method: str, member_id: str = "ada", request_id: str = "c1", **fields: Any
) -> CallPlugin:
    """Returns a call of the shop by a member."""
    body = Message(member_id=member_id, **fields).SerializeToString(deterministic=True)
    return CallPlugin(
        member_id=member_id,
        request_id=request_id,
        plugin="shop",
        method=f"shop.Service/{method}",
        body=body,
    )
