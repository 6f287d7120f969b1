"""What one call of a plugin does, gathered until its record is written."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final, NoReturn

from points.domain.commands import Command, Earn, Reverse
from points.domain.counters import CounterKey, CounterMove
from points.domain.decisions import decide
from points.domain.documents import (
    Document,
    DocumentChange,
    DocumentPlace,
    DocumentRange,
    object_home,
)
from points.domain.identity import RESERVED_PREFIX, part_of
from points.domain.plugin_calls import Emitted, PluginCall
from points.domain.program import Program
from points.domain.refusals import InvalidArgument
from points.domain.state import (
    CountersMissing,
    Decision,
    HalfMissing,
    LotsMissing,
    PoolMissing,
    Side,
)
from points.domain.values import Kind, Record
from points.engine.gaps import GaveWay
from points.engine.jobs import Routed
from points.engine.plugins.missing import (
    ReadsMissing,
    check_half_read,
    check_read,
    look_at,
)
from points.engine.recording import carry_out_side, recorded, settle_lapses
from points.engine.tallies import Hook
from points.engine.workspace import Workspace
from points.plugin.documents import Owner
from points.plugin.registry import Plugin
from points.store.errors import CommitUnknown, StoreLost


CHANGES_MAX: Final = 1_000
"""Most documents, and most commands to the ledger, of one call."""

MERGE_CHANGES_MAX: Final = 10_000
"""The same of a reaction to a merge, which is one transaction whatever there is."""

READS_MAX: Final = 256
"""Most reads of one call that nobody could foresee: each is a round of statements.

Everybody waits for them, and what is asked for one by one has the call begun again and
again. Those for which it had to begin again count in all batches that it takes.
"""

MISSING: Final = (
    ReadsMissing,
    LotsMissing,
    CountersMissing,
    PoolMissing,
    HalfMissing,
)
"""Is raised when more has to be read: no function of a plugin may keep it."""


class TooMuch(Exception):  # noqa: N818 - says what a plugin does
    """Is raised when a call of a plugin changes or reads more than one may."""


@dataclass(slots=True)
class Changed:
    """Is what a call has changed so far, and which records it has had made."""

    documents: dict[DocumentPlace, Document] = field(default_factory=dict)
    events: list[Emitted] = field(default_factory=list)
    counters: dict[CounterKey, CounterMove] = field(default_factory=dict)
    made: list[Record] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Says whether anything has changed."""
        return bool(self.documents or self.events or self.counters or self.made)


