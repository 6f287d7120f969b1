"""A real engine with plugins, held in a test's hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from points.domain.commands import (
    ApplyProgram,
    Command,
    CreateMember,
    Earn,
    MergeMembers,
)
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import Passing, PluginDeclined, PluginRefused, Refusal
from points.domain.values import Balances, Record
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Answer, Job, Outcome
from points.engine.plugins.calls import messages_of
from points.engine.plugins.keys import Keyring
from points.engine.plugins.plugins import Plugins
from points.engine.plugins.queries import answer_query
from points.engine.plugins.requests import call_of, is_validating, response_of
from points.engine.plugins.subscribing import tell
from points.engine.plugins.wellformed import check_wellformed
from points.engine.sweeper import Swept, sweep
from points.plugin.methods import Method, Mode
from points.plugin.registry import Plugin, Registry
from points.program.bridge import program_of_text, to_program
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.shipped import shipped_document
from points.store.opening import open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.testing.chance import SeededRandom
from points.testing.clock import Clock


PARTS: Final = 8
"""Parts of a test's ledger: enough that two members seldom share one."""

KEYRING: Final = Keyring([b"a key that is no secret in tests"])
"""Is the keys of a test's ledger."""

_LOOK_SECONDS: Final = 0.05
_numbers = count(1)


class Crashed(Exception):  # noqa: N818 - says what became of the engine
    """The engine died before it could answer."""


