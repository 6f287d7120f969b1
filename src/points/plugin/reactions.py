"""What a plugin does about what others record, and what it does by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from points.plugin.documents import Owner
from points.plugin.methods import Reads


if TYPE_CHECKING:
    from points.plugin.context import Context


class OnFailure(StrEnum):
    """Tells what a failing function does to the command it was called for.

    ABORT refuses the command: for rules about money. SKIP goes on without it.
    """

    ABORT = "ABORT"
    SKIP = "SKIP"


class Recorded(NamedTuple):
    """Is a transaction that was just recorded, in the command under way.

    `kind` is that of the ledger, such as EARN, BURN, ACTIVITY or REVERSE. `points`
    says by how many the member's balance moved, by unit, of either sign. `activity`
    is what was reported, for an ACTIVITY: `type`, `amount` (minor units of
    `currency`), `quantity`, `channel`, `attributes`, and so on. `reverses` is the
    transaction that a REVERSE takes back, wholly or in part. `counterparty` is the
    other member of a transfer or a merge: of a MERGE_IN, who `member_id` is from now
    on. `transacted` says by unit how many points were earned, burned or captured, or
    how many of what it `reverses` a REVERSE takes back, wherever they were by then: of
    a clawback that leaves a shortfall more than the balance has moved. A REVERSE of
    some items of an activity `is_partial`.
    """

    transaction_id: str
    kind: str
    member_id: str
    channel: str
    points: Mapping[str, int]
    reason: str
    effective_time: int
    metadata: Mapping[str, str]
    activity: Mapping[str, Any] | None = None
    reverses: str = ""
    counterparty: str = ""
    transacted: Mapping[str, int] = MappingProxyType({})
    is_partial: bool = False


class Award(NamedTuple):
    """Is points about to be given, before it is decided whether they can be."""

    member_id: str
    unit: str
    points: int
    channel: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """Changes or refuses awards before they are decided: hook `transforms`.

    The handler returns the award, with other points (zero for none) or as it was,
    or raises Refused. It reads, but writes nothing. Asked for plain earnings in the
    named channels, all of them if none is named.
    """

    name: str
    handler: Callable[[Context, Award], Award]
    channels: frozenset[str] = frozenset()
    on_failure: OnFailure = OnFailure.ABORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """Does something about a transaction, within the same one: hook `reactions`.

    Called once the command's own work is decided, for records of the named kinds
    that are not of the plugin's own channels. What it records itself is not
    reacted to by the same plugin again. `wanted` is asked, once for each version of
    the program, whether records of a kind concern the plugin by its configuration:
    those that do not cost nothing.
    """

    name: str
    kinds: frozenset[str]
    handler: Callable[[Context, Recorded], None]
    on_failure: OnFailure = OnFailure.SKIP
    wanted: Callable[[Any, str], bool] | None = None


class Event(NamedTuple):
    """Is something that was committed: a transaction, or what a command emitted.

    `event_id` is the same whenever it is delivered again. `name` is that of
    `ctx.emit`, or the kind of the record; `plugin` is empty for the core's own.
    """

    event_id: str
    name: str
    plugin: str
    member_id: str
    record_time: int
    payload: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Is told of events after their commit, at least once each: hook `subscribers`.

    `events` are the names it wants. In the order of each part. A handler that raises
    is called again, later and later; after `attempts` the event is kept as a dead
    letter, and the next one is told. It gets no context: it talks to the world.
    """

    name: str
    events: frozenset[str]
    handler: Callable[[Event], None]
    attempts: int = 10


class Run(NamedTuple):
    """Is one run of a job: the instant it was due, and what was scheduled with it."""

    due_time: int
    owner: str
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Is work at a later time, once whichever server does it: hook `jobs`.

    `ctx.schedule` says when. A run is a command like any other: in one transaction,
    and recorded under a request id that its owner, key and due time make. One that
    raises is run again later, with a growing pause; after `attempts` it is given up:
    `GetPlugin` counts those. `owner` says what its owners are: the run is of
    that member, or of that object of the plugin. `reads` tells what a run will read,
    as `Method.reads` does for a request.
    """

    name: str
    handler: Callable[[Context, Run], None]
    attempts: int = 10
    owner: Owner = Owner.OBJECT
    reads: Callable[[Run], Reads] | None = None
