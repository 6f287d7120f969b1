"""Values to rows and back. A row is a tuple in the order of the table's columns.

Heads, accounts and reversals are their own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from points.domain.progress import Progress
from points.domain.values import (
    Account,
    Head,
    Hold,
    HoldState,
    Kind,
    Lot,
    Member,
    MemberState,
    Record,
    Reversal,
    TimeoutAction,
    Transaction,
)
from points.store.canonical import (
    read_draws,
    read_pairs,
    read_result,
    write_draws,
    write_pairs,
    write_result,
)
from points.store.progress_texts import read_progress, write_progress


Row: TypeAlias = tuple[Any, ...]


def lot_row(lot: Lot) -> Row:
    """Returns the row of a lot."""
    return (*lot, int(lot.is_drawn))


def hold_row(hold: Hold) -> Row:
    """Returns the row of a hold."""
    part, number, member_id, unit, points, draws, *rest = hold
    return (
        part,
        number,
        member_id,
        unit,
        points,
        write_draws(draws),
        *map(_plain, rest),
    )


def member_row(member: Member) -> Row:
    """Returns the row of a member."""
    return (
        member.part,
        member.member_id,
        member.state.value,
        write_pairs(member.attributes),
        member.create_time,
        member.update_time,
        member.version,
        member.merged_into,
    )


def progress_row(progress: Progress) -> Row:
    """Returns the row of a member's progress."""
    return progress.part, progress.member_id, write_progress(progress)


def progress_of(row: Sequence[Any]) -> Progress:
    """Returns the progress in a row."""
    part, member_id, body = row
    return read_progress(body, part=part, member_id=member_id)


def record_row(record: Record) -> Row:
    """Returns the row of a record, but for the chain, which is its last column."""
    result = record.result
    body, personal = write_result(result, salt=record.salt)
    is_transaction = isinstance(result, Transaction)
    reverses = result.reverses if isinstance(result, Transaction) else None
    return (
        record.part,
        record.number,
        record.member_id,
        record.request_id,
        record.kind.value,
        record.channel,
        int(is_transaction),
        record.fingerprint,
        record.effective_time,
        record.record_time,
        reverses.number if reverses else 0,
        body,
        personal,
    )


def head_of(row: Sequence[Any]) -> Head:
    """Returns the head in a row."""
    return Head(*row)


def member_of(row: Sequence[Any]) -> Member:
    """Returns the member in a row."""
    part, member_id, state, attributes, *rest = row
    return Member(part, member_id, MemberState(state), read_pairs(attributes), *rest)


def account_of(row: Sequence[Any]) -> Account:
    """Returns the account in a row."""
    return Account(*row)


def lot_of(row: Sequence[Any]) -> Lot:
    """Returns the lot in a row."""
    return Lot(*row[:-1])


def hold_of(row: Sequence[Any]) -> Hold:
    """Returns the hold in a row."""
    hold = Hold(*row)
    return hold._replace(
        draws=read_draws(row[5]),
        state=HoldState(hold.state),
        on_timeout=TimeoutAction(hold.on_timeout),
        freeze_expiry=bool(hold.freeze_expiry),
    )


def reversal_of(row: Sequence[Any]) -> Reversal:
    """Returns the reversal in a row."""
    return Reversal(*row)


def record_of(row: Sequence[Any]) -> Record:
    """Returns the record in a row."""
    part, number, member_id, request_id, kind, channel, _, fingerprint, *rest = row
    effective_time, record_time, _, body, personal, _ = rest
    result, salt = read_result(body, personal, part=part, member_id=member_id)
    return Record(
        part=part,
        number=number,
        member_id=member_id,
        request_id=request_id,
        kind=Kind(kind),
        channel=channel,
        fingerprint=fingerprint,
        effective_time=effective_time,
        record_time=record_time,
        result=result,
        salt=salt,
    )


def _plain(value: Any) -> Any:
    """Returns the value as both databases take it."""
    if isinstance(value, HoldState | TimeoutAction):
        return value.value
    return int(value) if isinstance(value, bool) else value
