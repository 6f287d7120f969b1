"""What a member had at an instant of the past, worked out from the records.

Read is only what the member did up to then, in one range of an index; the longer
that history, the longer it takes.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, select, text

from points.domain.balances import LotSum, balances_of
from points.domain.bounds import AT_ONCE
from points.domain.identity import held_account, member_account
from points.domain.lapses import Lapses
from points.domain.replay import PartReplay
from points.domain.values import Account, Balances, Kind, Limits, Lot
from points.store.reads.fetcher import ROWS_AT_A_TIME
from points.store.schema import account, record
from points.store.texts.rows import record_of


# By number, in whose order record times never fall: the first later one is the end.
_HISTORY: Final = (
    select(record)
    .where(
        record.c.part == bindparam("part", type_=Integer),
        record.c.member_id == bindparam("member_id", type_=Text),
        text("record.is_transaction = 1"),
        record.c.number > bindparam("number", 0, type_=BigInteger),
    )
    .order_by(record.c.number)
)
_UNITS: Final = select(account.c.unit).where(
    account.c.part == bindparam("part", type_=Integer),
    account.c.account == bindparam("account", type_=Text),
)
_LIMITS: Final = select(record).where(
    record.c.part == bindparam("part", type_=Integer),
    record.c.member_id == bindparam("member_id", type_=Text),
    record.c.kind == Kind.SET_LIMITS.value,
    record.c.record_time <= bindparam("record_time", type_=BigInteger),
)


def balances_at(
    connection: Connection, part: int, member_id: str, *, record_time: int
) -> list[Balances]:
    """Returns what the member had in each unit at an instant, itself included.

    It counts what had been recorded by then; when things happened does not matter.
    Holds that had lapsed by then count as settled, as they did then.
    """
    replay = _replayed(connection, part, member_id, record_time)
    names = {member_account(member_id), held_account(member_id)}
    accounts = [a for a in replay.accounts.values() if a.account in names]
    accounts += _bounded(connection, part, member_id, record_time, replay.units)
    lots = {lot.place(): lot for lot in replay.state_of_lots().values()}
    sums = [_sum_of(lot, record_time) for lot in lots.values() if lot.remaining]
    due = [hold for hold in replay.holds.values() if hold.has_lapsed(record_time)]
    return balances_of(accounts, sums, now=record_time, lapses=Lapses.of(due, lots))


def _sum_of(lot: Lot, now: int) -> LotSum:
    is_active = lot.activate_time <= now
    until = AT_ONCE if is_active else lot.activate_time
    return LotSum(
        lot.unit, lot.expire_time, is_active, lot.remaining, until, lot.has_come
    )


def _bounded(
    connection: Connection, part: int, member_id: str, record_time: int, known: set[str]
) -> list[Account]:
    """Returns the accounts that limits alone had begun by then: nothing is on them.

    Looked for if the member has units by now that the history does not know.
    """
    name = member_account(member_id)
    units = connection.execute(_UNITS, {"part": part, "account": name}).scalars()
    missing = set(units) - known
    if not missing:
        return []
    key = {"part": part, "member_id": member_id, "record_time": record_time}
    found = [record_of(row).result for row in connection.execute(_LIMITS, key)]
    begun = {limits.unit for limits in found if isinstance(limits, Limits)}
    return [Account.empty(part, name, unit) for unit in begun & missing]


def _replayed(
    connection: Connection, part: int, member_id: str, record_time: int
) -> PartReplay:
    """Returns the state that the member's own records lead to.

    What the replay finds wrong is left to verification: here the records of others
    are missing.
    """
    replay = PartReplay(part)
    rows = connection.execute(
        _HISTORY,
        {"part": part, "member_id": member_id},
        execution_options={"yield_per": ROWS_AT_A_TIME},
    )
    for row in rows:
        if row.record_time > record_time:
            rows.close()
            break
        deque(replay.add(record_of(row)), maxlen=0)
    return replay
