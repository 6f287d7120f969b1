"""What may be declared: types, names and bounds, checked once at start.

The values are plain dataclasses that take whatever they are given; here a mistake
gets its sentence, before the engine would stumble over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import Parameter, isawaitable, iscoroutinefunction, signature
from typing import Any, Final

from points.domain.bounds import POINTS_MAX
from points.domain.identity import CORE_CHANNEL
from points.domain.values import Kind
from points.plugin.channels import Cap, Channel, Flow, Window
from points.plugin.documents import Collection
from points.plugin.manifest import Manifest
from points.plugin.reactions import Job, OnFailure, Reaction, Subscriber, Transform
from points.plugin.refusals import Answer, Reason
from points.plugin.statuses import Wrong


BYTES_MAX: Final = 1_048_576
"""Largest document that a collection may allow: a batch holds hundreds of them."""

ATTEMPTS_MAX: Final = 100
"""Most attempts at one job or event: with growing pauses this is months."""

RESERVED: Final = frozenset(
    {
        "close",
        "core",
        "demo",
        "export",
        "import",
        "migrate",
        "plugin",
        "plugins",
        "points",
        "program",
        "serve",
        "sweep",
        "system",
        "verify",
        "watch",
    }
)
"""Names that plugins cannot have: the host uses them, or the command line does."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_COLLECTION: Final = re.compile(r"[a-z0-9_]{1,32}")
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def check_manifest(manifest: Manifest, installed_as: str) -> None:
    """Raises Wrong unless the manifest introduces the plugin that was installed."""
    _check_fields("the manifest", manifest, _MANIFEST)
    _check_name("the manifest's name", manifest.name, _NAME)
    if manifest.name != installed_as:
        raise Wrong(
            f"it is installed as {installed_as}, but its manifest says {manifest.name}"
        )
    if manifest.name in RESERVED:
        raise Wrong(f"the name {manifest.name} is kept for the host itself")
    if not manifest.version:
        raise Wrong("the manifest has no version")


def check_model(model: Any) -> None:
    """Raises Wrong unless it is a model that has a default for everything."""
    wanted = ("model_validate", "model_json_schema")
    if not (isinstance(model, type) and all(hasattr(model, name) for name in wanted)):
        raise Wrong(
            f"the hook config_model must return a pydantic model, not {model!r}"
        )
    try:
        model.model_validate({})  # type: ignore[attr-defined] # seen above
    except ValueError as error:
        raise Wrong(
            f"the configuration has no default for everything: {error}"
        ) from None


def check_channel(_plugin: str, channel: Any) -> None:
    """Raises Wrong unless it is a channel whose caps are about its own flows."""
    what = _check_is(channel, Channel, _CHANNEL)
    _check_name(what, channel.name, _NAME)
    if channel.name == CORE_CHANNEL:
        raise Wrong(f"{what}: the name is that of the core's own channel")
    if not channel.flows or any(not isinstance(flow, Flow) for flow in channel.flows):
        raise Wrong(f"{what}: flows must be some of {', '.join(Flow)}")
    for cap in channel.caps:
        _check_is(cap, Cap, _CAP)
        if cap.flow not in channel.flows:
            raise Wrong(f"{what}: a cap is about {cap.flow}, which is no flow of it")
        if not 0 <= cap.points <= POINTS_MAX:
            raise Wrong(f"{what}: a cap must be from 0 to {POINTS_MAX} points")


def check_collection(_plugin: str, collection: Any) -> None:
    """Raises Wrong unless stored documents of every version can be read."""
    what = _check_is(collection, Collection, _COLLECTION_FIELDS)
    _check_name(what, collection.name, _COLLECTION)
    if collection.version < 1:
        raise Wrong(f"{what}: versions begin at 1")
    if not 1 <= collection.bytes_max <= BYTES_MAX:
        raise Wrong(f"{what}: bytes_max must be from 1 to {BYTES_MAX}")
    for version, upgrade in collection.upgrades.items():
        _check_function(f"{what}: upgrade {version}", upgrade, 1)
        if version not in range(1, collection.version):
            raise Wrong(f"{what}: there is nothing to upgrade from version {version}")


def check_reason(_plugin: str, reason: Any) -> None:
    """Raises Wrong unless it is a reason that callers can tell by its name."""
    what = _check_is(reason, Reason, _REASON_FIELDS)
    _check_name(what, reason.name, _REASON)


def check_transform(_plugin: str, transform: Any) -> None:
    """Raises Wrong unless it is a function of a context and an award."""
    what = _check_is(transform, Transform, _TRANSFORM)
    _check_name(what, transform.name, _NAME)
    _check_function(what, transform.handler, 2)


