"""Closing trial balances of parts, read behind their locks.

What stands on the accounts now, less what happened at the instant or later: the
records are read backwards until they are older. A close soon after the end of its
period is therefore quick however long the history is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from points.domain.closing import Sums, sums_of
from points.domain.values import Posting
from points.store.databases.session import Session
from points.store.texts.canonical import read_postings


_RECORDS_AT_A_TIME: Final = 500

# Whole numbers alone are put into these texts, and both databases take them.
_SUMS: Final = """
SELECT CASE WHEN substr(account, 1, 7) = 'member:' THEN 'member'
            WHEN substr(account, 1, 5) = 'held:' THEN 'held'
            WHEN substr(account, 1, 10) = 'shortfall:' THEN 'shortfall'
            ELSE account END AS kind, unit, sum(balance)
  FROM account WHERE part = {part} GROUP BY kind, unit
"""
_LATEST: Final = """
SELECT number, record_time, effective_time, is_transaction, body
  FROM record WHERE part = {part} AND number < {before}
 ORDER BY number DESC LIMIT {limit}
"""


def closing_sums(session: Session, part: int, until_time: int) -> Sums:
    """Returns what stood on the accounts of a part before an instant."""
    sums: Sums = Counter()
    for kind, unit, points in _run(session, _SUMS, part=part):
        sums[kind, unit] += int(points)
    for postings in _later(session, part, until_time):
        sums.subtract(sums_of(postings))
    return sums


def _later(session: Session, part: int, until_time: int) -> Iterator[list[Posting]]:
    """Yields the postings of what happened at an instant or later."""
    before = 2**63 - 1
    while rows := _run(
        session, _LATEST, part=part, before=before, limit=_RECORDS_AT_A_TIME
    ):
        for number, record_time, effective_time, is_transaction, body in rows:
            if record_time < until_time:
                return
            before = number
            if is_transaction and effective_time >= until_time:
                yield read_postings(body)


def _run(session: Session, sql: str, **numbers: int) -> list[Any]:
    found: list[Any] = session.execute(sql.format(**numbers), ()).fetchall()
    return found
