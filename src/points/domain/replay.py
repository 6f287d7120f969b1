"""Works the state of a part out from its records alone: what verification compares.

It shares no code with the decisions, so that a mistake in one shows in the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from points.domain.bounds import NEVER
from points.domain.claim_replay import add_claims
from points.domain.claims import Claim
from points.domain.closing import ClosingSums
from points.domain.document_replay import DocumentKey, add_documents
from points.domain.documents import Document
from points.domain.identity import (
    BREAKAGE,
    ISSUANCE,
    RESERVED_PREFIX,
    held_account,
    member_account,
    shortfall_account,
)
from points.domain.kinds import (
    kind_problem,
    pooled_by,
    returned_by,
    reversed_by,
    reversible_points,
)
from points.domain.limits_replay import LimitsReplay
from points.domain.plugin_calls import PluginCall
from points.domain.program_replay import ProgramReplay
from points.domain.progress import Progress
from points.domain.replay_lots import as_told, check_lots, drawn_now, made_lots
from points.domain.returns import NOTHING_RETURNED, Returned
from points.domain.standing_replay import StandingReplay
from points.domain.standings import Standing
from points.domain.values import (
    Account,
    BooksClose,
    Draw,
    Erasure,
    Hold,
    HoldState,
    Kind,
    Limits,
    Lot,
    Member,
    MemberState,
    Notice,
    Posting,
    Record,
    Retimed,
    Transaction,
)
from points.domain.versions import ProgramVersion


class PartReplay:
    """Is the state of one part after the records that were added, in their order."""

    def __init__(self, part: int, ends: Iterable[int] = ()) -> None:
        """Begins with nothing; `ends` are the closes whose lines are checked."""
        self.part = part
        self._closing = ClosingSums(ends)
        self.last_number = 0
        self.last_lot_number = 0
        self.last_hold_number = 0
        self.last_time = 0
        self.closed_time = 0
        self.program = ProgramReplay()
        self.transaction_count = 0
        self.accounts: dict[tuple[str, str], Account] = {}
        self.units: set[str] = set()
        self.lots: dict[int, Lot] = {}
        self.holds: dict[int, Hold] = {}
        self.members: dict[str, Member] = {}
        self._limits = LimitsReplay()
        self.reversed_points: dict[int, int] = {}
        self.points_of: dict[int, int] = {}
        self.returned: dict[int, Returned] = {}
        self._standing = StandingReplay(part)
        self.claims: dict[tuple[int, int], Claim] = {}
        self.documents: dict[DocumentKey, Document] = {}

    def add(self, record: Record) -> Iterator[str]:
        """Adds the next record and yields what is wrong with it."""
        if record.number != self.last_number + 1:
            yield f"record {record.number} follows record {self.last_number}"
        if record.record_time < max(self.last_time, self.closed_time):
            yield f"record {record.number} is older than the one before"
        self.last_number = record.number
        self.last_time = max(self.last_time, record.record_time)
        yield from kind_problem(record)
        yield from self.program.check(record)
        yield from self._add_result(record)
        yield from self._standing.add(record)

    def _add_result(self, record: Record) -> Iterator[str]:
        match record.result:
            case Member() as member:
                self.members[record.member_id] = member
            case Erasure(member):
                self.members[record.member_id] = member
            case Limits() as limits:
                self._keep_limits(self._limits.bound(limits), record.member_id)
            case BooksClose() as close:
                yield from self._close(record, close)
            case ProgramVersion() as version:
                yield from self.program.apply(record, version, self.accounts)
            case PluginCall() as call:
                yield from add_documents(self.documents, record, call)
            case Notice() as notice:
                yield from self._give_notice(record, notice)
            case Transaction() as transaction:
                self.transaction_count += 1
                yield from self._add_transaction(record, transaction)

    def _close(self, record: Record, close: BooksClose) -> Iterator[str]:
        if close.until_time <= self.closed_time:
            yield f"record {record.number} closes books that are closed"
        self.closed_time = max(self.closed_time, close.until_time)
        lines = self._closing.lines_until(close.until_time)
        if lines not in (None, close.lines):
            yield (
                f"record {record.number} closes the books with {close.lines},"
                f" the records say {lines}"
            )

    @property
    def program_version(self) -> int:
        """Returns the last version of the program that was applied."""
        return self.program.last

    def _give_notice(self, record: Record, notice: Notice) -> Iterator[str]:
        """Marks the lots that are announced, each once for each of its expiries."""
        for place, *told in notice.lots:
            lot = self.lots.get(place.number)
            owner = (record.part, record.member_id, notice.unit)
            if lot is None or (place.part, lot.member_id, lot.unit) != owner:
                yield f"record {record.number} announces lot {place.number} of others"
                continue
            if [lot.remaining, lot.expire_time] != told:
                yield f"record {record.number} announces lot {lot.number} wrongly"
            if lot.noticed_time == lot.expire_time:
                yield f"record {record.number} announces lot {lot.number} once more"
            self.lots[lot.number] = lot._replace(noticed_time=lot.expire_time)

    @property
    def progress(self) -> dict[str, Progress]:
        """Returns what members have done so far."""
        return self._standing.progress

    @property
    def standings(self) -> dict[tuple[str, str], Standing]:
        """Returns where members stand, by member and ladder."""
        return self._standing.standings

    def state_of_lots(self) -> dict[int, Lot]:
        """Returns the lots with what the open holds hold of them."""
        held: defaultdict[int, int] = defaultdict(int)
        for hold in self.holds.values():
            for draw in hold.draws:
                held[draw.lot.number] += draw.points
        return {n: lot._replace(held=held[n]) for n, lot in self.lots.items()}

    def _add_transaction(
        self, record: Record, transaction: Transaction
    ) -> Iterator[str]:
        where = f"transaction {record.place().transaction_id()}"
        self._closing.add(record.effective_time, transaction.postings)
        if self._is_dated_back(record):
            yield f"{where} is dated back before the books were closed"
        for posting in transaction.postings:
            yield from self._post(where, record.member_id, posting)
        for lot in made_lots(transaction):
            if lot.number in self.lots:
                yield f"{where} makes lot {lot.number} once more"
            self.last_lot_number = max(self.last_lot_number, lot.number)
            self.lots[lot.number] = lot
        for draw in transaction.returns:
            yield from self._move(where, record.member_id, draw, draw.points)
        for draw in drawn_now(record, transaction):
            yield from self._move(where, record.member_id, draw, -draw.points)
        self._keep_earned(record, transaction)
        yield from self._end(where, record.kind, transaction)
        for retimed in transaction.retimed:
            yield from self._retime(where, retimed)
            yield from self._check_told(where, retimed, transaction)
        if transaction.hold is not None:
            yield from self._keep_hold(where, transaction.hold)
        self._use(record, transaction)
        yield from add_claims(self.claims, where, record, transaction)
        if record.kind is Kind.MERGE:
            yield from self._merge(where, record, transaction)
        yield from self._reverse(where, record.number, transaction)
        yield from self._check_balance(where, record, transaction)
        yield from check_lots(where, record, transaction)

    def _is_dated_back(self, record: Record) -> bool:
        # What the server records by itself may have been due before.
        is_ours = record.request_id.startswith(RESERVED_PREFIX)
        return record.effective_time < self.closed_time and not is_ours

    def _use(self, record: Record, transaction: Transaction) -> None:
        for unit in self._limits.use(record, transaction):
            self._keep_limits(unit, record.member_id)

    def _keep_limits(self, unit: str, member_id: str) -> None:
        account = self._account(member_account(member_id), unit)
        limits, usage = self._limits.texts(member_id, unit)
        self._put(account._replace(limits=limits, usage=usage))

    def _post(self, where: str, member_id: str, posting: Posting) -> Iterator[str]:
        if posting.points <= 0:
            yield f"{where} posts {posting.points} {posting.unit}"
        source = self._account(posting.source, posting.unit)
        given = source._replace(balance=source.balance - posting.points)
        self._put(given)
        taker = self._account(posting.destination, posting.unit)
        self._put(taker._replace(balance=taker.balance + posting.points))
        self._count(member_account(member_id), posting)
        if given.balance < source.floor:
            yield f"{where} brings {posting.source} below its floor"

    def _count(self, name: str, posting: Posting) -> None:
        """Adds to the lifetime counts of the member whose record it is."""
        source, destination, unit, points = posting
        is_issued = (source == ISSUANCE) - (destination == ISSUANCE)
        is_sunk = destination.startswith("burn:") - source.startswith("burn:")
        is_lost = (destination == BREAKAGE) - (source == BREAKAGE)
        is_owed = source.startswith("shortfall:") - destination.startswith("shortfall:")
        if not (is_issued or is_sunk or is_lost or is_owed):
            return
        account = self._account(name, unit)
        self._put(
            account._replace(
                lifetime_earned=account.lifetime_earned + points * is_issued,
                lifetime_burned=account.lifetime_burned + points * is_sunk,
                lifetime_expired=account.lifetime_expired + points * is_lost,
                shortfall=account.shortfall + points * is_owed,
            )
        )

    def _keep_earned(self, record: Record, transaction: Transaction) -> None:
        """Keeps the count of a member to whom never usable points had come.

        From a pool's earner, or by a merge: they count where they were earned, unless
        a merge has brought the earner's own back.
        """
        if record.kind not in (Kind.EXPIRE, Kind.CANCEL):
            return
        for draw in transaction.draws:
            lot = self.lots.get(draw.lot.number)
            if lot is None or not lot.origin or lot.earner == lot.member_id:
                continue
            if record.kind is Kind.EXPIRE and lot.activate_time != NEVER:
                continue
            account = self._account(member_account(record.member_id), lot.unit)
            earned = account.lifetime_earned + draw.points
            self._put(account._replace(lifetime_earned=earned))

    def _move(
        self, where: str, member_id: str, draw: Draw, points: int
    ) -> Iterator[str]:
        """Takes points from a lot, or gives them back to it."""
        lot = self.lots.get(draw.lot.number)
        if lot is None or not 0 <= lot.remaining + points <= lot.points:
            does = f"draws {-points} from" if points < 0 else f"gives {points} back to"
            yield f"{where} {does} lot {draw.lot.number}, which has fewer"
            return
        if lot.member_id != member_id:
            yield f"{where} draws from lot {lot.number} of member {lot.member_id}"
        self.lots[lot.number] = lot._replace(remaining=lot.remaining + points)

    def _end(self, where: str, kind: Kind, transaction: Transaction) -> Iterator[str]:
        """Keeps what was swept from each lot, and what a reverse took back of it."""
        swept = [p for p in transaction.postings if p.destination == BREAKAGE]
        if swept or kind in (Kind.EXPIRE, Kind.CANCEL):
            for draw in transaction.draws:
                self._add_ended(draw.lot.number, draw.points)
        for draw in transaction.unswept:
            number = draw.lot.number
            if not self._add_ended(number, -draw.points):
                yield f"{where} takes back more than has expired of lot {number}"
        told = sum(draw.points for draw in transaction.unswept)
        unswept = sum(p.points for p in transaction.postings if p.source == BREAKAGE)
        if told != unswept:
            yield f"{where} takes {unswept} back from breakage, and {told} of its lots"

    def _add_ended(self, number: int, points: int) -> bool:
        lot = self.lots.get(number)
        if lot is None:
            return not points
        self.lots[number] = lot._replace(ended=lot.ended + points)
        return lot.ended + points >= 0

    def _retime(self, where: str, retimed: Retimed) -> Iterator[str]:
        place, activate_time, expire_time = retimed
        lot = self.lots.get(place.number)
        if lot is None:
            yield f"{where} changes lot {place.number}, which does not exist"
            return
        self.lots[lot.number] = lot._replace(
            activate_time=activate_time,
            expire_time=expire_time,
            waits_for="",
            noticed_time=0,
        )

    def _check_told(
        self, where: str, retimed: Retimed, transaction: Transaction
    ) -> Iterator[str]:
        """Yields what is wrong if a lot is told otherwise than it has become."""
        told = next((o for o in transaction.lots if o.place() == retimed.lot), None)
        if told and as_told(self.lots.get(told.number)) != as_told(told):
            yield f"{where} tells lot {told.number} otherwise than it is"

    def _merge(
        self, where: str, record: Record, transaction: Transaction
    ) -> Iterator[str]:
        """Leaves the member who gave everything merged, and with nothing."""
        member = self.members.get(record.member_id)
        if member is None:
            yield f"{where} merges a member who does not exist"
            return
        self.members[member.member_id] = member._replace(
            state=MemberState.MERGED,
            merged_into=transaction.counterparty,
            update_time=record.record_time,
            version=member.version + 1,
        )
        for name in (member_account, held_account, shortfall_account):
            account = name(member.member_id)
            if any(self._account(account, unit).balance for unit in self.units):
                yield f"{where} leaves points on {account}"

    def _keep_hold(self, where: str, hold: Hold) -> Iterator[str]:
        told = hold.open_points + hold.captured_points + hold.voided_points
        if told != hold.points or (hold.state is HoldState.OPEN) != bool(hold.draws):
            yield f"{where} leaves hold {hold.number} with {told} of {hold.points}"
        self.last_hold_number = max(self.last_hold_number, hold.number)
        self.holds[hold.number] = hold

    def _reverse(
        self, where: str, number: int, transaction: Transaction
    ) -> Iterator[str]:
        """Counts what can be reversed and what has been, once per point."""
        if transaction.reverses is None:
            self.points_of[number] = reversible_points(transaction)
            return
        of = transaction.reverses.number
        reversed_points = self.reversed_points.get(of, 0) + reversed_by(transaction)
        self.reversed_points[of] = reversed_points
        if reversed_points > self.points_of.get(of, 0):
            yield f"{where} reverses more than transaction {of} moved"
        pooled = pooled_by(transaction)
        if transaction.is_return or pooled:
            yield from self._return(where, of, transaction, pooled)

    def _return(
        self, where: str, of: int, transaction: Transaction, pooled: dict[str, int]
    ) -> Iterator[str]:
        """Keeps what was returned of an activity, each item once, and of a pool."""
        before = self.returned.get(of, NOTHING_RETURNED)
        items, whole = transaction.returned_items, transaction.returns_all
        if before.is_whole or not set(before.items).isdisjoint(items):
            yield f"{where} returns items of transaction {of} once more"
        points = returned_by(transaction) if transaction.is_return else {}
        after = before.after(items, points, is_whole=whole, pooled=pooled)
        self.returned[of] = after

    def _check_balance(
        self, where: str, record: Record, transaction: Transaction
    ) -> Iterator[str]:
        if not transaction.postings:
            return
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
        self.units.add(account.unit)
