"""What plugins will look at, read for the whole batch before anything is decided.

A hint alone: whatever else a plugin looks at is read on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from points.domain.commands import CallPlugin, Reads
from points.domain.identity import ISSUANCE, member_account
from points.domain.values import Kind
from points.engine.jobs import Routed
from points.engine.plugins.calls import documents_of_member, holds_of
from points.engine.plugins.missing import Look
from points.plugin.registry import Plugin, Registry


_OF_CALLS: Final = frozenset(
    {
        Kind.EARN,
        Kind.BURN,
        Kind.TRANSFER,
        Kind.TRANSFER_IN,
        Kind.HOLD,
        Kind.CAPTURE,
        Kind.VOID,
        Kind.LAPSE,
        Kind.REVERSE,
        Kind.POOL_IN,
        Kind.POOL_OUT,
        Kind.CALL,
    }
)
"""Kinds of what calls of plugins have recorded: who looks at those looks at calls.

Members are merged by no plugin.
"""


@dataclass(frozen=True)
class Foresight:
    """Is which plugins look at documents of members, for commands of each kind."""

    registry: Registry
    interested: Mapping[Kind, Sequence[Plugin]]

    @classmethod
    def of(cls, registry: Registry, asked: Iterable[tuple[Kind, Plugin]]) -> Foresight:
        """Returns it for plugins that are asked about records of some kinds."""
        found: dict[Kind, dict[str, Plugin]] = {}
        for kind, plugin in asked:
            if documents_of_member(plugin, "", 0):
                found.setdefault(kind, {})[plugin.name] = plugin
                if kind in _OF_CALLS:
                    found.setdefault(Kind.CALL, {})[plugin.name] = plugin
        return cls(registry, {each: tuple(found[each].values()) for each in found})

    def reads(self, commands: Sequence[Routed], part_count: int) -> list[Routed]:
        """Returns what reads for the plugins that the commands call, or interest."""
        if not self.registry.plugins:
            return []
        calls = [each.command for each in commands if type(each.command) is CallPlugin]
        more = [each for call in calls for each in holds_of(call, part_count)]
        if not self.interested:
            return more
        found = ((each, self.interested.get(each.command.kind)) for each in commands)
        more += [_look(routed, plugins) for routed, plugins in found if plugins]
        return more


def _look(routed: Routed, plugins: Sequence[Plugin]) -> Routed:
    """Returns what reads of a command's member what plugins will look at.

    Their documents, the tiers, and what it takes to earn in the command's unit.
    """
    command, part = routed.command, routed.part
    unit = getattr(command, "unit", "")
    names = (member_account(command.member_id), ISSUANCE) if unit else ()
    asks = Reads(
        accounts=tuple((name, unit) for name in names), progress=True, standings=True
    )
    documents = (documents_of_member(each, command.member_id, part) for each in plugins)
    return Routed(
        Look(member_id=command.member_id, asks=asks),
        part,
        "",
        documents=tuple(each for found in documents for each in found),
    )
