"""What a transaction says of an activity, to protobuf."""

from __future__ import annotations

from points.domain.claims import ClaimPlace
from points.domain.identity import Place
from points.domain.values import Transaction
from points.v1 import transaction_pb2


def fill_activity(
    message: transaction_pb2.Transaction, transaction: Transaction
) -> None:
    """Writes the activity into the message of its transaction."""
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


def fill_awards(message: transaction_pb2.Transaction, transaction: Transaction) -> None:
    """Writes what rules gave, and what of it waits to be collected."""
    claims = {claim.position: claim.place() for claim in transaction.claims}
    lots = {lot.number: lot.place() for lot in transaction.lots}
    for award in transaction.awards:
        place: Place | None = lots.get(award.lot_number)
        waiting: ClaimPlace | None = claims.get(award.claim_position)
        told = message.awards.add(
            rule_id=award.rule_id,
            unit=award.unit,
            points=award.points,
            lot_id=place.lot_id() if place else "",
            explanation=award.explanation,
            claim_id=waiting.claim_id() if waiting else "",
        )
        for item_id, points in award.shares:
            told.shares.add(item_id=item_id, points=points)
