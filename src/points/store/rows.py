"""Values to rows and back. A row is a tuple in the order of the table's columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, TypeAlias

from points.domain.canonical import read_result, write_pairs, write_result
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
from points.store import schema


Row: TypeAlias = tuple[Any, ...]


def _getter(table: Any) -> Callable[[Any], Row]:
    return attrgetter(*(column.name for column in table.columns))


head_row: Final = _getter(schema.head)
account_row: Final = _getter(schema.account)
_lot_fields: Final = attrgetter(*[c.name for c in schema.lot.columns][:-1])


def lot_row(lot: Lot) -> Row:
    """Returns the row of a lot."""
    return (*_lot_fields(lot), int(lot.is_drawn))


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
    part, last_number, last_lot_number, last_time = row
    return Head(
        part=part,
        last_number=last_number,
        last_lot_number=last_lot_number,
        last_time=last_time,
    )


def member_of(row: Sequence[Any]) -> Member:
    """Returns the member in a row."""
    part, member_id, state, attributes, create_time, update_time, version = row
    return Member(
        part=part,
        member_id=member_id,
        state=MemberState(state),
        attributes=json.loads(attributes),
        create_time=create_time,
        update_time=update_time,
        version=version,
    )


def account_of(row: Sequence[Any]) -> Account:
    """Returns the account in a row."""
    part, account, unit, balance, floor, earned, burned, expired = row
    return Account(
        part=part,
        account=account,
        unit=unit,
        balance=balance,
        floor=floor,
        lifetime_earned=earned,
        lifetime_burned=burned,
        lifetime_expired=expired,
    )


def lot_of(row: Sequence[Any]) -> Lot:
    """Returns the lot in a row."""
    part, number, member_id, unit, points, remaining, *times, record_number, _ = row
    earn_time, activate_time, expire_time = times
    return Lot(
        part=part,
        number=number,
        member_id=member_id,
        unit=unit,
        points=points,
        remaining=remaining,
        earn_time=earn_time,
        activate_time=activate_time,
        expire_time=expire_time,
        record_number=record_number,
    )


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
