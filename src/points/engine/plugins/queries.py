"""Queries of plugins: they read one snapshot, beside the writer, and change nothing."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

from points.domain.counters import counter_part
from points.domain.documents import OwnerPlace, object_home
from points.domain.identity import member_account, part_of
from points.domain.program import Program
from points.domain.refusals import InvalidArgument, MemberNotFound, Refusal
from points.domain.versions import PROGRAM_PART
from points.engine.engine import Engine
from points.engine.plugins.calls import method_of, plugin_of
from points.engine.plugins.codec import read_document
from points.engine.plugins.guarding import failure_of, refusal_of
from points.engine.plugins.settings import program_of_version
from points.engine.plugins.state import LIST_MAX, check_place
from points.engine.plugins.views import view_of
from points.engine.plugins.work import TooMuch
from points.plugin.context import Balance, Call, MemberView, Posted, Random
from points.plugin.documents import Collection, Owner
from points.plugin.refusals import Refused
from points.plugin.registry import Plugin
from points.store.errors import StoreLost
from points.store.reads.reader import Snapshot, open_snapshot


QUERY_READS_MAX: Final = 2_000
"""Most statements of one query; a `scan` takes one for each owner, and one more."""

T = TypeVar("T")
Params = ParamSpec("Params")


def answer_query(
    engine: Engine, plugin: str, method: str, request: Any, *, member_id: str = ""
) -> Any:
    """Returns the response message of a query or a watch, from a snapshot of its own.

    Raises PluginDisabled, the refusal of the plugin or the core, Internal for
    whatever else the plugin raises, and StoreLost.
    """
    registry = engine.plugins.registry
    found, asked = plugin_of(registry, plugin), method_of(registry, plugin, method)
    try:
        with open_snapshot(engine.store.backend) as snapshot:
            look = _look(snapshot, engine, found, member_id)
            context = QueryContext(look, Call(method, member_id, ""))
            with engine.plugins.breaker.answering((plugin, method)):
                return asked.handler(context, request)
    except Refused as refused:
        raise refusal_of(plugin, refused) from None
    except (Refusal, StoreLost):
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises
        raise failure_of(plugin, method, error) from None


def _look(snapshot: Snapshot, engine: Engine, plugin: Plugin, member_id: str) -> Look:
    head = snapshot.head(PROGRAM_PART)
    now = max(engine.clock(), head.last_time)
    program = engine.program_of(snapshot, head, now=now)
    return Look(snapshot, engine, plugin, program, now, member_id)


@dataclass(frozen=True, slots=True)
class Look:
    """Is what a query reads from, and for whom."""

    snapshot: Snapshot
    engine: Engine
    plugin: Plugin
    program: Program
    now: int
    member_id: str
    _reads: count[int] = field(default_factory=count)

    @property
    def part_count(self) -> int:
        """Returns how many parts the ledger has."""
        return self.engine.store.part_count

    def read(
        self,
        how: Callable[Params, T],
        *about: Params.args,
        **more: Params.kwargs,
    ) -> T:
        """Returns what the snapshot has, without blaming the plugin for its delay.

        Raises TooMuch for a query that never comes to an end of reading.
        """
        if next(self._reads) >= QUERY_READS_MAX:
            name, most = self.plugin.name, QUERY_READS_MAX
            raise TooMuch(f"plugin {name!r} reads more than {most} times in a query")
        with self.engine.plugins.breaker.reading():
            return how(*about, **more)

    def member_named(self, member_id: str) -> str:
        """Returns the member, that of the call if none is named.

        Raises InvalidArgument if there is neither.
        """
        if not (member_id or self.member_id):
            raise InvalidArgument({"member_id": "is required"})
        return member_id or self.member_id


class QueryLedger:
    """Is `points.plugin.Ledger` of a query: it reads balances, and changes nothing."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def balance(self, unit: str = "points", *, member_id: str = "") -> Balance:
        """Returns what a member has now."""
        look = self._look
        look.program.unit(unit)
        name = look.member_named(member_id)
        part = part_of(name, look.part_count)
        all_units = look.read(look.snapshot.balances, part, name, now=look.now)
        found = next((each for each in all_units if each.unit == unit), None)
        if found is None:
            account = look.read(look.snapshot.account, part, member_account(name), unit)
            return Balance(0, 0, account.shortfall)
        return Balance(found.available, found.held, found.shortfall)

    def room(self, unit: str = "points", *, member_id: str = "") -> int | None:
        """Is of commands alone: raises TypeError."""
        del unit, member_id
        _refuse_change()

    def _refuse(self, *_: Any, **__: Any) -> Posted:
        _refuse_change()

    earn = burn = transfer = place_hold = _refuse
    capture_hold = void_hold = reverse = _refuse


