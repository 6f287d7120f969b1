"""Reads beside the writer, each from one snapshot, never waiting for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from points.domain.balances import LotSum, TrialBalanceLine, balances_of
from points.domain.changes import Position
from points.domain.filters import Comparison
from points.domain.identity import held_account, member_account
from points.domain.lots import LotState
from points.domain.values import Account, Balances, Head, Lot, Member, Record
from points.domain.versions import AppliedProgram
from points.store.databases.backend import Backend
from points.store.databases.translating import translated
from points.store.reads.claims import ClaimReads
from points.store.reads.closes import Close, closes_of
from points.store.reads.counters import CounterReads
from points.store.reads.feed import Stretch, changes_between
from points.store.reads.history import balances_at
from points.store.reads.holds import HoldReads
from points.store.reads.lot_states import in_states
from points.store.reads.plugin_documents import DocumentReads
from points.store.reads.programs import programs_among, programs_before
from points.store.reads.standings import StandingReads
from points.store.reads.statements import StatementPlace, by_effective_time
from points.store.schema import account, head, lot, member, record
from points.store.texts.rows import account_of, head_of, lot_of, member_of, record_of


_PART: Final = bindparam("part", type_=Integer)
_MEMBER_ID: Final = bindparam("member_id", type_=Text)

_HEAD: Final = select(head).where(head.c.part == _PART)
_HEADS: Final = select(head).order_by(head.c.part)
_MEMBER: Final = select(member).where(
    member.c.part == _PART, member.c.member_id == _MEMBER_ID
)
_ACCOUNTS: Final = select(account).where(
    account.c.part == _PART, account.c.account.in_(bindparam("names", expanding=True))
)
_ACCOUNT: Final = _ACCOUNTS.where(account.c.unit == bindparam("unit"))
_ACTIVE: Final = lot.c.activate_time <= bindparam("now")
# The activation of those that are still to come alone: the others are one sum.
_PENDING_UNTIL: Final = case((_ACTIVE, 0), else_=lot.c.activate_time)
# Whose lifetime it counts in matters of lots that never become usable alone.
_IS_OWN: Final = or_(
    lot.c.origin == literal_column("''"), lot.c.earner == lot.c.member_id
)
_CAME: Final = case((or_(_ACTIVE, _IS_OWN), 0), else_=1)
_LOT_SUMS: Final = (
    select(
        lot.c.unit,
        lot.c.expire_time,
        _PENDING_UNTIL.label("pending_until"),
        _CAME.label("came"),
        func.sum(lot.c.remaining),
    )
    .where(lot.c.part == _PART, lot.c.member_id == _MEMBER_ID, lot.c.is_drawn == 0)
    .group_by(lot.c.unit, lot.c.expire_time, "pending_until", "came")
)
_RECORD: Final = select(record).where(
    record.c.part == _PART, record.c.number == bindparam("number")
)
_OUTCOME: Final = select(record).where(
    record.c.part == _PART,
    record.c.member_id == _MEMBER_ID,
    record.c.request_id == bindparam("request_id"),
)
# Without `is_drawn`, or a lot would change its place while pages are read. The list
# of open lots follows the index; that of all lots is sorted, per member.
_LOT_ORDER: Final = (lot.c.unit, lot.c.expire_time, lot.c.number)
_BEHIND_NAMES: Final = ("after_unit", "after_time", "after_number")
_BEHIND: Final = tuple_(*_LOT_ORDER) > tuple_(
    bindparam("after_unit", type_=Text),
    bindparam("after_time", type_=BigInteger),
    bindparam("after_number", type_=BigInteger),
)
_LOTS: Final = (
    select(lot)
    .where(lot.c.part == _PART, lot.c.member_id == _MEMBER_ID, _BEHIND)
    .order_by(*_LOT_ORDER)
    .limit(bindparam("limit"))
)
_LOTS_OF_UNIT: Final = _LOTS.where(lot.c.unit == bindparam("unit", type_=Text))
_IS_LEFT: Final = lot.c.is_drawn == 0
_IS_OPEN: Final = lot.c.expire_time > bindparam("open_at", type_=BigInteger)
_OPEN_LOTS: Final = _LOTS.where(_IS_OPEN, _IS_LEFT)
_OPEN_LOTS_OF_UNIT: Final = _LOTS_OF_UNIT.where(_IS_OPEN, _IS_LEFT)
# A literal, or PostgreSQL's plan for all values cannot use the index of transactions.
_TRANSACTIONS: Final = (
    select(record)
    .where(
        record.c.part == _PART,
        record.c.member_id == _MEMBER_ID,
        record.c.is_transaction == literal_column("1"),
        record.c.number < bindparam("number"),
    )
    .order_by(record.c.number.desc())
    .limit(bindparam("limit"))
)
_MEMBERS: Final = (
    select(member)
    .where(
        tuple_(member.c.part, member.c.member_id)
        > tuple_(bindparam("part"), bindparam("member_id"))
    )
    .order_by(member.c.part, member.c.member_id)
    .limit(bindparam("limit"))
)
_SHOWN_ACCOUNT: Final = case(
    (account.c.account.like("member:%"), "member"),
    (account.c.account.like("held:%"), "held"),
    (account.c.account.like("shortfall:%"), "shortfall"),
    else_=account.c.account,
)
# Summed by part in the database and over parts in Python: a sum over all parts
# need not fit into 64 bits, and SQLite refuses one that does not.
_SUMS: Final = (
    select(account.c.part, _SHOWN_ACCOUNT, account.c.unit, func.sum(account.c.balance))
    .group_by(account.c.part, _SHOWN_ACCOUNT, account.c.unit)
    .order_by(account.c.part)
)


class Snapshot(HoldReads, CounterReads, StandingReads, ClaimReads, DocumentReads):
    """Is the ledger as it was when the snapshot was opened."""

    def head(self, part: int) -> Head:
        """Returns the head of a part."""
        return head_of(self._one(_HEAD, part=part))

    def heads(self) -> list[Head]:
        """Returns the heads of all parts."""
        return [head_of(row) for row in self.all(_HEADS)]

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        row = self._one(_MEMBER, part=part, member_id=member_id)
        return member_of(row) if row else None

    def members(
        self, after: tuple[int, str], conditions: Iterable[Comparison], limit: int
    ) -> list[Member]:
        """Returns the members behind (part, member_id) that meet the conditions."""
        statement = _where(_MEMBERS, conditions, member.c)
        rows = self.all(statement, part=after[0], member_id=after[1], limit=limit)
        return [member_of(row) for row in rows]

    def account(self, part: int, name: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        row = self._one(_ACCOUNT, part=part, names=[name], unit=unit)
        return account_of(row) if row else Account.empty(part, name, unit)

    def balances(self, part: int, member_id: str, *, now: int) -> list[Balances]:
        """Returns what the member has in each unit ever earned."""
        names = [member_account(member_id), held_account(member_id)]
        found = self.all(_ACCOUNTS, part=part, names=names)
        accounts = [account_of(row) for row in found]
        rows = self.all(_LOT_SUMS, part=part, member_id=member_id, now=now)
        sums = [
            LotSum(unit, end, not until, int(points), until, bool(came))
            for unit, end, until, came, points in rows
        ]
        is_held = any(a.balance for a in accounts if a.account == names[1])
        lapses = self.lapses(part, member_id, now=now) if is_held else None
        return balances_of(accounts, sums, now=now, lapses=lapses)

    def lots(
        self,
        part: int,
        member_id: str,
        *,
        unit: str,
        open_at: int | None,
        after: tuple[str, int, int],
        limit: int,
        states: frozenset[LotState] = frozenset(),
        now: int = 0,
    ) -> list[Lot]:
        """Returns the lots behind (unit, expire_time, number), in this order.

        It is the order of drawing within each unit. `unit` empty means all;
        `open_at` leaves out what is drawn or expired at that instant, and `states`
        what is in no such state `now`; empty means all. Holds that have lapsed by
        `now` hold nothing of them.
        """
        lapses = self.lapses(part, member_id, now=now)
        numbers = [place.number for place in lapses.returned_to]
        statement = _lots_statement(
            is_of_unit=bool(unit), is_open=open_at is not None, returned_to=numbers
        )
        if states:
            statement = statement.where(in_states(states, now, numbers))
        values = dict(zip(_BEHIND_NAMES, after, strict=True))
        values.update(unit=unit, open_at=open_at, limit=limit)
        rows = self.all(statement, part=part, member_id=member_id, **values)
        return [lapses.settled(lot_of(row)) for row in rows]

    def record(self, part: int, number: int) -> Record | None:
        """Returns the record at a place, or None."""
        row = self._one(_RECORD, part=part, number=number)
        return record_of(row) if row else None

    def outcome(self, part: int, member_id: str, request_id: str) -> Record | None:
        """Returns what is recorded for a request id, or None."""
        key = {"member_id": member_id, "request_id": request_id}
        row = self._one(_OUTCOME, part=part, **key)
        return record_of(row) if row else None

    def transactions(
        self,
        part: int,
        member_id: str,
        *,
        before: int,
        conditions: Iterable[Comparison],
        limit: int,
    ) -> list[Record]:
        """Returns the member's transactions before a number, the latest first."""
        statement = _where(_TRANSACTIONS, conditions, record.c)
        rows = self.all(
            statement, part=part, member_id=member_id, number=before, limit=limit
        )
        return [record_of(row) for row in rows]

    def last_position(self) -> Position:
        """Returns the position behind the last record."""
        return Position(tuple(head.last_number for head in self.heads()))

    def changes(
        self,
        start: Position,
        end: Position,
        *,
        limit: int,
        parts: Collection[int] | None = None,
    ) -> Stretch:
        """Returns the changes behind `start`, up to `end` or so many.

        `parts` leaves out all other parts. `end` must not lie before `start`, nor
        behind the last record. Raises ResumeTokenTooOld.
        """
        return changes_between(self._connection, start, end, limit=limit, parts=parts)

    def transactions_by_effective_time(
        self,
        part: int,
        member_id: str,
        *,
        place: StatementPlace,
        conditions: Iterable[Comparison],
        limit: int,
    ) -> list[Record]:
        """Returns the member's transactions from a place on, the latest first."""
        return by_effective_time(
            self._connection,
            part,
            member_id,
            place=place,
            conditions=[_condition(c, record.c) for c in conditions],
            limit=limit,
        )

    def balances_at(
        self, part: int, member_id: str, *, record_time: int
    ) -> list[Balances]:
        """Returns what the member had in each unit at an instant of the past."""
        return balances_at(self._connection, part, member_id, record_time=record_time)

    def closes(self, *, before: int, limit: int) -> list[Close]:
        """Returns the closes before a number of part 0, the latest first."""
        return closes_of(self._connection, before=before, limit=limit)

    def programs(self, versions: range) -> list[AppliedProgram]:
        """Returns the versions of the program that exist among these, in order."""
        return programs_among(self._connection, versions)

    def programs_before(self, version: int, *, limit: int) -> list[AppliedProgram]:
        """Returns the versions before one without documents, the last first."""
        return programs_before(self._connection, version, limit=limit)

    def trial_balance(self) -> list[TrialBalanceLine]:
        """Returns the sum of every account, those of members together."""
        sums: dict[tuple[str, str], int] = {}
        for _, name, unit, points in self.all(_SUMS):
            sums[unit, name] = sums.get((unit, name), 0) + int(points)
        return [
            TrialBalanceLine(name, unit, points)
            for (unit, name), points in sorted(sums.items())
        ]

    def all(self, statement: Select[Any], **values: object) -> Sequence[Any]:
        """Returns the rows of a statement, for reads in a module of their own."""
        return self._connection.execute(statement, values).fetchall()

    def _one(self, statement: Select[Any], **values: object) -> Any:
        return self._connection.execute(statement, values).fetchone()


