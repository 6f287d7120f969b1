"""What passes through the channels of a plugin: declared flows, up to their caps.

What a member has moved under a cap is a document of the plugin in the member's part.
What all have moved together is a shared counter: a budget.
"""

from __future__ import annotations

from points.domain.calendar.windows import Window, WindowKind, window_of
from points.domain.commands.base import LedgerCommand
from points.domain.counters import CounterKey, CounterMove
from points.domain.documents import (
    CAP_COLLECTION,
    Document,
    DocumentPlace,
    DocumentRange,
)
from points.domain.identity import member_account, part_of
from points.domain.program import Program
from points.domain.refusals import BudgetExhausted, LimitExceeded
from points.domain.state import CountersMissing
from points.engine.plugins.codec import read_tree, write_tree
from points.engine.plugins.missing import ReadsMissing, look_at
from points.engine.plugins.work import Work
from points.plugin.channels import Cap, Channel, Flow
from points.plugin.registry import Plugin


class Flows:
    """Holds what a plugin has the ledger do against the channels it has declared."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def check(self, command: LedgerCommand, flow: Flow) -> Channel:
        """Returns the channel of a command; raises ValueError if none lets it by."""
        channel = self._work.plugin.ways.get(command.channel)
        if channel is None or flow not in channel.flows:
            raise ValueError(f"channel {command.channel!r} lets no {flow} through")
        return channel

    def count(self, command: LedgerCommand, channel: Channel, flow: Flow) -> None:
        """Counts what a command moves against the caps of its channel.

        Raises LimitExceeded, and BudgetExhausted for what members share.
        """
        for cap in channel.caps:
            if (cap.flow, cap.unit) == (flow, command.unit):
                if cap.is_shared:
                    self._count_shared(command, channel, cap)
                else:
                    self._count_own(command, channel, cap)

    def _count_shared(self, command: LedgerCommand, channel: Channel, cap: Cap) -> None:
        work = self._work
        window = _window(cap, work.program, work.workspace.now)
        key = (_counter_name(work.plugin, channel, cap), window.start_time)
        before = work.changed.counters.get(key)
        moved = before.used if before else 0
        try:
            used = work.workspace.counter(*key).used + moved
        except CountersMissing as missing:
            work.need(missing)
        points = _points_of(command)
        if used + points > cap.points:
            left = max(0, cap.points - used)
            raise BudgetExhausted(channel.name, cap.unit, left, points)
        move = CounterMove(key[0], *window, used=moved + points)
        work.changed.counters[key] = move

    def _count_own(self, command: LedgerCommand, channel: Channel, cap: Cap) -> None:
        work = self._work
        window = _window(cap, work.program, work.workspace.now)
        place = _place(work, command.member_id, channel, cap)
        used = self._used(place, window.start_time) + _points_of(command)
        if used > cap.points:
            account = member_account(command.member_id)
            raise LimitExceeded(f"{account} in {channel.name}", cap.unit, cap.points)
        work.put(Document(*place, 1, write_tree([window.start_time, used])))

    def _used(self, place: DocumentPlace, start_time: int) -> int:
        """Returns what was moved in the window that begins then."""
        stock, work = self._work.workspace.stock, self._work
        found = work.changed.documents.get(place) or stock.documents.get(place)
        if found is None:
            spans = stock.document_spans.get(place[:4], ())
            if not any(span.covers(place[4]) for span in spans):
                work.need(ReadsMissing(look_at(DocumentRange.of(place))))
            return 0
        start, used = read_tree(found.body)
        return int(used) if start == start_time else 0


def counters_of(plugin: Plugin, program: Program, now: int) -> tuple[CounterKey, ...]:
    """Returns the shared counters of all caps of a plugin, in their windows of now."""
    return tuple(
        (_counter_name(plugin, channel, cap), _window(cap, program, now).start_time)
        for channel, cap in plugin.caps
        if cap.is_shared
    )


def _points_of(command: LedgerCommand) -> int:
    """Returns what a command moves; the fee of a transfer comes on top."""
    points: int = command.points
    return points + getattr(command, "fee_points", 0)


def _window(cap: Cap, program: Program, now: int) -> Window:
    return window_of(WindowKind(cap.window.value), now, program.zone)


def _counter_name(plugin: Plugin, channel: Channel, cap: Cap) -> str:
    return f"plugin:{plugin.name}:{CAP_COLLECTION}{_cap_name(channel, cap)}"


def _cap_name(channel: Channel, cap: Cap) -> str:
    return f"{channel.name}/{cap.flow}/{cap.unit}/{cap.window}"


def _place(work: Work, member_id: str, channel: Channel, cap: Cap) -> DocumentPlace:
    part = part_of(member_id, work.part_count)
    name = _cap_name(channel, cap)
    return part, work.plugin.name, CAP_COLLECTION, member_id, name
