"""A second plugin for tests of servers: its query sleeps as long as the greeter's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool

from points.plugin import Context, Manifest, Method, Mode, Service
from points.plugin.host import Host
from points.plugin.registry import Plugin
from tests.plugin import greeter


PACKAGE: Final = "points.plugins.sleeper.v1"
SERVICE: Final = f"{PACKAGE}.SleeperService"


def _described() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="points_sleeper/v1/sleeper_service.proto",
        package=PACKAGE,
        syntax="proto3",
        dependency=["points_greeter/v1/greeter_service.proto"],
    )
    file.service.add(name="SleeperService").method.add(
        name="Sleep",
        input_type=f".{greeter.PACKAGE}.CountRequest",
        output_type=f".{greeter.PACKAGE}.Greetings",
    )
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindServiceByName(SERVICE)


def sleep(_ctx: Context, _request: Any) -> Any:
    """Sleeps until the greeter's guests are awake."""
    greeter.AWAKE.wait(60)
    return greeter.Greetings()


SLEEPER: Final = Plugin(
    manifest=Manifest(name="sleeper", version="1.0", summary="Sleeps", owner="tests"),
    distribution="points-sleeper",
    services=(
        Service(
            descriptor=_described(),
            methods=(Method(name="Sleep", mode=Mode.QUERY, handler=sleep),),
        ),
    ),
)


def host() -> Host:
    """Returns a host of the greeter and the sleeper."""
    alone = greeter.host()
    status = replace(
        alone.statuses[0],
        name="sleeper",
        distribution="points-sleeper",
        version="1.0",
        summary="Sleeps",
    )
    return replace(
        alone,
        statuses=(*alone.statuses, status),
        plugins=(*alone.plugins, SLEEPER),
    )
