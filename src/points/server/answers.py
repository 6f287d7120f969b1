"""Values to protobuf."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import AT_ONCE, NEVER
from points.domain.identity import Place
from points.domain.refusals import Refusal
from points.domain.values import Balances, Draw, Lot, Member, Record, Transaction
from points.server.errors import refusal_message
from points.store.feed import Change
from points.v1 import (
    balances_pb2,
    change_pb2,
    lot_pb2,
    member_pb2,
    outcome_pb2,
    transaction_pb2,
)


_STATES: Final = {
    name.removeprefix("STATE_"): number
    for name, number in member_pb2.Member.State.items()
}
_KINDS: Final = {
    name.removeprefix("TRANSACTION_KIND_"): number
    for name, number in transaction_pb2.TransactionKind.items()
}


def timestamp(instant: int) -> Timestamp:
    """Returns an instant of microseconds as a timestamp."""
    seconds, rest = divmod(instant, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000)


def member_message(member: Member) -> member_pb2.Member:
    """Returns a member as a message."""
    return member_pb2.Member(
        member_id=member.member_id,
        state=_STATES[member.state],
        attributes=member.attributes,
        create_time=timestamp(member.create_time),
        update_time=timestamp(member.update_time),
        etag=str(member.version),
    )


def transaction_message(
    record: Record, transaction: Transaction
) -> transaction_pb2.Transaction:
    """Returns the transaction of a record as a message."""
    message = _transaction_message(record, transaction)
    if not record.number:
        _forget_places(message)
    return message


def _transaction_message(
    record: Record, transaction: Transaction
) -> transaction_pb2.Transaction:
    return transaction_pb2.Transaction(
        transaction_id=record.place().transaction_id(),
        kind=_KINDS[record.kind],
        member_id=record.member_id,
        postings=[
            transaction_pb2.Posting(
                source=posting.source,
                destination=posting.destination,
                unit=posting.unit,
                points=posting.points,
            )
            for posting in transaction.postings
        ],
        balance_after=transaction.balance_after,
        reason=transaction.reason,
        channel=record.channel,
        metadata=transaction.metadata,
        effective_time=timestamp(record.effective_time),
        record_time=timestamp(record.record_time),
        draws=[_draw_message(draw) for draw in transaction.draws],
        lots=[lot_message(lot, now=record.record_time) for lot in transaction.lots],
        request_id=record.request_id,
    )


def _forget_places(message: transaction_pb2.Transaction) -> None:
    """Clears the ids of what was only validated and stands nowhere."""
    message.ClearField("transaction_id")
    for lot in message.lots:
        lot.ClearField("lot_id")
        lot.ClearField("transaction_id")


def outcome_message(record: Record) -> outcome_pb2.Outcome:
    """Returns what became of a command as a message."""
    outcome = outcome_pb2.Outcome(
        member_id=record.member_id,
        request_id=record.request_id,
        record_time=timestamp(record.record_time),
    )
    match record.result:
        case Transaction() as transaction:
            outcome.transaction.CopyFrom(transaction_message(record, transaction))
        case Member() as member:
            outcome.member.CopyFrom(member_message(member))
        case Refusal() as refusal:
            outcome.refusal.CopyFrom(refusal_message(refusal))
    return outcome


def change_message(change: Change) -> change_pb2.Change:
    """Returns a change of the feed as a message."""
    record = change.record()
    return change_pb2.Change(
        resume_token=change.position.token(),
        part=record.part,
        number=record.number,
        kind=record.kind,
        channel=record.channel,
        effective_time=timestamp(record.effective_time),
        outcome=outcome_message(record),
    )


def lot_message(lot: Lot, *, now: int) -> lot_pb2.Lot:
    """Returns a lot as a message, in its state at `now`."""
    message = lot_pb2.Lot(
        lot_id=lot.place().lot_id(),
        member_id=lot.member_id,
        unit=lot.unit,
        points=lot.points,
        remaining_points=lot.remaining,
        state=_lot_state(lot, now),
        earn_time=timestamp(lot.earn_time),
        transaction_id=Place(lot.part, lot.record_number).transaction_id(),
    )
    if lot.activate_time != AT_ONCE:
        message.activate_time.CopyFrom(timestamp(lot.activate_time))
    if lot.expire_time != NEVER:
        message.expire_time.CopyFrom(timestamp(lot.expire_time))
    return message


def balances_message(balances: Balances) -> balances_pb2.Balances:
    """Returns the balances of one unit as a message."""
    return balances_pb2.Balances(
        unit=balances.unit,
        available=balances.available,
        pending=balances.pending,
        lifetime_earned=balances.lifetime_earned,
        lifetime_burned=balances.lifetime_burned,
        lifetime_expired=balances.lifetime_expired,
        next_expirations=[
            balances_pb2.Expiration(expire_time=timestamp(instant), points=points)
            for instant, points in balances.next_expirations
        ],
    )


def _draw_message(draw: Draw) -> lot_pb2.LotDraw:
    message = lot_pb2.LotDraw(lot_id=draw.lot.lot_id(), points=draw.points)
    if draw.expire_time != NEVER:
        message.expire_time.CopyFrom(timestamp(draw.expire_time))
    return message


def _lot_state(lot: Lot, now: int) -> lot_pb2.Lot.State.ValueType:
    if not lot.remaining:
        return lot_pb2.Lot.STATE_DRAWN
    if lot.expire_time <= now:
        return lot_pb2.Lot.STATE_EXPIRED
    if lot.activate_time > now:
        return lot_pb2.Lot.STATE_PENDING
    return lot_pb2.Lot.STATE_AVAILABLE
