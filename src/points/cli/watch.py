"""`points watch`: shows what happens in a running ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, Final

import click
from google.protobuf.json_format import MessageToJson

from points.cli.connecting import calling
from points.client.client import DEFAULT_TARGET
from points.domain.values import Kind
from points.v1.change_pb2 import Change
from points.v1.outcome_pb2 import DemotionNotice, ExpiryNotice
from points.v1.transaction_pb2 import Transaction


SHOWN: Final = {
    "refusal": "red",
    "transaction": "green",
    "member": "cyan",
    "limits": "cyan",
    "books_close": "magenta",
    "program_version": "magenta",
    "batch_claim": "magenta",
    "plugin_call": "blue",
    "budget_funding": "magenta",
    "figures_report": "magenta",
    "liability_measure": "magenta",
    "standing_change": "cyan",
    "score_change": "cyan",
    "notice": "yellow",
    "demotion_notice": "yellow",
}
"""Colours of results."""
_KIND_CHARACTERS: Final = max(map(len, Kind))


@click.command()
@click.option(
    "--target", default=DEFAULT_TARGET, show_default=True, help="A server, host:port."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line per change.")
@click.option(
    "--member", "members", multiple=True, help="Only this member; may be repeated."
)
@click.option(
    "--kind", "kinds", multiple=True, help="Only this kind, as EARN; may be repeated."
)
@click.option("--from-now", is_flag=True, help="Leave out what is there already.")
@click.option("--resume-token", default="", help="Go on where a change was printed.")
def watch(
    *,
    target: str,
    as_json: bool,
    members: tuple[str, ...],
    kinds: tuple[str, ...],
    from_now: bool,
    resume_token: str,
) -> None:
    """Prints every decided command of a running server, a line each, until Ctrl-C.

    Begins with the first command ever. A server that stops is waited for.
    """
    with calling(target) as client:
        changes = client.watch(
            resume_token=resume_token,
            from_now=from_now,
            member_ids=members,
            kinds=kinds,
        )
        for change in changes:
            click.echo(_json(change) if as_json else line(change))


def line(change: Change) -> str:
    """Returns a change as one line for people."""
    outcome = change.outcome
    what = str(outcome.WhichOneof("result"))
    time = outcome.record_time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%S")
    kind = click.style(change.kind, fg=SHOWN.get(what))
    gap = " " * (_KIND_CHARACTERS - len(change.kind))
    return f"{time}  {kind}{gap} {outcome.member_id}  {_told(change, what)}".rstrip()


def _told(change: Change, what: str) -> str:
    teller = _TELLERS.get(what)
    return teller(getattr(change.outcome, what)) if teller else ""


def _moved(transaction: Transaction) -> str:
    moves = ", ".join(
        f"{posting.points} {posting.unit} {posting.source} -> {posting.destination}"
        for posting in transaction.postings
    )
    return f"{moves}  ({transaction.reason})"


def _announced(notice: ExpiryNotice) -> str:
    first = notice.lots[0].expire_time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{notice.points} {notice.unit} expire, the first at {first}"


def _falling(notice: DemotionNotice) -> str:
    when = notice.lose_time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%S")
    lower = notice.projected_tier or "no tier"
    return f"{notice.ladder}: {notice.tier} becomes {lower} at {when}"


def _json(change: Change) -> str:
    return MessageToJson(change, preserving_proto_field_name=True, indent=None)


_TELLERS: Final[dict[str, Callable[[Any], str]]] = {
    "transaction": _moved,
    "refusal": lambda refusal: f"refused: {refusal.reason}",
    "program_version": lambda version: f"version {version.version}",
    "batch_claim": lambda batch: f"{batch.command_count} commands",
    "plugin_call": lambda call: f"{call.plugin}: {call.method.rpartition('/')[2]}",
    "notice": _announced,
    "demotion_notice": _falling,
}
"""What is told of some results, beside their kind and member."""
