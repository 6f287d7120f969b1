"""A plugin for tests of servers: it greets members, and counts how often.

Its proto is described by hand, in the pool of everybody, so that reflection has it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from pydantic import BaseModel, ConfigDict

from points.plugin import (
    Answer,
    Channel,
    Collection,
    Context,
    Flow,
    Manifest,
    Method,
    Mode,
    Reads,
    Reason,
    Refused,
    Service,
)
from points.plugin.host import Host
from points.plugin.registry import Plugin
from points.plugin.statuses import PluginState, PluginStatus


PACKAGE: Final = "points.plugins.greeter.v1"
SERVICE: Final = f"{PACKAGE}.GreeterService"

_TEXT: Final = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
_INT64: Final = descriptor_pb2.FieldDescriptorProto.TYPE_INT64
_BOOL: Final = descriptor_pb2.FieldDescriptorProto.TYPE_BOOL
_ONE: Final = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL


def _described() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="points_greeter/v1/greeter_service.proto", package=PACKAGE, syntax="proto3"
    )
    request = file.message_type.add(name="GreetRequest")
    request.field.add(name="member_id", number=1, type=_TEXT, label=_ONE)
    request.field.add(name="request_id", number=2, type=_TEXT, label=_ONE)
    request.field.add(name="how", number=3, type=_TEXT, label=_ONE)
    request.field.add(name="validate_only", number=4, type=_BOOL, label=_ONE)
    asked = file.message_type.add(name="CountRequest")
    asked.field.add(name="member_id", number=1, type=_TEXT, label=_ONE)
    response = file.message_type.add(name="Greetings")
    response.field.add(name="count", number=1, type=_INT64, label=_ONE)
    response.field.add(name="revision", number=2, type=_TEXT, label=_ONE)
    response.field.add(name="replayed", number=3, type=_BOOL, label=_ONE)
    service = file.service.add(name="GreeterService")
    for name, asks, streams in (
        ("Greet", "GreetRequest", False),
        ("Count", "CountRequest", False),
        ("WatchCount", "CountRequest", True),
    ):
        service.method.add(
            name=name,
            input_type=f".{PACKAGE}.{asks}",
            output_type=f".{PACKAGE}.Greetings",
            server_streaming=streams,
        )
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindServiceByName(SERVICE)


DESCRIPTOR: Final = _described()
GreetRequest: Final[Any] = GetMessageClass(
    DESCRIPTOR.methods_by_name["Greet"].input_type
)
CountRequest: Final[Any] = GetMessageClass(
    DESCRIPTOR.methods_by_name["Count"].input_type
)
Greetings: Final[Any] = GetMessageClass(DESCRIPTOR.methods_by_name["Greet"].output_type)

AWAKE: Final = threading.Event()
"""Ends the sleep of who is greeted with `sleep`."""

RUDE: Final = Reason("RUDE", Answer.PERMISSION_DENIED, "{how} is no greeting")
ENOUGH: Final = Reason("ENOUGH", Answer.RESOURCE_EXHAUSTED, "{count} are enough")


class Settings(BaseModel):
    """Is the section of the plugin."""

    model_config = ConfigDict(extra="forbid")

    points: int = 3
    most: int = 100


@dataclass(frozen=True)
class Count:
    """Is how often a member was greeted."""

    count: int = 0


COUNTS: Final = Collection(name="count", type=Count)


def greet(ctx: Context, request: Any) -> Any:
    """Greets a member, for points."""
    if request.how == "crash":
        raise RuntimeError("secret of the plugin")
    if request.how == "rubbish":
        return "rubbish"
    if request.how == "sleep":
        AWAKE.wait(60)
    if request.how == "rude":
        raise Refused(RUDE, how=request.how)
    after = (ctx.state.get(COUNTS, request.member_id) or Count()).count + 1
    if after > ctx.config.most:
        raise Refused(ENOUGH, count=after - 1)
    ctx.ledger.earn(ctx.config.points, reason="greeting")
    ctx.state.put(COUNTS, request.member_id, Count(after))
    return Greetings(count=after)


def count(ctx: Context, request: Any) -> Any:
    """Tells how often a member was greeted."""
    if request.member_id == "rubbish":
        return "rubbish"
    if request.member_id == "leave":
        raise SystemExit(1)
    if request.member_id == "interrupt":
        raise KeyboardInterrupt
    if request.member_id == "sleep":
        AWAKE.wait(60)
    found = ctx.state.get(COUNTS, request.member_id) or Count()
    return Greetings(count=found.count)


GREETER: Final = Plugin(
    manifest=Manifest(name="greeter", version="1.2", summary="Greets", owner="tests"),
    distribution="points-greeter",
    config_model=Settings,
    services=(
        Service(
            descriptor=DESCRIPTOR,
            methods=(
                Method(
                    name="Greet",
                    mode=Mode.COMMAND,
                    handler=greet,
                    reads=lambda _: Reads(units=("points",)),
                ),
                Method(name="Count", mode=Mode.QUERY, handler=count),
                Method(name="WatchCount", mode=Mode.WATCH, handler=count),
            ),
        ),
    ),
    channels=(Channel(name="greeter", flows=frozenset({Flow.EARN})),),
    collections=(COUNTS,),
    reasons=(RUDE, ENOUGH),
)


def host(health: str = "") -> Host:
    """Returns a host of the greeter alone, beside one that has failed."""
    good = PluginStatus(
        name="greeter",
        distribution="points-greeter",
        state=PluginState.ENABLED,
        version="1.2",
        summary="Greets",
    )
    bad = PluginStatus(
        name="mute",
        distribution="points-mute",
        state=PluginState.FAILED,
        reason="no manifest",
    )
    return Host((good, bad), (GREETER,), {"greeter": {"health": lambda: health}})
