"""How a record moves lots, as verification works it out."""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.identity import member_account
from points.domain.values import Draw, Kind, Lot, Record, Transaction


def as_told(lot: Lot | None) -> Lot | None:
    """Returns the lot without what replay knows later, or a record does not tell."""
    return lot and lot._replace(held=0, ended=0)


def made_lots(transaction: Transaction) -> list[Lot]:
    """Returns the lots that are new: retimed ones are told because they changed."""
    retimed = {change.lot for change in transaction.retimed}
    return [lot for lot in transaction.lots if lot.place() not in retimed]


def drawn_now(record: Record, transaction: Transaction) -> tuple[Draw, ...]:
    """Returns the draws that leave their lots with this transaction.

    Those of a capture left them when the hold was placed.
    """
    is_of_hold = transaction.hold is not None and record.kind is not Kind.HOLD
    return () if is_of_hold else transaction.draws


def check_lots(where: str, record: Record, transaction: Transaction) -> Iterator[str]:
    """Yields what is wrong if the member's lots move otherwise than the account."""
    name = member_account(record.member_id)
    gained = sum(p.points for p in transaction.postings if p.destination == name)
    lost = sum(p.points for p in transaction.postings if p.source == name)
    made = sum(lot.points for lot in made_lots(transaction))
    returned = sum(draw.points for draw in transaction.returns)
    drawn = sum(draw.points for draw in drawn_now(record, transaction))
    if (gained, lost) != (made + returned, drawn):
        yield (
            f"{where} posts {gained} and {lost},"
            f" its lots move {made + returned} and {drawn}"
        )
