"""Works the state of a part out from its records alone: what verification compares.

It shares no code with the decisions, so that a mistake in one shows in the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.identity import BREAKAGE, ISSUANCE, member_account
from points.domain.refusals import Refusal
from points.domain.values import (
    Account,
    Draw,
    Kind,
    Lot,
    Member,
    Posting,
    Record,
    Transaction,
)


class PartReplay:
    """Is the state of one part after the records that were added, in their order."""

    def __init__(self, part: int) -> None:
        self.part = part
        self.last_number = 0
        self.last_lot_number = 0
        self.last_time = 0
        self.transaction_count = 0
        self.accounts: dict[tuple[str, str], Account] = {}
        self.lots: dict[int, Lot] = {}
        self.members: dict[str, Member] = {}

    def add(self, record: Record) -> Iterator[str]:
        """Adds the next record and yields what is wrong with it."""
        if record.number != self.last_number + 1:
            yield f"record {record.number} follows record {self.last_number}"
        if record.record_time < self.last_time:
            yield f"record {record.number} is older than the one before"
        self.last_number = record.number
        self.last_time = max(self.last_time, record.record_time)
        if not _is_of_its_kind(record):
            yield f"record {record.number} is no {record.kind}"
        if isinstance(record.result, Member):
            self.members[record.member_id] = record.result
        if isinstance(record.result, Transaction):
            self.transaction_count += 1
            yield from self._add_transaction(record, record.result)

    def _add_transaction(
        self, record: Record, transaction: Transaction
    ) -> Iterator[str]:
        where = f"transaction {record.place().transaction_id()}"
        for posting in transaction.postings:
            yield from self._post(where, posting)
        for lot in transaction.lots:
            if lot.number in self.lots:
                yield f"{where} makes lot {lot.number} once more"
            self.last_lot_number = max(self.last_lot_number, lot.number)
            self.lots[lot.number] = lot
        for draw in transaction.draws:
            yield from self._draw(where, record.member_id, draw)
        yield from self._check_balance(where, record, transaction)
        yield from _check_lots(where, record, transaction)

    def _post(self, where: str, posting: Posting) -> Iterator[str]:
        if posting.points <= 0:
            yield f"{where} posts {posting.points} {posting.unit}"
        source = self._account(posting.source, posting.unit)
        self._put(self._given(source, posting))
        destination = self._account(posting.destination, posting.unit)
        self._put(self._taken(destination, posting))
        if self._account(posting.source, posting.unit).balance < source.floor:
            yield f"{where} brings {posting.source} below its floor"

    def _given(self, source: Account, posting: Posting) -> Account:
        to_sink = posting.destination.startswith("burn:")
        to_breakage = posting.destination == BREAKAGE
        return source._replace(
            balance=source.balance - posting.points,
            lifetime_burned=source.lifetime_burned + posting.points * to_sink,
            lifetime_expired=source.lifetime_expired + posting.points * to_breakage,
        )

    def _taken(self, destination: Account, posting: Posting) -> Account:
        is_issued = posting.source == ISSUANCE
        return destination._replace(
            balance=destination.balance + posting.points,
            lifetime_earned=destination.lifetime_earned + posting.points * is_issued,
        )

    def _draw(self, where: str, member_id: str, draw: Draw) -> Iterator[str]:
        lot = self.lots.get(draw.lot.number)
        if lot is None or lot.remaining < draw.points:
            number = draw.lot.number
            yield f"{where} draws {draw.points} from lot {number}, which has fewer"
            return
        if lot.member_id != member_id:
            yield f"{where} draws from lot {lot.number} of member {lot.member_id}"
        self.lots[lot.number] = lot._replace(remaining=lot.remaining - draw.points)

    def _check_balance(
        self, where: str, record: Record, transaction: Transaction
    ) -> Iterator[str]:
        unit = transaction.postings[0].unit
        balance = self._account(member_account(record.member_id), unit).balance
        if balance != transaction.balance_after:
            yield (
                f"{where} says {transaction.balance_after} {unit} are left,"
                f" the postings say {balance}"
            )

    def _account(self, name: str, unit: str) -> Account:
        found = self.accounts.get((name, unit))
        return found or Account.empty(self.part, name, unit)

    def _put(self, account: Account) -> None:
        self.accounts[account.account, account.unit] = account


def _check_lots(where: str, record: Record, transaction: Transaction) -> Iterator[str]:
    """Yields what is wrong if the member's lots move otherwise than the account."""
    name = member_account(record.member_id)
    gained = sum(p.points for p in transaction.postings if p.destination == name)
    lost = sum(p.points for p in transaction.postings if p.source == name)
    made = sum(lot.points for lot in transaction.lots)
    drawn = sum(draw.points for draw in transaction.draws)
    if (gained, lost) != (made, drawn):
        yield f"{where} posts {gained} and {lost}, its lots move {made} and {drawn}"


def _is_of_its_kind(record: Record) -> bool:
    """Says whether the result is one that a command of this kind can have."""
    match record.result:
        case Refusal():
            return True
        case Member():
            return record.kind not in (Kind.EARN, Kind.BURN)
        case Transaction(postings=(first, *_)):
            is_issued = first.source == ISSUANCE
            return record.kind is (Kind.EARN if is_issued else Kind.BURN)
    return False