@contextmanager
def open_snapshot(backend: Backend) -> Iterator[Snapshot]:
    """Opens a snapshot for the length of the block; raises StoreLost."""
    with (
        translated(backend),
        backend.reading.connect() as connection,
        connection.begin(),
    ):
        yield Snapshot(connection)


def _lots_statement(
    *, is_of_unit: bool, is_open: bool, returned_to: Sequence[int]
) -> Select[Any]:
    """Returns what reads lots; those are open too that lapses have returned to."""
    every = _LOTS_OF_UNIT if is_of_unit else _LOTS
    if not is_open:
        return every
    if returned_to:
        is_left = or_(_IS_LEFT, lot.c.number.in_(returned_to))
        return every.where(_IS_OPEN, is_left)
    return _OPEN_LOTS_OF_UNIT if is_of_unit else _OPEN_LOTS


def _where(
    statement: Select[Any], conditions: Iterable[Comparison], columns: Any
) -> Select[Any]:
    return statement.where(*(_condition(c, columns) for c in conditions))


def _condition(condition: Comparison, columns: Any) -> ColumnElement[bool]:
    column = columns[condition.field]
    operators = {
        "=": column.__eq__,
        "!=": column.__ne__,
        "<": column.__lt__,
        "<=": column.__le__,
        ">": column.__gt__,
        ">=": column.__ge__,
    }
    found: ColumnElement[bool] = operators[condition.operator](condition.value)
    return found
