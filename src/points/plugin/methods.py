"""A plugin's own gRPC services: which function answers which method, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from points.plugin.documents import DocumentKey, DocumentPage


if TYPE_CHECKING:
    from points.plugin.context import Context


class Mode(StrEnum):
    """Tells how a method is answered.

    A COMMAND runs in the writer, in the transaction of its batch; a QUERY reads a
    snapshot and changes nothing. A WATCH is a query that answers in a stream: at
    once, and again whenever its answer has changed with a commit.
    """

    COMMAND = "COMMAND"
    QUERY = "QUERY"
    WATCH = "WATCH"


class Reads(NamedTuple):
    """Is what a command will read, so that a whole batch is read at once.

    The member of the request with its documents of the plugin is always read, but for
    collections that are not `read_ahead`. `units` are those in which it earns or burns
    points of the member, `earned` those in which it only earns, which reads no lots;
    `members` are others whose points or documents it touches, `holds` are members each
    with the id of a hold that it captures or voids, `objects` are ids whose documents
    it touches, `documents` and `pages` of them are read beside. Anything else is read
    on demand, while the others wait, and the command may be decided a second time. What
    is named and not there does no harm: a guess may be named.
    """

    units: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    documents: tuple[DocumentKey, ...] = ()
    earned: tuple[str, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()
    pages: tuple[DocumentPage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Is one method of a service: its name there, its mode, and its function.

    The function takes a context and the request message and returns the response
    message. It is plain and synchronous, and may be run again for the same call
    before anything is committed: everything it does goes through its context.

    A command finds its member in the request's `member_id` and is idempotent by its
    `request_id`, both checked by the host, as is that every Timestamp lies in the
    years 1970 to 9999, that every Duration is one, and that enums have their values.
    Where a request has no `member_id`, `home` returns the id of the object that the
    command belongs to. A request that `is_secret` cannot be guessed by the digest that
    is stored of it, as far as the server has keys.

    A command that is only validated answers with nothing, unless it `is_previewed`:
    then with what it would answer in earnest. Leave that off where a response tells
    what nobody may know before it is recorded: a draw, a seed, what others have bid.
    """

    name: str
    mode: Mode
    handler: Callable[[Context, Any], Any]
    reads: Callable[[Any], Reads] | None = None
    home: Callable[[Any], str] | None = None
    is_secret: bool = False
    is_previewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Is a gRPC service of a plugin, declared by the hook `services`.

    `descriptor` is the generated one: `DESCRIPTOR.services_by_name["WheelService"]`.
    Every method of it has to be named in `methods`.
    """

    descriptor: Any
    methods: tuple[Method, ...]
