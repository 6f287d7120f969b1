"""What a plugin's functions get: one context, and nothing else.

All of it belongs to the command under way: read through it, and what is changed is
undone with the command should it be refused or fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from points.plugin.documents import Collection


T = TypeVar("T")


class Call(NamedTuple):
    """Is the call that is answered: the plugin's method, and whose call it is.

    `member_id` is empty where the request names none; `request_id` is empty for
    queries.
    """

    method: str
    member_id: str
    request_id: str


class MemberView(NamedTuple):
    """Is a member as a plugin sees it; `tiers` are the present ones, by ladder.

    `state` is ACTIVE, FROZEN, MERGED or ERASED.
    """

    member_id: str
    state: str
    attributes: Mapping[str, str]
    create_time: int
    tiers: Mapping[str, str]


class Posted(NamedTuple):
    """Is what a change of the ledger came to.

    `balance_after` is what stands on the member's account in the unit, as the
    transaction tells it. `hold_id` is that of a placed hold, empty otherwise.
    """

    transaction_id: str
    points: int
    balance_after: int
    hold_id: str = ""


class Balance(NamedTuple):
    """Is what a member has of one unit, at the instant of the call."""

    available: int
    held: int
    shortfall: int


class Ledger(Protocol):
    """Changes points by the same decisions that the core's own calls use.

    The member is that of the request where none is named, the unit is `points`, the
    channel the first one of the plugin. Every method raises the refusal of the core
    (INSUFFICIENT_POINTS and so on), which a handler may catch or let pass. Commands
    alone may change; queries read balances.
    """

    def earn(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        reason: str = "",
        activate_time: int | None = None,
        expire_time: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Posted:
        """Adds points as a lot; activation and expiry are the unit's, if not given."""

    def burn(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        sink: str = "",
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> Posted:
        """Takes points for good, into a sink: the channel's name, if none is given."""

    def transfer(
        self,
        points: int,
        *,
        receiver: str,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        fee: int = 0,
        fee_account: str = "",
        reason: str = "",
    ) -> Posted:
        """Moves points to another member; the fee comes on top, to a house account."""

    def place_hold(
        self,
        points: int,
        *,
        unit: str = "points",
        member_id: str = "",
        channel: str = "",
        sink: str = "",
        lapse_time: int | None = None,
        capture_on_timeout: bool = False,
        freeze_expiry: bool = False,
        reason: str = "",
    ) -> Posted:
        """Sets points aside; the answer names the hold."""

    def capture_hold(
        self,
        hold_id: str,
        *,
        member_id: str = "",
        points: int = 0,
        sink: str = "",
        void_rest: bool = False,
        reason: str = "",
    ) -> Posted:
        """Burns points of a hold, all that is left of it for 0."""

    def void_hold(
        self, hold_id: str, *, member_id: str = "", reason: str = ""
    ) -> Posted:
        """Gives what is left of a hold back to its lots."""

    def reverse(
        self,
        transaction_id: str,
        *,
        member_id: str = "",
        points: int = 0,
        reason: str = "",
    ) -> Posted:
        """Takes a transaction back, all of it for 0; a shortfall is left standing."""

    def balance(self, unit: str = "points", *, member_id: str = "") -> Balance:
        """Returns what a member has now, this command's own changes included."""

    def room(self, unit: str = "points", *, member_id: str = "") -> int | None:
        """Returns how many points a member could be given at once now.

        None for any number: as long as no operator has set limits. Of commands alone;
        a query raises TypeError.
        """


class State(Protocol):
    """Is the plugin's documents: those of the owner's part, one lock for all."""

    def get(self, collection: Collection[T], owner: str, key: str = "") -> T | None:
        """Returns the document, or None."""

    def expect(
        self, collection: Collection[T], places: Iterable[tuple[str, str]]
    ) -> None:
        """Has documents read together that `get` would read one by one.

        Each by its owner and key. For what the method could not declare: a call is
        begun again for each read, so it asks before it does anything else.
        """

    def put(
        self, collection: Collection[T], owner: str, document: T, key: str = ""
    ) -> None:
        """Keeps the document in place of the one before; raises DocumentTooLarge."""

    def delete(self, collection: Collection[T], owner: str, key: str = "") -> None:
        """Removes the document, if it is there."""

    def list(
        self,
        collection: Collection[T],
        owner: str,
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[tuple[str, T]]:
        """Returns an owner's documents with their keys, in the order of the keys.

        Those behind the key `after`, at most `limit` and never more than 1,000.
        """

    def scan(
        self, collection: Collection[T], *, after: str = "", limit: int = 100
    ) -> Sequence[tuple[str, str, T]]:
        """Returns documents of every owner behind `after`: owner, key, document.

        In the order of owners, then keys; whole owners only, so that the last owner
        is where to go on. For queries alone: a command locks no more than its own
        parts.
        """


class Counters(Protocol):
    """Counts against a bound within a window; shared names are safe from races."""

    def add(
        self,
        name: str,
        amount: int,
        *,
        limit: int,
        start_time: int = 0,
        end_time: int | None = None,
    ) -> int:
        """Adds to a counter and returns what is left below the limit.

        Raises the core's LimitExceeded if it would go beyond. `start_time` tells
        windows apart.
        """

    def used(self, name: str, *, start_time: int = 0) -> int:
        """Returns how far the counter has gone."""


class Random(Protocol):
    """Is chance that cannot be foreseen; tests give it a seed."""

    def token(self, length: int) -> bytes:
        """Returns as many random bytes."""

    def below(self, bound: int) -> int:
        """Returns an integer from 0 to below the bound, each as likely."""


class Context(Protocol):
    """Is all that a handler, a reaction or a job works with.

    `now` is the instant of the call, in microseconds since 1970 UTC: never earlier
    than what is recorded already. `config` is the plugin's section of the program in
    force, made into its own model, and `config_version` the version it came with.
    """

    @property
    def now(self) -> int:
        """Returns the instant of the call."""

    @property
    def zone(self) -> str:
        """Returns the name of the program's IANA zone."""

    @property
    def call(self) -> Call:
        """Returns the call that is answered."""

    @property
    def config(self) -> Any:
        """Returns the configuration in force."""

    @property
    def config_version(self) -> int:
        """Returns the version of the program that the configuration came with."""

    def config_at(self, version: int) -> Any:
        """Returns the configuration of an earlier version of the program.

        Without the secrets of it that cannot be read any more: those in force are in
        `config`.
        """

    def member(self, member_id: str = "") -> MemberView:
        """Returns a member, that of the request if none is named.

        Raises the core's MemberNotFound.
        """

    @property
    def ledger(self) -> Ledger:
        """Returns the points."""

    @property
    def state(self) -> State:
        """Returns the plugin's documents."""

    @property
    def counters(self) -> Counters:
        """Returns the plugin's counters."""

    @property
    def random(self) -> Random:
        """Returns the source of chance."""

    @property
    def keys(self) -> Sequence[bytes]:
        """Returns the plugin's keys of 32 bytes, which the server keeps outside.

        The first one seals, all of them open; none where the server has none.
        """

    def schedule(
        self,
        job: str,
        at: int,
        *,
        owner: str,
        key: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Has a job run at an instant, in the part of an owner of documents.

        One run for each owner and key waits at a time: a later call moves it.
        `at` in the past is at once.
        """

    def unschedule(self, job: str, *, owner: str, key: str = "") -> None:
        """Has a job not run, if it has not yet."""

    def emit(self, name: str, payload: Mapping[str, str]) -> None:
        """Tells subscribers and watchers of the feed, if the command commits."""