class QueryState:
    """Is `points.plugin.State` of a query."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def get(self, collection: Collection[T], owner: str, key: str = "") -> T | None:
        """Returns the document, or None."""
        place = self._place(collection, owner, key)
        found = self._look.read(self._look.snapshot.document, place, key)
        if found is None:
            return None
        return read_document(collection, found.version, found.body)

    def expect(
        self, collection: Collection[T], places: Iterable[tuple[str, str]]
    ) -> None:
        """Does nothing: a query is never begun again."""

    def put(
        self, collection: Collection[T], owner: str, document: T, key: str = ""
    ) -> None:
        """Raises TypeError: queries change nothing."""
        del collection, owner, document, key
        _refuse_change()

    def delete(self, collection: Collection[T], owner: str, key: str = "") -> None:
        """Raises TypeError: queries change nothing."""
        del collection, owner, key
        _refuse_change()

    def list(
        self,
        collection: Collection[T],
        owner: str,
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[tuple[str, T]]:
        """Returns an owner's documents with their keys, behind a key."""
        place = self._place(collection, owner, "")
        most = min(limit, LIST_MAX)
        found = self._look.read(
            self._look.snapshot.documents, place, after=after, limit=most
        )
        return [
            (each.key, read_document(collection, each.version, each.body))
            for each in found
        ]

    def scan(
        self, collection: Collection[T], *, after: str = "", limit: int = 100
    ) -> Sequence[tuple[str, str, T]]:
        """Returns documents of every owner behind `after`, whole owners only.

        More than the limit where the first owner alone has more.
        """
        check_place(self._look.plugin, collection, "any", "")
        found: builtins.list[tuple[str, str, T]] = []
        for owner in self._look.read(
            self._look.snapshot.owners_of_collection,
            self._look.plugin.name,
            collection.name,
            after=after,
            limit=limit,
        ):
            place = self._place(collection, owner, "")
            documents = self._look.read(self._look.snapshot.all_documents, place)
            if found and len(found) + len(documents) > limit:
                break
            found += [
                (owner, each.key, read_document(collection, each.version, each.body))
                for each in documents
            ]
        return found

    def _place(self, collection: Collection[T], owner: str, key: str) -> OwnerPlace:
        look = self._look
        check_place(look.plugin, collection, owner, key)
        is_object = collection.owner is Owner.OBJECT
        home = object_home(look.plugin.name, owner) if is_object else owner
        part = part_of(home, look.part_count)
        return part, look.plugin.name, collection.name, owner


class QueryCounters:
    """Is `points.plugin.Counters` of a query."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def add(
        self,
        name: str,
        amount: int,
        *,
        limit: int,
        start_time: int = 0,
        end_time: int | None = None,
    ) -> int:
        """Raises TypeError: queries change nothing."""
        del name, amount, limit, start_time, end_time
        _refuse_change()

    def used(self, name: str, *, start_time: int = 0) -> int:
        """Returns how far the counter has gone."""
        full = f"plugin:{self._look.plugin.name}:{name}"
        key = (counter_part(full, self._look.part_count), full, start_time)
        found = self._look.read(self._look.snapshot.counters, [key]).get(key)
        return found.used if found else 0


class QueryContext:
    """Is `points.plugin.Context` of a query."""

    def __init__(self, look: Look, call: Call) -> None:
        self._look = look
        self.call = call
        self.ledger = QueryLedger(look)
        self.state = QueryState(look)
        self.counters = QueryCounters(look)
        self.random: Random = look.engine.plugins.random
        self.keys = look.engine.plugins.keyring.of(look.plugin.name)

    @property
    def now(self) -> int:
        """Returns the instant of the query."""
        return self._look.now

    @property
    def zone(self) -> str:
        """Returns the name of the program's IANA zone."""
        return self._look.program.zone.key

    @property
    def config(self) -> Any:
        """Returns the configuration in force."""
        return self._settings(self._look.program)

    @property
    def config_version(self) -> int:
        """Returns the version of the program that the configuration came with."""
        return self._look.program.version

    def config_at(self, version: int) -> Any:
        """Returns the configuration of an earlier version of the program."""
        programs = self._look.engine.programs
        return self._settings(program_of_version(programs, version))

    def member(self, member_id: str = "") -> MemberView:
        """Returns a member, that of the request if none is named.

        Raises MemberNotFound.
        """
        look = self._look
        name = look.member_named(member_id)
        part = part_of(name, look.part_count)
        found = look.read(look.snapshot.member, part, name)
        if found is None:
            raise MemberNotFound(name)
        return view_of(look.read(look.snapshot.climber, found), look.program, look.now)

    def schedule(
        self,
        job: str,
        at: int,
        *,
        owner: str,
        key: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Raises TypeError: queries change nothing."""
        del job, at, owner, key, body
        _refuse_change()

    def unschedule(self, job: str, *, owner: str, key: str = "") -> None:
        """Raises TypeError: queries change nothing."""
        del job, owner, key
        _refuse_change()

    def emit(self, name: str, payload: Mapping[str, str]) -> None:
        """Raises TypeError: queries change nothing."""
        del name, payload
        _refuse_change()

    def _settings(self, program: Program) -> Any:
        look = self._look
        known = look.engine.plugins.settings
        return known.of(look.plugin, program, in_force=look.program)


def _refuse_change() -> NoReturn:
    raise TypeError("queries change nothing")