@dataclass(slots=True)
class Work:
    """Is a call under way. `identity` tells it from all others, for ever.

    `hook` says what of the plugin is called.
    One that `is_reading` changes nothing. `transform` is what other plugins make of
    what is earned, and `request` the id that the caller gave. `changes_max` bounds what
    it changes, of each kind.
    """

    plugin: Plugin
    hook: Hook
    workspace: Workspace
    program: Program
    part: int
    member_id: str
    identity: tuple[object, ...]
    transform: Callable[[Workspace, Earn, int], Earn] | None = None
    request: str = ""
    is_reading: bool = False
    changes_max: int = CHANGES_MAX
    command_count: int = 0
    missing: Exception | None = None
    is_over: bool = False
    _name: str = ""
    _changed: Changed | None = None

    @property
    def changed(self) -> Changed:
        """Returns what has changed: made only now, for most reactions change nothing.

        What a function that is undone has changed here is of no account any more.
        """
        if self._changed is None:
            self._changed = Changed()
        return self._changed

    @property
    def name(self) -> str:
        """Returns what tells the call from all others, as 32 hexadecimal digits."""
        if not self._name:
            self._name = name_of_call(*map(str, self.identity))
        return self._name

    @property
    def method(self) -> str:
        """Returns the full name of the method, or what else of the plugin is called."""
        return self.hook[1]

    @property
    def part_count(self) -> int:
        """Returns how many parts the ledger has."""
        return self.workspace.part_count

    @property
    def channel(self) -> str:
        """Returns the channel that is usual for the plugin."""
        return self.plugin.usual_channel

    def request_id(self, what: object) -> str:
        """Returns the request id of something that the call has the ledger do."""
        return f"{RESERVED_PREFIX}plugin/{self.plugin.name}/{self.name}/{what}"

    def part_of(self, owner: Owner, name: str) -> int:
        """Returns the part of the documents of a member or an object."""
        is_object = owner is Owner.OBJECT
        home = object_home(self.plugin.name, name) if is_object else name
        return part_of(home, self.part_count)

    @property
    def is_idle(self) -> bool:
        """Says whether nothing has changed."""
        return not self._changed

    def anew(self) -> Work:
        """Returns the same call with nothing done."""
        return replace(
            self,
            command_count=0,
            missing=None,
            is_over=False,
            _changed=None,
        )

    def check_open(self) -> None:
        """Raises RuntimeError once the call is over: contexts are not kept."""
        if self.is_over:
            raise RuntimeError("the call of this context is over")

    def check_writing(self) -> None:
        """Raises TypeError where nothing may be changed."""
        self.check_open()
        if self.is_reading:
            raise TypeError(f"{self.method} reads, and changes nothing")

    def need(self, missing: Exception) -> NoReturn:
        """Asks for more to be read, whatever the plugin makes of it.

        Raises TooMuch if it has asked too often.
        """
        self._check_read_count()
        self.workspace.asked[self._call] += 1
        self.missing = self.missing or missing
        raise missing

    def check_read(self, routed: Routed) -> None:
        """Raises ReadsMissing unless all that a command reads is known."""
        try:
            check_read(self.workspace, self.program, routed)
        except ReadsMissing as missing:
            if not self._is_read_now(routed, missing.wanted):
                self.need(missing)

    def _is_read_now(self, routed: Routed, wanted: Routed) -> bool:
        """Reads at once what a command reads, and says whether it is all known now.

        Where that cannot be, the job is undone and begun again once it was read. So
        it is for documents: the job may have put one in the place of one not read.
        """
        if routed.documents:
            return False
        self._check_read_count()
        try:
            is_read = self.workspace.read_now(wanted)
        except (GaveWay, StoreLost, CommitUnknown) as over:
            self.workspace.lost = over
            raise
        if not is_read:
            return False
        self.workspace.read[self._call] += 1
        try:
            check_read(self.workspace, self.program, routed)
        except ReadsMissing:
            return False
        return True

    @property
    def _call(self) -> Hashable:
        return self.hook, self.identity

    def _check_read_count(self) -> None:
        """Raises TooMuch if this call, however often begun, has read often enough."""
        workspace, call = self.workspace, self._call
        if workspace.asked[call] + workspace.read[call] >= READS_MAX:
            raise TooMuch(
                f"plugin {self.plugin.name!r} reads more than {READS_MAX} times what"
                f" {self.method} was not known to read"
            )

    def check_locked(self, place: DocumentPlace) -> None:
        """Raises ReadsMissing unless the part of a document is locked."""
        if place[0] != self.part and not self.workspace.may_write(place[:1]):
            self.need(ReadsMissing(look_at(DocumentRange.of(place))))

    def emit(self, event: Emitted) -> None:
        """Keeps an event to be told."""
        self.check_writing()
        self.changed.events.append(event)
        if len(self.changed.events) > self.changes_max:
            raise TooMuch(f"tells more than {self.changes_max} events")

    def put(self, document: Document) -> None:
        """Keeps a document, or removes it."""
        self.check_writing()
        self.changed.documents[document.place()] = document
        if len(self.changed.documents) > self.changes_max:
            raise TooMuch(f"changes more than {self.changes_max} documents")

    def carry_out(self, command: Command) -> Record:
        """Decides a command now, and records it; raises the Refusal."""
        self.check_writing()
        _check(command)
        self.command_count += 1
        if self.command_count > self.changes_max:
            raise TooMuch(f"has the ledger do more than {self.changes_max} things")
        routed = self._routed(command)
        self.check_read(routed)
        if isinstance(command, Reverse):
            check_half_read(self.workspace, command, self.check_read)
        try:
            return self._carry_out(routed)
        except HalfMissing:
            self.need(ReadsMissing(routed))
        except MISSING as missing:
            self.need(missing)

    def awarded(self, earn: Earn) -> Earn:
        """Returns an earn as the other plugins would have it; raises the Refusal."""
        if self.transform is None:
            return earn  # It is checked where it is carried out.
        self.check_writing()
        _check(earn)
        part = part_of(earn.member_id, self.part_count)
        try:
            return self.transform(self.workspace, earn, part)
        except MISSING as missing:
            self.need(missing)

    def decision(self, response: bytes) -> Decision:
        """Returns what is recorded of the call, in its own part and in others."""
        changed, part = self.changed, self.part
        documents = changed.documents.values()
        own = tuple([each for each in documents if each.part == part])
        moves = tuple(changed.counters.values())
        told = PluginCall(
            self.plugin.name,
            self.method,
            response,
            tuple(map(DocumentChange.of, own)),
            tuple(changed.events),
            moves,
            tuple([record.place() for record in changed.made]),
        )
        return Decision(
            result=told,
            effective_time=self.workspace.now,
            channel=self.channel,
            sides=tuple(self._sides()) if len(own) < len(documents) else (),
            counters=moves,
            documents=own,
        )

    def _sides(self) -> Iterator[Side]:
        """Yields what is recorded in other parts: the documents that are there."""
        documents = self.changed.documents.values()
        for part in sorted({document.part for document in documents} - {self.part}):
            there = tuple(each for each in documents if each.part == part)
            changes = tuple(map(DocumentChange.of, there))
            told = PluginCall(self.plugin.name, self.method, documents=changes)
            now = self.workspace.now
            decision = Decision(told, now, self.channel, documents=there)
            yield Side(part, "", self.request_id("documents"), Kind.CALL, decision)

    def _routed(self, command: Command) -> Routed:
        count = self.part_count
        part, others = part_of(command.home(), count), command.others()
        routed = Routed(command, part, command.fingerprint())
        if not others:
            return routed
        named = [(part_of(name, count), name, reads) for name, reads in others]
        return routed._replace(others=tuple(named))

    def _carry_out(self, routed: Routed) -> Record:
        workspace, program = self.workspace, self.program
        settle_lapses(workspace, program, routed)
        stamp = workspace.stamp(routed.part)
        decision = decide(routed.command, workspace, program, stamp)
        record = recorded(routed, stamp, program, decision, decision.result)
        workspace.carry_out(record, decision)
        made = self.changed.made
        made.append(record)
        for side in decision.sides:
            made.append(carry_out_side(workspace, record, side))
        return record


def name_of_call(*told: str) -> str:
    """Returns what tells a call from all others, as 32 hexadecimal digits."""
    text = b"".join([b"%d:%b" % (len(each), each) for each in map(str.encode, told)])
    return blake2b(text, digest_size=16).hexdigest()


def _check(command: Command) -> None:
    """Raises InvalidArgument that names every malformed field.

    All but the request id, which is ours.
    """
    found = {name: what for name, what in command.problems() if what}
    found.pop("request_id", None)
    if found:
        raise InvalidArgument(found)