class _Broken(threading.Event):
    """Is set as soon as the writer is broken: nobody waits for its answers."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def is_set(self) -> bool:
        return self._engine.writer.broken is not None


@dataclass
class Bench:
    """Is an engine on a database of its own, with plugins.

    `clock` and `random` are the test's to move and to script. `url` says where the
    data is; it stays over `restart`. `keyring` is what `ctx.keys` come from.
    """

    url: str
    registry: Registry
    document: ProgramDocument = field(default_factory=shipped_document)
    clock: Clock = field(default_factory=Clock)
    random: SeededRandom = field(default_factory=SeededRandom)
    keyring: Keyring = KEYRING

    def __post_init__(self) -> None:
        self._stack = ExitStack()
        self.on_commit = _nothing

    # ------------------------------------------------------------------ its life

    def start(self) -> None:
        """Opens the database and starts the writer."""
        store = self._stack.enter_context(
            open_store(self.url, migrating=True, part_count=PARTS)
        )
        self.engine: Engine = self._stack.enter_context(
            running_engine(
                store,
                to_program(self.document),
                compile_document=program_of_text,
                clock=self.clock,
                on_commit=self._committed,
                plugins=Plugins(self.registry, self.random, self.keyring),
            )
        )
        # Subscribers are told what comes after they were first there: from now on.
        self.tell_subscribers()

    def _committed(self) -> None:
        self.on_commit()

    def stop(self) -> None:
        """Carries out what waits and closes the database."""
        self._stack.close()

    def restart(self) -> None:
        """Stops and starts again, as a server does that is installed anew."""
        self.stop()
        self.start()

    # -------------------------------------------------------------- what it is in

    def configure(self, plugin: str, settings: Mapping[str, Any]) -> int:
        """Applies a program with this section of the plugin; returns its version."""
        plugins = {**self.document.as_table().get("plugins", {}), plugin: settings}
        return self.apply(plugins=plugins)

    def apply(self, **sections: Any) -> int:
        """Applies the program with other sections; returns its version."""
        table = self.document.as_table() | sections
        self.document = ProgramDocument.model_validate(table)
        return apply_program(self.engine, self.document)

    @property
    def program(self) -> Program:
        """Returns the program in force."""
        return self.engine.program

    def advance(self, **duration: int) -> Swept:
        """Moves the clock, and has all done that is due then, jobs included."""
        self.clock.advance(**duration)
        return self.run_due()

    def run_due(self) -> Swept:
        """Does what is due: lapses, expiries, jobs; raises Crashed."""
        swept = sweep(self.engine, _Broken(self.engine), restands=False)
        if self.engine.writer.broken is not None:
            raise Crashed from self.engine.writer.broken
        return swept

    def tell_subscribers(self) -> None:
        """Tells every subscriber what was committed and it was not told yet."""
        for plugin in self.registry.plugins:
            for subscriber in plugin.subscribers:
                while tell(self.engine, plugin.name, subscriber, "bench"):
                    pass

    # ------------------------------------------------------------------ factories

    def member(
        self,
        member_id: str = "alice",
        *,
        points: int = 0,
        unit: str = "points",
        attributes: Mapping[str, str] | None = None,
    ) -> str:
        """Makes sure of a member, who gets these points; returns the id."""
        made = CreateMember(
            member_id=member_id,
            request_id=member_id,  # repeated, it is a replay
            attributes=dict(attributes or {}),
        )
        self.execute(made)
        if points:
            self.earn(member_id, points, unit=unit)
        return member_id

    def earn(
        self, member_id: str, points: int, *, unit: str = "points", reason: str = "test"
    ) -> Record:
        """Gives a member points, as a caller would."""
        return self.execute(
            Earn(
                member_id=member_id,
                request_id=new_id("earn"),
                unit=unit,
                points=points,
                reason=reason,
            )
        )

    def merge(self, member_id: str, into: str) -> Record:
        """Merges a member into another one, for both are one person."""
        return self.execute(
            MergeMembers(
                member_id=member_id,
                request_id=f"merge-{member_id}",
                into_member_id=into,
                operator="test",
                reason="one person",
            )
        )

    def available(self, member_id: str = "alice", unit: str = "points") -> int:
        """Returns what a member can spend of a unit now."""
        return self.balances(member_id, unit).available

    def balances(self, member_id: str = "alice", unit: str = "points") -> Balances:
        """Returns what a member has of a unit now."""
        part = part_of(member_id, PARTS)
        with open_snapshot(self.engine.store.backend) as snapshot:
            found = snapshot.balances(part, member_id, now=self.clock())
        return next((each for each in found if each.unit == unit), Balances(unit))

    # ---------------------------------------------------------------------- calls

    def call(self, request: Any, method: str = "") -> Any:
        """Makes a call of a plugin and returns its response; raises the Refusal.

        The method is the one that takes such requests, unless it is named, as
        `Spin`. A command gets a request id of its own if it has none.
        """
        plugin, path, found = self.method_of(request, method)
        if found.mode is not Mode.COMMAND:
            check_wellformed(request)
            member_id = getattr(request, "member_id", "")
            return answer_query(
                self.engine, plugin.name, path, request, member_id=member_id
            )
        response = messages_of(plugin, path)[1]
        return response.FromString(self.call_for_bytes(request, method))

    def call_for_bytes(self, request: Any, method: str = "") -> bytes:
        """Makes a call of a command and returns its response as it is stored.

        One with `validate_only` is decided, and nothing is changed.
        """
        plugin, path, found = self.method_of(request, method)
        command = call_of(plugin, path, found, with_request_id(request))
        is_validated = is_validating(request)
        outcome = self._outcome(command, validate_only=is_validated)
        return response_of(found, outcome, is_validated=is_validated)

    def execute(self, command: Command, *, validate_only: bool = False) -> Record:
        """Carries out a command, or only decides it; raises its Refusal, or Crashed."""
        return self._outcome(command, validate_only=validate_only).record

    def _outcome(self, command: Command, *, validate_only: bool) -> Outcome:
        job = Job(commands=[self.engine.route(command)], validate_only=validate_only)
        outcome = self._answer(job)
        if isinstance(outcome, Passing):
            raise outcome
        if isinstance(outcome.record.result, Refusal):
            raise outcome.record.result
        return outcome

    def _answer(self, job: Job) -> Answer:
        done: Future[Sequence[Answer]] = Future()
        self.engine.submit([(job, done)])
        while True:
            try:
                (answer,) = done.result(timeout=_LOOK_SECONDS)
            except NotYet:
                if self.engine.writer.broken is not None:
                    raise Crashed from self.engine.writer.broken
            else:
                return answer

    def method_of(self, request: Any, method: str = "") -> tuple[Plugin, str, Method]:
        """Returns the plugin, the path and the method that a request is for."""
        wanted = request.DESCRIPTOR.full_name
        found = [
            (plugin, f"{service.descriptor.full_name}/{each.name}", each)
            for plugin in self.registry.plugins
            for service in plugin.services
            for each in service.methods
            if service.descriptor.methods_by_name[each.name].input_type.full_name
            == wanted
            and method in ("", each.name)
        ]
        if len(found) != 1:
            names = ", ".join(path for _, path, _ in found) or "none"
            raise LookupError(f"methods that take {wanted}: {names}")
        return found[0]

    @contextmanager
    def refused(self, reason: str, **metadata: str) -> Iterator[None]:
        """Expects that the block is refused, for a reason and with this metadata."""
        try:
            yield
        except Refusal as refusal:
            _check_refusal(refusal, reason, metadata)
        else:
            raise AssertionError(f"was not refused, and {reason} was expected")

    # --------------------------------------------------------------------- proofs

    def check_books(self) -> None:
        """Recomputes all of history and asserts that it is what is stored."""
        found = audit(self.engine.store.backend)
        assert not found.findings, found.findings

    def heads(self) -> Mapping[int, Any]:
        """Returns the head of every part: equal if nothing was recorded between."""
        with open_snapshot(self.engine.store.backend) as snapshot:
            return {part: snapshot.head(part) for part in range(PARTS)}


def apply_program(engine: Engine, document: ProgramDocument) -> int:
    """Applies a program; returns its version."""
    units = document.units.items()
    command = ApplyProgram(
        request_id=new_id("program"),
        digest=digest_of(document),
        document=canonical_text(document),
        units=tuple((code, unit.is_spendable) for code, unit in units),
        operator="test",
        reason="test",
    )
    engine.execute_everywhere(command)
    return engine.program.version


def new_id(what: str) -> str:
    """Returns a request id that no other call of this process has."""
    return f"{what}-{next(_numbers)}"


def with_request_id(request: Any) -> Any:
    """Returns the request, with a new request id if it has room for one and none."""
    if getattr(request, "request_id", None) != "":
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    copy.request_id = new_id("call")
    return copy


@contextmanager
def running_bench(bench: Bench) -> Iterator[Bench]:
    """Runs a bench for the length of the block, then checks its books."""
    bench.start()
    try:
        yield bench
        bench.check_books()
    finally:
        bench.stop()


def reason_of(refusal: Refusal) -> str:
    """Returns the reason that callers see: a plugin's own, or one of the core."""
    if isinstance(refusal, PluginRefused | PluginDeclined):
        return refusal.name
    return refusal.reason()


def _check_refusal(refusal: Refusal, reason: str, metadata: Mapping[str, str]) -> None:
    found = reason_of(refusal)
    told = refusal.metadata()
    if found != reason or {name: told.get(name) for name in metadata} != metadata:
        raise AssertionError(f"{found} {told}: {refusal}") from refusal


def _nothing() -> None:
    return
