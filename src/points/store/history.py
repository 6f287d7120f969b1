"""What a member had at an instant of the past, worked out from the records.

Read is only what the member did up to then, in one range of an index; the longer
that history, the longer it takes.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, select, text

from points.domain.balances import LotSum, balances_of
from points.domain.identity import member_account
from points.domain.replay import PartReplay
from points.domain.values import Balances
from points.store.rows import record_of
from points.store.scan import ROWS_AT_A_TIME
from points.store.schema import record


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


def balances_at(
    connection: Connection, part: int, member_id: str, *, record_time: int
) -> list[Balances]:
    """Returns what the member had in each unit at an instant, itself included.

    It counts what had been recorded by then; when things happened does not matter.
    """
    replay = _replayed(connection, part, member_id, record_time)
    name = member_account(member_id)
    accounts = [a for a in replay.accounts.values() if a.account == name]
    sums = [
        LotSum(
            lot.unit,
            lot.expire_time,
            is_active=lot.activate_time <= record_time,
            points=lot.remaining,
        )
        for lot in replay.state_of_lots().values()
        if lot.remaining
    ]
    return balances_of(accounts, sums, now=record_time)


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
