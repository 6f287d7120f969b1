"""What `points program` asks of a running server, and how that is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, Final, NamedTuple

import click
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from points.cli.connecting import calling
from points.cli.options import instant_of
from points.client.client import DEFAULT_TARGET
from points.program.loading.documents import Format
from points.program.planning import Change, ChangeKind, Difference, Plan
from points.v1 import program_service_pb2 as pb
from points.v1.program_pb2 import ProgramVersion
from points.v1.tier_service_pb2 import TierMove


ADDRESS: Final = click.option(
    "--address",
    "--target",
    "address",
    default=DEFAULT_TARGET,
    show_default=True,
    help="A server, host:port.",
)
"""The option that names a server; `--target` as other commands call it."""

_FORMATS: Final = {
    Format.YAML: pb.DOCUMENT_FORMAT_YAML,
    Format.TOML: pb.DOCUMENT_FORMAT_TOML,
}
_DIGITS_SHOWN: Final = 12


class Applied(NamedTuple):
    """Is what became of a document that was given to a server."""

    response: pb.ApplyProgramResponse
    validate_only: bool

    def as_table(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        return _plain(self.response)

    def told(self) -> str:
        """Returns a sentence for people."""
        version = self.response.version
        if version.unchanged:
            return f"nothing changes: version {version.version} has the same content"
        does = "would be" if self.validate_only else "is"
        start = _shown(version.effective_time)
        return f"the program {does} version {version.version}, in force from {start}"


class History(NamedTuple):
    """Is the versions of a server's program, and which one is in force."""

    versions: Sequence[ProgramVersion]
    in_force: int

    def as_table(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        versions = [_plain(version) for version in self.versions]
        return {"version_in_force": self.in_force, "versions": versions}

    def show(self) -> None:
        """Prints a table for people."""
        if not self.versions:
            click.echo("nothing was applied: the server works with its settings")
            return
        table = Table("version", "in force from", "applied", "by", "reason", "document")
        for version in self.versions:
            table.add_row(*self._cells(version))
        Console().print(table)

    def _cells(self, version: ProgramVersion) -> Iterator[str]:
        mark = " *" if version.version == self.in_force else ""
        yield f"{version.version}{mark}"
        yield _shown(version.effective_time)
        yield _shown(version.apply_time)
        yield escape(version.operator)
        yield escape(version.reason)
        yield version.digest[:_DIGITS_SHOWN]


class ServedPlan(NamedTuple):
    """Is what a document would change on a server, and whom it would move."""

    plan: Plan
    moves: Sequence[TierMove]
    member_count: int

    def as_table(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        moves = {"moves": [_plain(move) for move in self.moves]}
        return self.plan.as_table() | moves | {"member_count": self.member_count}

    def show_moves(self) -> None:
        """Prints a table of those who would move, for people."""
        if not self.moves:
            click.echo(f"none of {self.member_count} members would change tier")
            return
        table = Table("ladder", "from", "to", "members")
        for move in self.moves:
            names = (move.ladder, move.from_tier or "-", move.to_tier or "-")
            table.add_row(*map(escape, names), str(move.member_count))
        Console().print(table)


def served_plan(address: str, document: str, written: Format) -> ServedPlan:
    """Returns what a document would change on a server."""
    with calling(address) as client:
        found = client.plan_program(document, document_format=_FORMATS[written])
    changes = tuple(map(_change, found.changes))
    plan = Plan(found.old_digest, found.new_digest, changes)
    return ServedPlan(plan, found.tier_moves, found.member_count)


def apply_served(
    address: str, document: str, written: Format, *, start: str | None, **fields: Any
) -> Applied:
    """Has a server apply a document."""
    start_time = None if start is None else instant_of(start, "--from")
    with calling(address) as client:
        response = client.apply_program(
            document,
            document_format=_FORMATS[written],
            effective_time=start_time,
            **fields,
        )
    return Applied(response, fields["validate_only"])


def served_program(address: str, version: int | None) -> dict[str, Any]:
    """Returns a version of a server with its document, as plain values."""
    with calling(address) as client:
        found = client.get_program(version)
    document = json.loads(found.document)
    return {"version": _plain(found.version), "document": document}


def served_history(address: str) -> History:
    """Returns the versions of a server."""
    with calling(address) as client:
        in_force = client.get_program().version.version
        return History(list(client.list_program_versions()), in_force)


def _change(message: pb.ProgramChange) -> Change:
    kind = pb.ProgramChange.Kind.Name(message.kind).removeprefix("KIND_")
    differences = tuple(
        Difference(each.path, each.before or None, each.after or None)
        for each in message.differences
    )
    return Change(ChangeKind(kind), message.thing, message.name, differences)


def _plain(message: Any) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def _shown(instant: Timestamp) -> str:
    return instant.ToDatetime(UTC).isoformat(sep=" ", timespec="seconds")
