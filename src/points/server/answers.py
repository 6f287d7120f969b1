"""Values to protobuf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import AT_ONCE, NEVER
from points.domain.identity import RESERVED_PREFIX, Place
from points.domain.lots import OVER, lot_state, shown_expire_time
from points.domain.terms import Terms, read_terms
from points.domain.values import (
    Balances,
    BooksClose,
    Draw,
    Limits,
    Lot,
    Member,
    Record,
    Retimed,
    Transaction,
)
from points.domain.versions import ProgramVersion
from points.server.activity_answers import fill_activity, fill_awards
from points.server.instants import timestamp
from points.server.standing_messages import fill_standing
from points.v1 import (
    balances_pb2,
    books_close_pb2,
    limits_pb2,
    lot_pb2,
    member_pb2,
    program_pb2,
    reversal_pb2,
    transaction_pb2,
)


if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer


_STATES: Final = {
    name.removeprefix("STATE_"): number
    for name, number in member_pb2.Member.State.items()
}
_KINDS: Final = {
    name.removeprefix("TRANSACTION_KIND_"): number
    for name, number in transaction_pb2.TransactionKind.items()
}
_LOT_STATES: Final = {
    name.removeprefix("STATE_"): number for name, number in lot_pb2.Lot.State.items()
}
_REASON_CODES: Final = {
    name.removeprefix("REASON_CODE_"): number
    for name, number in reversal_pb2.ReasonCode.items()
}
_ACTIONS: Final = {
    name.removeprefix("ACTION_"): number
    for name, number in limits_pb2.Velocity.Action.items()
}
_WINDOWS: Final = {
    name.removeprefix("WINDOW_"): number
    for name, number in limits_pb2.Velocity.Window.items()
}
_OTHER_SIDES: Final = (
    _KINDS["TRANSFER_IN"],
    _KINDS["MERGE_IN"],
    _KINDS["POOL_IN"],
    _KINDS["POOL_OUT"],
)
_NO_MORE: Final = Transaction((), 0, "", {})[6:]


def member_message(member: Member) -> member_pb2.Member:
    """Returns a member as a message."""
    return member_pb2.Member(
        member_id=member.member_id,
        state=_STATES[member.state],
        attributes=member.attributes,
        create_time=timestamp(member.create_time),
        update_time=timestamp(member.update_time),
        etag=str(member.version),
        merged_into=member.merged_into,
        pool=member.pool,
        pools_into=member.pools_into,
    )


def transaction_message(record: Record) -> transaction_pb2.Transaction:
    """Returns the transaction of a record as a message."""
    message = transaction_pb2.Transaction()
    fill_transaction(message, record)
    return message


def fill_transaction(message: transaction_pb2.Transaction, record: Record) -> None:
    """Writes the transaction of a record into an empty message.

    In its place and field by field: a message that is handed to another's
    constructor is copied, which costs more than all the rest.
    """
    transaction = record.result
    assert isinstance(transaction, Transaction)
    message.kind = _KINDS[record.kind]
    message.member_id = record.member_id
    message.balance_after = transaction.balance_after
    message.reason = transaction.reason
    message.channel = record.channel
    if not record.request_id.startswith(RESERVED_PREFIX):
        message.request_id = record.request_id
    if record.program_version:
        message.program_version = record.program_version
    if transaction.metadata:
        message.metadata.update(transaction.metadata)
    fill_time(message.effective_time, record.effective_time)
    fill_time(message.record_time, record.record_time)
    for source, destination, unit, points in transaction.postings:
        message.postings.add(
            source=source, destination=destination, unit=unit, points=points
        )
    fill_draws(message.draws, transaction.draws)
    for lot in transaction.lots:
        _fill_lot(message.lots.add(), lot, record.record_time)
    if transaction[6:] != _NO_MORE:
        _fill_more(message, transaction)
    if record.number:
        message.transaction_id = record.place().transaction_id()
    else:
        _forget_places(message, transaction)


def _fill_more(message: transaction_pb2.Transaction, transaction: Transaction) -> None:
    """Writes what only few kinds of transactions have."""
    fill_draws(message.returns, transaction.returns)
    told = {lot.place() for lot in transaction.lots}
    for retimed in transaction.retimed:
        if retimed.lot not in told:
            _fill_retimed(message.lots.add(), retimed)
    if transaction.hold is not None:
        message.hold_id = transaction.hold.place().hold_id()
    if transaction.reverses is not None:
        message.reverses = transaction.reverses.transaction_id()
    if transaction.reason_code is not None:
        message.reason_code = _REASON_CODES[transaction.reason_code]
    if transaction.counterparty_place is not None and message.kind in _OTHER_SIDES:
        place = transaction.counterparty_place
        message.counterparty_transaction_id = place.transaction_id()
    for standing in transaction.standings:
        fill_standing(message.standings.add(), standing)
    message.returned_items.extend(transaction.returned_items)
    message.counterparty_member_id = transaction.counterparty
    message.operator = transaction.operator
    if transaction.activity is not None:
        fill_activity(message, transaction)
    fill_awards(message, transaction)


def _forget_places(
    message: transaction_pb2.Transaction, transaction: Transaction
) -> None:
    """Clears the ids of what was only validated and stands nowhere."""
    changed = {retimed.lot.lot_id() for retimed in transaction.retimed}
    for lot in message.lots:
        if lot.lot_id not in changed:
            lot.ClearField("lot_id")
            lot.ClearField("transaction_id")
    for award in message.awards:
        award.ClearField("lot_id")
        award.ClearField("claim_id")
    if message.kind == transaction_pb2.TRANSACTION_KIND_HOLD:
        message.ClearField("hold_id")


def fill_close(message: books_close_pb2.BooksClose, record: Record) -> None:
    """Writes the close of a record into an empty message, but for its revision."""
    close = record.result
    assert isinstance(close, BooksClose)
    fill_time(message.until_time, close.until_time)
    message.operator = close.operator
    message.reason = close.reason
    fill_time(message.record_time, record.record_time)


def fill_version(
    message: program_pb2.ProgramVersion, version: ProgramVersion, apply_time: int
) -> None:
    """Writes a version of the program into an empty message."""
    message.version = version.version
    message.digest = version.digest
    fill_time(message.effective_time, version.effective_time)
    message.unchanged = version.unchanged
    if not version.unchanged:
        fill_time(message.apply_time, apply_time)
    message.operator = version.operator
    message.reason = version.reason


def limits_message(limits: Limits) -> limits_pb2.Limits:
    """Returns limits as a message."""
    message = limits_pb2.Limits(
        member_id=limits.member_id,
        unit=limits.unit,
        floor=limits.floor,
        ceiling=limits.ceiling,
        operator=limits.operator,
        reason=limits.reason,
    )
    for action, window, points_max, count_max in limits.velocities:
        message.velocities.add(
            action=_ACTIONS[action],
            window=_WINDOWS[window],
            points=points_max,
            count=count_max,
        )
    if limits.operator:
        fill_time(message.update_time, limits.update_time)
    return message


def lot_message(lot: Lot, *, now: int) -> lot_pb2.Lot:
    """Returns a lot as a message, in its state at `now`."""
    message = lot_pb2.Lot()
    _fill_lot(message, lot, now)
    return message


def _fill_lot(message: lot_pb2.Lot, lot: Lot, now: int) -> None:
    message.lot_id = lot.place().lot_id()
    message.member_id = lot.member_id
    message.unit = lot.unit
    message.points = lot.points
    state = lot_state(lot, now)
    message.remaining_points = 0 if state in OVER else lot.remaining
    message.state = _LOT_STATES[state]
    message.transaction_id = Place(lot.part, lot.record_number).transaction_id()
    fill_time(message.earn_time, lot.earn_time)
    if lot.activate_time not in (AT_ONCE, NEVER):
        fill_time(message.activate_time, lot.activate_time)
    expire_time = shown_expire_time(lot, now)
    if expire_time != NEVER:
        fill_time(message.expire_time, expire_time)
    if lot.expiry:
        _fill_terms(message, read_terms(lot.expiry))
    if lot.held:
        message.held_points = lot.held
    if lot.origin:
        message.origin_lot_id = lot.origin


def _fill_retimed(message: lot_pb2.Lot, retimed: Retimed) -> None:
    """Writes all that a record tells of a lot whose times alone have changed."""
    message.lot_id = retimed.lot.lot_id()
    if retimed.activate_time not in (AT_ONCE, NEVER):
        fill_time(message.activate_time, retimed.activate_time)
    if retimed.expire_time != NEVER:
        fill_time(message.expire_time, retimed.expire_time)


def _fill_terms(message: lot_pb2.Lot, terms: Terms) -> None:
    """Writes what the lot waits or waited for, and how long it was earned to live."""
    if terms.waits_for:
        message.pending.on_event = terms.waits_for
        if terms.cancel_time != NEVER:
            fill_time(message.pending.cancel_time, terms.cancel_time)
    if terms.expire_after is not None:
        period = terms.expire_after
        message.expire_after.years = period.years
        message.expire_after.months = period.months
        message.expire_after.days = period.days


def balances_message(balances: Balances) -> balances_pb2.Balances:
    """Returns the balances of one unit as a message."""
    return balances_pb2.Balances(
        unit=balances.unit,
        available=balances.available,
        pending=balances.pending,
        held=balances.held,
        lifetime_earned=balances.lifetime_earned,
        lifetime_burned=balances.lifetime_burned,
        lifetime_expired=balances.lifetime_expired,
        shortfall=balances.shortfall,
        next_expirations=[
            balances_pb2.Expiration(expire_time=timestamp(instant), points=points)
            for instant, points in balances.next_expirations
        ],
        next_activations=[
            balances_pb2.Activation(activate_time=timestamp(instant), points=points)
            for instant, points in balances.next_activations
        ],
    )


def fill_draws(
    messages: RepeatedCompositeFieldContainer[lot_pb2.LotDraw], draws: Iterable[Draw]
) -> None:
    """Writes draws into an empty list of messages, in one go: there may be many."""
    add = messages.add
    for lot, points, expire_time in draws:
        message = add()
        message.lot_id = lot.lot_id()
        message.points = points
        if expire_time != NEVER:
            fill_time(message.expire_time, expire_time)


def fill_time(message: Timestamp, instant: int) -> None:
    """Writes an instant of microseconds into an empty timestamp."""
    message.seconds, rest = divmod(instant, 1_000_000)
    message.nanos = rest * 1_000
