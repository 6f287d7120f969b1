"""Calls of plugins: what a plugin's own method, or one of its jobs, is asked to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, ClassVar, Final

from points.domain.bounds import REASON_CHARACTERS_MAX
from points.domain.checks import name_problem, request_id_problem
from points.domain.commands.base import DERIVED, NO_READS, Command, Problems, Reads
from points.domain.documents import (
    CORE_PLUGIN,
    DocumentPlace,
    DocumentRange,
    object_home,
)
from points.domain.values import Kind


JOB_METHOD: Final = "job/"
"""Begins the methods that are jobs, run by the server itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlugin(Command):
    """Asks a plugin to answer a call, whatever that changes.

    Of a member, or of an object of the plugin where there is an `object_id`: its
    `member_id` is then the text of `object_home`. `body` is the request as it came,
    and `request` what was read of it, or None. With a `digest_key` nobody can guess
    the body by its fingerprint who has not got the key; with one of `digest_keys_then`
    it may have been recorded before. The rest is what the plugin says it will read.
    """

    kind: ClassVar[Kind] = Kind.CALL
    plugin: str
    method: str
    body: bytes
    object_id: str = ""
    request: Any = field(default=None, metadata=DERIVED, compare=False)
    wants: Reads = field(default=NO_READS, metadata=DERIVED)
    others_wanted: tuple[tuple[str, Reads], ...] = field(default=(), metadata=DERIVED)
    documents: tuple[DocumentRange, ...] = field(default=(), metadata=DERIVED)
    holds: tuple[tuple[str, str], ...] = field(default=(), metadata=DERIVED)
    digest_key: bytes = field(default=b"", metadata=DERIVED)
    digest_keys_then: tuple[bytes, ...] = field(default=(), metadata=DERIVED)

    @classmethod
    def of_object(
        cls, *, plugin: str, method: str, body: bytes, object_id: str, request_id: str
    ) -> CallPlugin:
        """Returns the call that belongs to an object, and to no member."""
        return cls(
            member_id=object_home(plugin, object_id),
            request_id=request_id,
            plugin=plugin,
            method=method,
            body=body,
            object_id=object_id,
        )

    def reading(
        self,
        request: Any,
        wants: Reads,
        others_wanted: tuple[tuple[str, Reads], ...],
        documents: tuple[DocumentRange, ...],
        holds: tuple[tuple[str, str], ...] = (),
        *,
        digest_key: bytes = b"",
        digest_keys_then: tuple[bytes, ...] = (),
    ) -> CallPlugin:
        """Returns the call with its request read, and what will be read for it."""
        # Not by `replace`, which looks at every field: each call comes through here.
        return CallPlugin(
            member_id=self.member_id,
            request_id=self.request_id,
            plugin=self.plugin,
            method=self.method,
            body=self.body,
            object_id=self.object_id,
            request=request,
            wants=wants,
            others_wanted=others_wanted,
            documents=documents,
            holds=holds,
            digest_key=digest_key,
            digest_keys_then=digest_keys_then,
        )

    @property
    def caller_id(self) -> str:
        """Returns the member whose call it is, empty for one of an object."""
        return "" if self.object_id else self.member_id

    @property
    def is_job(self) -> bool:
        """Says whether the server itself asks."""
        return self.method.startswith(JOB_METHOD)

    def reads(self) -> Reads:
        """Returns what the plugin says it will read of the member."""
        return self.wants

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns what the plugin says it will read of others."""
        return self.others_wanted

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        if self.object_id:
            yield "object_id", name_problem(self.object_id)
        else:
            yield "member_id", name_problem(self.member_id)
        is_ours = self.is_job
        check = name_problem if is_ours else request_id_problem
        yield "request_id", check(self.request_id)

    def fingerprint(self) -> str:
        """Returns 32 hexadecimal digits: the same for the same content, for ever."""
        return self._digest(self.digest_key)

    def fingerprint_without(self, blank: Collection[str]) -> str:
        """Returns its fingerprint: it has no mappings, and a body of bytes."""
        del blank
        return self.fingerprint()

    def fingerprints_then(self) -> Sequence[str]:
        """Returns the fingerprints by which earlier keys would tell the same."""
        return [self._digest(key) for key in self.digest_keys_then]

    def _digest(self, key: bytes) -> str:
        names = (self.kind, self.plugin, self.method, self.member_id, self.object_id)
        text = b"".join([b"%d:%b" % (len(n), n) for n in map(str.encode, names)])
        return blake2b(text + self.body, key=key, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgePlugin(Command):
    """Asks to remove documents of a plugin that takes no part.

    Those at `places`, which may be in any parts: they are no content of the request,
    which asks for all, and is made again until nothing is left.
    """

    kind: ClassVar[Kind] = Kind.CALL
    plugin: str
    operator: str
    reason: str
    places: tuple[DocumentPlace, ...] = field(default=(), metadata=DERIVED)

    @classmethod
    def of(
        cls,
        plugin: str,
        places: tuple[DocumentPlace, ...] = (),
        *,
        operator: str,
        reason: str,
        request_id: str,
    ) -> PurgePlugin:
        """Returns the purge, which belongs to the host's object of the plugin."""
        return cls(
            member_id=object_home(CORE_PLUGIN, plugin),
            request_id=request_id,
            plugin=plugin,
            operator=operator,
            reason=reason,
            places=places,
        )

    @property
    def documents(self) -> tuple[DocumentRange, ...]:
        """Returns what is read: what is to go."""
        return tuple(map(DocumentRange.of, self.places))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "name", name_problem(self.plugin)
        yield "request_id", request_id_problem(self.request_id)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
