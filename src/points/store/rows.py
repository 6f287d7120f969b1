"""Values to rows and back. A row is a tuple in the order of the table's columns.

Heads and accounts are their own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from points.domain.values import (
    Account,
    Head,
    Kind,
    Lot,
    Member,
    MemberState,
    Record,
    Transaction,
)
from points.store.canonical import read_pairs, read_result, write_pairs, write_result


Row: TypeAlias = tuple[Any, ...]


def lot_row(lot: Lot) -> Row:
    """Returns the row of a lot."""
    return (*lot, int(lot.is_drawn))


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
    )


def record_row(record: Record) -> Row:
    """Returns the row of a record."""
    return (
        record.part,
        record.number,
        record.member_id,
        record.request_id,
        record.kind.value,
        record.channel,
        int(isinstance(record.result, Transaction)),
        record.fingerprint,
        record.effective_time,
        record.record_time,
        write_result(record.result),
    )


def head_of(row: Sequence[Any]) -> Head:
    """Returns the head in a row."""
    return Head(*row)


def member_of(row: Sequence[Any]) -> Member:
    """Returns the member in a row."""
    part, member_id, state, attributes, create_time, update_time, version = row
    return Member(
        part=part,
        member_id=member_id,
        state=MemberState(state),
        attributes=read_pairs(attributes),
        create_time=create_time,
        update_time=update_time,
        version=version,
    )


def account_of(row: Sequence[Any]) -> Account:
    """Returns the account in a row."""
    return Account(*row)


def lot_of(row: Sequence[Any]) -> Lot:
    """Returns the lot in a row."""
    return Lot(*row[:-1])


def record_of(row: Sequence[Any]) -> Record:
    """Returns the record in a row."""
    part, number, member_id, request_id, kind, channel, _, fingerprint, *rest = row
    effective_time, record_time, body = rest
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
        result=read_result(body, part=part, member_id=member_id),
    )
