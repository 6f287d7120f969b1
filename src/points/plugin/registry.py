"""What all plugins that take part have declared, frozen for the hot path.

The host makes it once at start, and anew when a plugin is enabled or disabled; the
engine looks things up in it and calls no hook. Where nobody is interested, looking
costs one dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from points.plugin.channels import Cap, Channel, Flow
from points.plugin.documents import Collection, Owner
from points.plugin.manifest import Manifest
from points.plugin.methods import Method, Service
from points.plugin.reactions import Job, Reaction, Subscriber, Transform
from points.plugin.refusals import Reason


_SPENDING: Final = frozenset({Flow.BURN, Flow.HOLD})


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """Is everything that one plugin has declared."""

    manifest: Manifest
    distribution: str
    config_model: type[Any] | None = None
    services: tuple[Service, ...] = ()
    channels: tuple[Channel, ...] = ()
    collections: tuple[Collection[Any], ...] = ()
    reasons: tuple[Reason, ...] = ()
    transforms: tuple[Transform, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    jobs: tuple[Job, ...] = ()
    commands: tuple[Any, ...] = ()

    @cached_property
    def name(self) -> str:
        """Returns the name of the plugin."""
        return self.manifest.name

    @cached_property
    def kept(self) -> Mapping[str, Collection[Any]]:
        """Returns the collections by name."""
        return {each.name: each for each in self.collections}

    @cached_property
    def read_ahead(self) -> Mapping[Owner, Sequence[str]]:
        """Returns the names of the collections that calls read, of either owner."""
        ahead = [each for each in self.collections if each.read_ahead]
        return {
            owner: tuple(each.name for each in ahead if each.owner is owner)
            for owner in Owner
        }

    @cached_property
    def usual_channel(self) -> str:
        """Returns the name of the first channel; of the plugin, where there is none."""
        return self.channels[0].name if self.channels else self.name

    @cached_property
    def ways(self) -> Mapping[str, Channel]:
        """Returns the channels by name."""
        return {each.name: each for each in self.channels}

    @cached_property
    def caps(self) -> Sequence[tuple[Channel, Cap]]:
        """Returns the caps of all channels, each with its channel."""
        return tuple((each, cap) for each in self.channels for cap in each.caps)

    @cached_property
    def has_own_caps(self) -> bool:
        """Says whether it counts what each member moves."""
        return any(not cap.is_shared for _, cap in self.caps)

    @cached_property
    def sinks(self) -> Sequence[str]:
        """Returns the names of the channels in which points are burned or held."""
        return tuple(each.name for each in self.channels if each.flows & _SPENDING)

    @cached_property
    def messages(self) -> Mapping[str, tuple[Any, Any]]:
        """Returns the classes of request and response by the method's full name."""
        described = {
            f"{service.descriptor.full_name}/{name}": method
            for service in self.services
            for name, method in service.descriptor.methods_by_name.items()
        }
        return {
            name: (_class_of(method.input_type), _class_of(method.output_type))
            for name, method in described.items()
        }


def _class_of(message: Any) -> Any:
    return message._concrete_class  # noqa: SLF001 - its only way that needs no protobuf


class Bound(NamedTuple):
    """Is a function of a plugin, with the plugin it is of."""

    plugin: Plugin
    what: Any


@dataclass(frozen=True)
class Registry:
    """Is the plugins that take part, in their order, and who is interested in what.

    `methods` are by plugin and full name, such as
    `points.plugins.wheel.v1.WheelService/Spin`.
    """

    plugins: Sequence[Plugin] = ()
    methods: Mapping[tuple[str, str], Method] = field(init=False)
    by_name: Mapping[str, Plugin] = field(init=False)

    def __post_init__(self) -> None:
        methods = {
            (plugin.name, f"{service.descriptor.full_name}/{method.name}"): method
            for plugin in self.plugins
            for service in plugin.services
            for method in service.methods
        }
        object.__setattr__(self, "methods", methods)
        object.__setattr__(self, "by_name", {p.name: p for p in self.plugins})

    @cached_property
    def reactions(self) -> Mapping[str, Sequence[Bound]]:
        """Returns the reactions by the kind of record, where there are any."""
        found: dict[str, list[Bound]] = {}
        for plugin in self.plugins:
            for reaction in plugin.reactions:
                for kind in reaction.kinds:
                    found.setdefault(kind, []).append(Bound(plugin, reaction))
        return {kind: tuple(bound) for kind, bound in found.items()}

    @cached_property
    def transforms(self) -> Sequence[Bound]:
        """Returns what changes awards."""
        return tuple(Bound(p, one) for p in self.plugins for one in p.transforms)

    @cached_property
    def channels(self) -> Mapping[str, tuple[Plugin, Channel]]:
        """Returns the channels by name, with the plugin that each is of."""
        return {one.name: (p, one) for p in self.plugins for one in p.channels}

    @cached_property
    def jobs(self) -> Mapping[tuple[str, str], Job]:
        """Returns the jobs by plugin and name."""
        return {(p.name, job.name): job for p in self.plugins for job in p.jobs}

    @cached_property
    def of_objects(self) -> frozenset[tuple[str, str]]:
        """Returns the collections of objects by plugin and name, and their jobs'."""
        return frozenset(
            (plugin.name, prefix + each.name)
            for plugin in self.plugins
            for prefixes, declared in (
                (("",), plugin.collections),
                (("job:", "failed:"), plugin.jobs),
            )
            for each in declared
            if each.owner is Owner.OBJECT
            for prefix in prefixes
        )


NO_PLUGINS: Final = Registry()
