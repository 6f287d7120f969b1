"""The host's own plugin: what operators want of the others, kept as documents.

So a switch is a command like any other: idempotent, recorded, exported, and seen by
every server of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from points.domain.checks import name_problem
from points.domain.documents import CORE_PLUGIN
from points.domain.refusals import InvalidArgument, PluginNotFound
from points.plugin import Collection as Documents
from points.plugin import Context, Manifest, Method, Mode, Owner, Service
from points.plugin.manifest import API_VERSION
from points.plugin.registry import Plugin
from points.v1 import plugin_service_pb2 as pb


PATH: Final = pb.DESCRIPTOR.services_by_name["PluginService"].full_name
SET_STATE: Final = f"{PATH}/SetPluginState"
LIST: Final = f"{PATH}/ListPlugins"

REASON_CHARACTERS_MAX: Final = 256
"""Longest reason of an operator, as everywhere."""

HOST_OPERATOR: Final = "points"
"""Who switches plugins off that have hung."""

_PAGE: Final = 100
_WISHES: Final = (pb.PLUGIN_STATE_ENABLED, pb.PLUGIN_STATE_DISABLED)


@dataclass(frozen=True, slots=True)
class Switch:
    """Is what an operator wants of a plugin, and why."""

    is_off: bool
    operator: str
    reason: str


class Hung(NamedTuple):
    """Is a plugin that an earlier server could not go on with, and why.

    `request_id` tells the time that it has hung from all others.
    """

    plugin: str
    hook: str
    seconds: float
    request_id: str

    def reason(self) -> str:
        """Returns why the plugin is switched off."""
        text = f"hung for {self.seconds:g} s in {self.hook}"
        return text[:REASON_CHARACTERS_MAX]

    def request(self) -> pb.SetPluginStateRequest:
        """Returns the request of the host to switch the plugin off."""
        return pb.SetPluginStateRequest(
            name=self.plugin,
            state=pb.PLUGIN_STATE_DISABLED,
            operator=HOST_OPERATOR,
            reason=self.reason(),
            request_id=self.request_id,
        )


SWITCHES: Final = Documents(name="plugin_state", type=Switch, owner=Owner.OBJECT)


def core_plugin(is_installed: Callable[[str], bool]) -> Plugin:
    """Returns the host's own plugin, which switches those that are installed."""

    def set_state(
        ctx: Context, request: pb.SetPluginStateRequest
    ) -> pb.SetPluginStateResponse:
        _check(request)
        if not is_installed(request.name):
            raise PluginNotFound(request.name)
        is_off = request.state == pb.PLUGIN_STATE_DISABLED
        switch = Switch(is_off, request.operator, request.reason)
        ctx.state.put(SWITCHES, request.name, switch)
        return pb.SetPluginStateResponse(state=request.state)

    methods = (
        Method(
            name="SetPluginState",
            mode=Mode.COMMAND,
            handler=set_state,
            home=lambda request: str(request.name),
        ),
        Method(name="ListPlugins", mode=Mode.QUERY, handler=_switches),
    )
    descriptor = pb.DESCRIPTOR.services_by_name["PluginService"]
    return Plugin(
        manifest=Manifest(name=CORE_PLUGIN, version=API_VERSION, summary="The host"),
        distribution="points-engine",
        services=(Service(descriptor=descriptor, methods=methods),),
        collections=(SWITCHES,),
    )


def switched_off(switches: Mapping[str, Switch]) -> Mapping[str, str]:
    """Returns the plugins that are off, each with the reason that callers see."""
    return {
        name: _said(switch.operator, switch.reason)
        for name, switch in switches.items()
        if switch.is_off
    }


def hung_off(hung: Iterable[Hung]) -> Mapping[str, str]:
    """Returns the plugins that have hung, each with the reason that callers see."""
    return {each.plugin: _said(HOST_OPERATOR, each.reason()) for each in hung}


def _said(operator: str, reason: str) -> str:
    return f"switched off by {operator}: {reason}"


def _switches(ctx: Context, _request: Any) -> Mapping[str, Switch]:
    """Returns every switch by the name of its plugin."""
    found: dict[str, Switch] = {}
    after = ""
    while page := ctx.state.scan(SWITCHES, after=after, limit=_PAGE):
        found |= {owner: switch for owner, _, switch in page}
        after = page[-1][0]
    return found


def _check(request: pb.SetPluginStateRequest) -> None:
    problems = {
        "state": _one_of(request.state, _WISHES),
        "operator": name_problem(request.operator),
        "reason": name_problem(request.reason, REASON_CHARACTERS_MAX),
    }
    violations = {field: what for field, what in problems.items() if what}
    if violations:
        raise InvalidArgument(violations)


def _one_of(state: int, wishes: Collection[int]) -> str | None:
    return None if state in wishes else "must be ENABLED or DISABLED"