def check_reaction(_plugin: str, reaction: Any) -> None:
    """Raises Wrong unless it is a function of a context and a record of known kinds."""
    what = _check_is(reaction, Reaction, _REACTION)
    _check_name(what, reaction.name, _NAME)
    _check_function(what, reaction.handler, 2)
    unknown = sorted({str(kind) for kind in reaction.kinds} - set(Kind))
    if unknown or not reaction.kinds:
        said = unknown[0] if unknown else "nothing"
        raise Wrong(f"{what}: {said} is no kind of record, such as {Kind.EARN}")


def check_subscriber(_plugin: str, subscriber: Any) -> None:
    """Raises Wrong unless it is a function of an event."""
    what = _check_is(subscriber, Subscriber, _SUBSCRIBER)
    _check_name(what, subscriber.name, _NAME)
    _check_function(what, subscriber.handler, 1)
    _check_attempts(what, subscriber.attempts)


def check_job(_plugin: str, job: Any) -> None:
    """Raises Wrong unless it is a function of a context and a run."""
    what = _check_is(job, Job, _JOB)
    _check_name(what, job.name, _NAME)
    _check_function(what, job.handler, 2)
    _check_attempts(what, job.attempts)


def check_command(_plugin: str, command: Any) -> None:
    """Raises Wrong unless it is a command of click."""
    if not (isinstance(getattr(command, "name", None), str) and callable(command)):
        raise Wrong(f"the hook commands must return click commands, not {command!r}")


def check_handler(what: str, handler: Any, count: int) -> None:
    """Raises Wrong unless it is a plain function of so many arguments."""
    _check_function(what, handler, count)


def name_of(item: Any) -> str:
    """Returns the name that tells a declared thing from others of its kind."""
    descriptor = getattr(item, "descriptor", item)
    return str(getattr(descriptor, "full_name", None) or item.name)


def _check_is(item: Any, kind: type, fields: Mapping[str, Any]) -> str:
    """Returns how the thing is called; raises Wrong if it is none of this kind."""
    if not isinstance(item, kind):
        raise Wrong(f"a {kind.__name__} is expected, not {_shown(item)}")
    what = f"the {kind.__name__.lower()} {getattr(item, 'name', '')}".rstrip()
    _check_fields(what, item, fields)
    return what


def _check_fields(what: str, item: Any, fields: Mapping[str, Any]) -> None:
    for name, kind in fields.items():
        value = getattr(item, name)
        # True is an int to Python, but no number of points.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Wrong(f"{what}: {name} cannot be {_shown(value)}")


def _check_name(what: str, name: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(name):
        raise Wrong(f"{what}: {_shown(name)} does not match {pattern.pattern}")


def _check_attempts(what: str, attempts: int) -> None:
    if not 1 <= attempts <= ATTEMPTS_MAX:
        raise Wrong(f"{what}: attempts must be from 1 to {ATTEMPTS_MAX}")


def _check_function(what: str, function: Any, count: int) -> None:
    if not callable(function):
        raise Wrong(f"{what}: {_shown(function)} is no function")
    if iscoroutinefunction(function) or isawaitable(function):
        raise Wrong(f"{what}: its function is asynchronous, and has to be plain")
    if not _takes(function, count):
        raise Wrong(f"{what}: its function has to take {count} arguments")


def _takes(function: Callable[..., Any], count: int) -> bool:
    try:
        signature(function).bind(*[Parameter.empty] * count)
    except TypeError:
        return False
    except ValueError:
        return True  # Built-in functions do not always tell.
    return True


def _shown(value: Any) -> str:
    return repr(value)[:64]


_MANIFEST: Final = {
    "name": str,
    "version": str,
    "summary": str,
    "owner": str,
    "api": str,
    "requires": tuple,
    "priority": int,
}
_CHANNEL: Final = {
    "name": str,
    "flows": frozenset,
    "caps": tuple,
    "is_reversible": bool,
}
_CAP: Final = {
    "flow": Flow,
    "points": int,
    "window": Window,
    "unit": str,
    "is_shared": bool,
}
_COLLECTION_FIELDS: Final = {
    "name": str,
    "type": type,
    "version": int,
    "upgrades": Mapping,
    "bytes_max": int,
}
_REASON_FIELDS: Final = {"name": str, "answer": Answer, "sentence": str}
_TRANSFORM: Final = {"name": str, "channels": frozenset, "on_failure": OnFailure}
_REACTION: Final = {"name": str, "kinds": frozenset, "on_failure": OnFailure}
_SUBSCRIBER: Final = {"name": str, "events": frozenset, "attempts": int}
_JOB: Final = {"name": str, "attempts": int}
