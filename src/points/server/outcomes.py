"""What became of commands, as messages: of GetOutcome and of the change feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.identity import RESERVED_PREFIX
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Refusal
from points.domain.scores import ScoreChange
from points.domain.standings import DemotionNotice, StandingChange
from points.domain.values import (
    BatchClaim,
    BooksClose,
    Erasure,
    Limits,
    Member,
    Notice,
    Record,
    Transaction,
)
from points.domain.versions import ProgramVersion
from points.server.answers import (
    fill_close,
    fill_time,
    fill_transaction,
    fill_version,
    limits_message,
    member_message,
)
from points.server.budget_answers import fill_outcome
from points.server.errors import refusal_message
from points.server.instants import timestamp
from points.server.segments import fill_score_change
from points.server.standing_messages import fill_demotion_notice, fill_standing_change
from points.store.reads.feed import Change
from points.v1 import change_pb2, outcome_pb2


def outcome_message(record: Record) -> outcome_pb2.Outcome:
    """Returns what became of a command as a message."""
    outcome = outcome_pb2.Outcome()
    fill_outcome_of(outcome, record)
    return outcome


def fill_outcome_of(outcome: outcome_pb2.Outcome, record: Record) -> None:
    """Writes what became of a command into an empty message, in its place.

    A message that is handed to another's constructor is copied.
    """
    outcome.member_id = record.member_id
    if not record.request_id.startswith(RESERVED_PREFIX):
        outcome.request_id = record.request_id
    fill_time(outcome.record_time, record.record_time)
    if isinstance(record.result, Refusal):
        outcome.refusal.CopyFrom(refusal_message(record.result))
    else:
        _FILLERS[type(record.result)](outcome, record)


def change_message(change: Change) -> change_pb2.Change:
    """Returns a change of the feed as a message."""
    record = change.record()
    message = change_pb2.Change(
        resume_token=change.position.token(),
        part=record.part,
        number=record.number,
        kind=record.kind,
        channel=record.channel,
    )
    fill_time(message.effective_time, record.effective_time)
    fill_outcome_of(message.outcome, record)
    return message


def _transaction(outcome: outcome_pb2.Outcome, record: Record) -> None:
    fill_transaction(outcome.transaction, record)


def _member(outcome: outcome_pb2.Outcome, record: Record) -> None:
    found = record.result
    member = found.member if isinstance(found, Erasure) else found
    assert isinstance(member, Member)
    outcome.member.CopyFrom(member_message(member))


def _limits(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, Limits)
    outcome.limits.CopyFrom(limits_message(record.result))


def _close(outcome: outcome_pb2.Outcome, record: Record) -> None:
    fill_close(outcome.books_close, record)


def _version(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, ProgramVersion)
    fill_version(outcome.program_version, record.result, record.record_time)


def _standings(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, StandingChange)
    fill_standing_change(outcome.standing_change, record.result)


def _scores(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, ScoreChange)
    fill_score_change(outcome.score_change, record.result)


def _batch(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, BatchClaim)
    outcome.batch_claim.command_count = record.result.command_count


def _notice(outcome: outcome_pb2.Outcome, record: Record) -> None:
    notice, message = record.result, outcome.notice
    assert isinstance(notice, Notice)
    message.unit = notice.unit
    message.points = sum(draw.points for draw in notice.lots)
    for place, points, expire_time in notice.lots:
        message.lots.add(
            lot_id=place.lot_id(), points=points, expire_time=timestamp(expire_time)
        )


def _plugin_call(outcome: outcome_pb2.Outcome, record: Record) -> None:
    call, message = record.result, outcome.plugin_call
    assert isinstance(call, PluginCall)
    message.plugin, message.method = call.plugin, call.method
    for event in call.events:
        message.events.add(name=event.name, payload=dict(event.payload))
    message.transaction_ids.extend(p.transaction_id() for p in call.transactions)


def _demotion(outcome: outcome_pb2.Outcome, record: Record) -> None:
    assert isinstance(record.result, DemotionNotice)
    fill_demotion_notice(outcome.demotion_notice, record.result)


_FILLERS: Final[dict[type, Callable[[Any, Record], None]]] = {
    Transaction: _transaction,
    Member: _member,
    Erasure: _member,
    Limits: _limits,
    BooksClose: _close,
    ProgramVersion: _version,
    BatchClaim: _batch,
    Notice: _notice,
    PluginCall: _plugin_call,
    DemotionNotice: _demotion,
    StandingChange: _standings,
    ScoreChange: _scores,
    BudgetFunding: fill_outcome,
    FiguresReport: fill_outcome,
    LiabilityMeasure: fill_outcome,
}
"""How each result is written into the message of its outcome."""
