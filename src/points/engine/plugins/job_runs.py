"""Jobs of plugins: how one waits, is run, and is tried again.

A job that waits is a document with an instant. A run is a call like any other whose
request id follows from that document: two servers that find it at once run it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from points.domain.commands.plugins import JOB_METHOD, CallPlugin
from points.domain.documents import JOB_PREFIX, Document, object_home
from points.domain.identity import RESERVED_PREFIX
from points.engine.plugins.codec import read_tree, write_tree
from points.engine.plugins.work import name_of_call
from points.plugin.documents import Owner
from points.plugin.reactions import Job, Run


GIVEN_UP_PREFIX: Final = "failed:"
"""Begins the collections of jobs that have failed for good, by their names."""

_SECOND: Final = 1_000_000
_PAUSE_MAX: Final = 3_600 * _SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Is a job that waits: when it was due at first, and how often it has failed.

    `scheduled_by` tells one scheduling from the next.
    """

    due_time: int
    body: Mapping[str, Any]
    scheduled_by: str
    attempt: int = 1

    def text(self) -> str:
        """Returns the body of its document."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return write_tree(fields)

    @classmethod
    def of(cls, document: Document) -> Self:
        """Returns what `text` wrote."""
        return cls(**read_tree(document.body))

    def run(self, document: Document) -> Run:
        """Returns what the handler is told."""
        return Run(self.due_time, document.owner, document.key, self.body)

    def failed(self, document: Document, job: Job, now: int) -> Document:
        """Returns what becomes of the job after one more failure at an instant.

        It waits twice as long each time, up to an hour, until it is given up.
        """
        if self.attempt >= job.attempts:
            given_up = GIVEN_UP_PREFIX + job.name
            part, plugin, _, owner, key, *_ = document
            return Document(part, plugin, given_up, owner, key, 1, document.body)
        pause = min(_SECOND << (self.attempt - 1), _PAUSE_MAX)
        again = Waiting(
            due_time=self.due_time,
            body=self.body,
            scheduled_by=self.scheduled_by,
            attempt=self.attempt + 1,
        )
        return document._replace(body=again.text(), due_time=now + pause)


def run_of(document: Document, job: Job) -> CallPlugin:
    """Returns the call that runs a job that waits."""
    name = document.collection.removeprefix(JOB_PREFIX)
    told = (document.plugin, document.collection, document.owner, document.key)
    digest = name_of_call(*told, document.body, str(document.due_time))
    is_object = job.owner is Owner.OBJECT
    home = object_home(document.plugin, document.owner) if is_object else document.owner
    return CallPlugin(
        member_id=home,
        object_id=document.owner if is_object else "",
        request_id=f"{RESERVED_PREFIX}job/{digest}",
        plugin=document.plugin,
        method=JOB_METHOD + name,
        body=write_tree(document[3:]).encode(),
    )


def document_of_run(command: CallPlugin, part: int) -> Document:
    """Returns the document of the job that a call runs."""
    owner, key, version, body, due_time = read_tree(command.body)
    collection = JOB_PREFIX + command.method.removeprefix(JOB_METHOD)
    return Document(
        part, command.plugin, collection, owner, key, version, body, due_time
    )
