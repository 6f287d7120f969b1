"""What a transaction says of an activity, to protobuf."""

from __future__ import annotations

from points.domain.identity import Place
from points.domain.values import Transaction
from points.v1 import transaction_pb2


def fill_activity(
    message: transaction_pb2.Transaction, transaction: Transaction
) -> None:
    """Writes the activity and its awards into the message of their transaction."""
    activity = transaction.activity
    assert activity is not None
    told = message.activity
    told.type = activity.type
    told.money = activity.money
    told.currency = activity.currency
    told.quantity = activity.quantity
    told.channel = activity.channel
    told.sub_program = activity.sub_program
    told.partner = activity.partner
    for item in activity.items:
        told.items.add(
            item_id=item.id,
            money=item.money,
            quantity=item.quantity,
            category=item.category,
        )
    _fill_awards(message, transaction)


def _fill_awards(
    message: transaction_pb2.Transaction, transaction: Transaction
) -> None:
    lots = {lot.number: lot.place() for lot in transaction.lots}
    for award in transaction.awards:
        place: Place | None = lots.get(award.lot_number)
        told = message.awards.add(
            rule_id=award.rule_id,
            unit=award.unit,
            points=award.points,
            lot_id=place.lot_id() if place else "",
            explanation=award.explanation,
        )
        for item_id, points in award.shares:
            told.shares.add(item_id=item_id, points=points)
