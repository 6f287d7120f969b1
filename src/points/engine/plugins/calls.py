"""Calls on their way to the writer: what a plugin says that it will read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from points.domain.commands import CallPlugin, Reads, VoidHold
from points.domain.commands.base import NO_READS
from points.domain.documents import (
    CAP_COLLECTION,
    JOB_PREFIX,
    LAST_KEY,
    Document,
    DocumentRange,
    object_home,
)
from points.domain.identity import (
    ISSUANCE,
    burn_account,
    held_account,
    member_account,
    part_of,
)
from points.domain.program import Program
from points.domain.refusals import PluginDisabled
from points.engine.jobs import Routed
from points.engine.plugins.flows import counters_of
from points.engine.plugins.job_runs import Waiting, document_of_run
from points.engine.plugins.keys import Keyring
from points.engine.plugins.state import DOCUMENTS_READ, LIST_MAX
from points.plugin import methods
from points.plugin.documents import Owner
from points.plugin.methods import Method
from points.plugin.registry import Plugin, Registry


def method_of(registry: Registry, plugin: str, name: str) -> Method:
    """Returns a method of a plugin; raises PluginDisabled if it takes no part."""
    try:
        return registry.methods[plugin, name]
    except KeyError:
        raise PluginDisabled(plugin) from None


def plugin_of(registry: Registry, name: str) -> Plugin:
    """Returns a plugin; raises PluginDisabled if it takes no part."""
    try:
        return registry.by_name[name]
    except KeyError:
        raise PluginDisabled(name) from None


def messages_of(plugin: Plugin, name: str) -> tuple[Any, Any]:
    """Returns the classes of a method's request and response."""
    try:
        return plugin.messages[name]
    except KeyError:
        raise PluginDisabled(plugin.name) from None


class Ground(NamedTuple):
    """Is what calls are prepared on: how many parts there are, and roughly when."""

    part_count: int
    program: Program
    now: int


def prepared(
    registry: Registry, keyring: Keyring, command: CallPlugin, ground: Ground
) -> CallPlugin:
    """Returns the call with its request read, and what the plugin will read.

    Shared caps are read in the windows of now: in others, they are read on demand.
    Raises PluginDisabled, and whatever the plugin's own function raises.
    """
    plugin, part_count = plugin_of(registry, command.plugin), ground.part_count
    counters = counters_of(plugin, ground.program, ground.now) if plugin.caps else ()
    home_ranges = _of_home(plugin, command, part_count)
    digest_key, digest_keys_then = b"", tuple[bytes, ...]()
    if command.is_job:
        document = document_of_run(command, part_of(command.member_id, part_count))
        home_ranges = (DocumentRange.of(document.place()), *home_ranges)
        request, reads = None, _reads_of_run(plugin, document)
    else:
        method = method_of(registry, command.plugin, command.method)
        if method.is_secret:
            digest_key = keyring.digest_key(command.plugin)
            digest_keys_then = keyring.digest_keys_then(command.plugin)
        request = command.request
        if request is None:
            request = messages_of(plugin, command.method)[0].FromString(command.body)
        reads = methods.Reads() if method.reads is None else method.reads(request)
    climbs = ground.program.ladders is not None
    wants = _points_of(plugin, command.caller_id, reads, climbs=climbs)
    others = [name for name in reads.members if name != command.caller_id]
    others_wanted = [
        (name, _points_of(plugin, name, reads, climbs=climbs)) for name in others
    ]
    # Their parts are locked: what is read of the holds is added to each batch.
    others_wanted += [(name, NO_READS) for name, _ in reads.holds]
    return command.reading(
        request,
        wants._replace(counters=counters) if counters else wants,
        tuple(others_wanted),
        (*home_ranges, *_asked(plugin, reads, others, part_count)),
        reads.holds,
        digest_key=digest_key,
        digest_keys_then=digest_keys_then,
    )


def holds_of(command: CallPlugin, part_count: int) -> list[Routed]:
    """Returns what reads the holds that a call will capture or void."""
    return [
        Routed(
            VoidHold(member_id=name, request_id="", hold_id=hold_id),
            part_of(name, part_count),
            "",
        )
        for name, hold_id in command.holds
    ]


def _reads_of_run(plugin: Plugin, document: Document) -> methods.Reads:
    """Returns what a run of a job will read, as far as the plugin says so."""
    job = next((j for j in plugin.jobs if JOB_PREFIX + j.name == document[2]), None)
    if job is None or job.reads is None:
        return methods.Reads()
    return job.reads(Waiting.of(document).run(document))


def documents_of_member(
    plugin: Plugin, member_id: str, part: int
) -> tuple[DocumentRange, ...]:
    """Returns what reads the documents that a plugin has of a member."""
    return tuple(_all_of(plugin, Owner.MEMBER, member_id, part))


def _points_of(
    plugin: Plugin, member_id: str, reads: methods.Reads, *, climbs: bool
) -> Reads:
    """Returns what is read to earn, burn and hold points of a member.

    And what it takes to tell its tiers where it `climbs` any ladders.
    """
    if not member_id:
        return NO_READS
    units, mine = reads.units, member_account(member_id)
    accounts = [(name, unit) for unit in reads.earned for name in (mine, ISSUANCE)]
    if units:
        names = [mine, held_account(member_id), ISSUANCE]
        names += map(burn_account, plugin.sinks)
        accounts += [(name, unit) for unit in units for name in names]
    return Reads(
        accounts=tuple(accounts),
        lots_of_units=units,
        progress=climbs,
        standings=climbs,
    )


def _of_home(
    plugin: Plugin, command: CallPlugin, part_count: int
) -> tuple[DocumentRange, ...]:
    """Returns the documents of the member or object that a call belongs to."""
    owner = Owner.OBJECT if command.object_id else Owner.MEMBER
    name = command.object_id or command.caller_id
    return tuple(_all_of(plugin, owner, name, _part(plugin, owner, name, part_count)))


def _asked(
    plugin: Plugin, reads: methods.Reads, others: list[str], part_count: int
) -> Iterator[DocumentRange]:
    for name in others:
        part = _part(plugin, Owner.MEMBER, name, part_count)
        yield from _all_of(plugin, Owner.MEMBER, name, part)
    for name in reads.objects:
        part = _part(plugin, Owner.OBJECT, name, part_count)
        yield from _all_of(plugin, Owner.OBJECT, name, part)
    kept = plugin.kept
    for collection, owner, key in reads.documents:
        part = _part(plugin, kept[collection].owner, owner, part_count)
        yield DocumentRange.of((part, plugin.name, collection, owner, key))
    for collection, owner, after, limit in reads.pages:
        part = _part(plugin, kept[collection].owner, owner, part_count)
        # One more, for a range begins with its start.
        most = min(limit, LIST_MAX) + 1
        yield DocumentRange(part, plugin.name, collection, owner, after, limit=most)


def _all_of(
    plugin: Plugin, owner: Owner, name: str, part: int
) -> Iterator[DocumentRange]:
    kept, limit = plugin.name, DOCUMENTS_READ
    for each in plugin.read_ahead[owner]:
        yield DocumentRange(part, kept, each, name, "", LAST_KEY, limit)
    if plugin.has_own_caps and owner is Owner.MEMBER:
        yield DocumentRange(part, kept, CAP_COLLECTION, name, "", LAST_KEY, limit)


def _part(plugin: Plugin, owner: Owner, name: str, part_count: int) -> int:
    is_object = owner is Owner.OBJECT
    return part_of(object_home(plugin.name, name) if is_object else name, part_count)
