"""What a ledger is filled with: item N is always the same command."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import text

from points.client import PointsClient, Refused
from points.client.requests import (
    batch_command,
    burn_request,
    create_member_request,
    earn_request,
)
from points.store.opening import open_store_to_read, parse_url
from points.v1.ledger_service_pb2 import (
    BATCH_MODE_INDEPENDENT,
    BatchCommand,
    BatchWriteRequest,
)


BATCH: Final = 1_000
"""Commands of a call."""

CALLERS: Final = 2
"""Calls at a time: one is decided while another one is read."""

MEMBERS_LEAST: Final = BATCH * CALLERS * 2
"""Fewer would have commands in flight that count on one another."""

EARNED: Final = 10
BURN_EVERY: Final = 5
"""Rounds of which the last one burns what a tenth of an earning is worth."""


@dataclass(frozen=True)
class Growth:
    """Is what a ledger is to hold: first all members, then rounds of transactions.

    In each round every member has one, an earning or, in each fifth, a burn: points
    are there by then. So nothing is refused, and any number can be sent again.
    """

    member_count: int
    transaction_count: int

    @property
    def batch_counts(self) -> tuple[int, int]:
        """Returns how many batches of members there are, and how many in all."""
        members = -(-self.member_count // BATCH)
        return members, members - (-self.transaction_count // BATCH)

    def batch(self, number: int) -> list[tuple[str, str]]:
        """Returns the member and the request id of each command of a batch."""
        members, _ = self.batch_counts
        if number < members:
            first, end, what = number * BATCH, self.member_count, "create"
        else:
            first = (number - members) * BATCH
            end, what = self.transaction_count, "move"
        return [
            (f"grown-{each % self.member_count}", f"{what}-{each}")
            for each in range(first, min(first + BATCH, end))
        ]

    def command(self, member_id: str, request_id: str) -> BatchCommand:
        """Returns one command of a batch."""
        what, _, number = request_id.partition("-")
        if what == "create":
            return batch_command(
                create_member_request(member_id, request_id=request_id)
            )
        if int(number) // self.member_count % BURN_EVERY == BURN_EVERY - 1:
            burn = burn_request(member_id, 1, reason="growth", request_id=request_id)
            return batch_command(burn)
        return batch_command(
            earn_request(member_id, EARNED, reason="growth", request_id=request_id)
        )


def first_missing(client: PointsClient, growth: Growth) -> int:
    """Returns the first batch that may not have been carried out yet.

    The ledger itself knows, by the outcome of the last command of each. Of those that
    were in flight together a later one may be there without an earlier one.
    """

    def is_missing(number: int) -> bool:
        try:
            client.get_outcome(*growth.batch(number)[-1])
        except Refused as refused:
            if refused.reason == "OUTCOME_NOT_FOUND":
                return True
            raise
        return False

    _, total = growth.batch_counts
    found = bisect_left(range(total), True, key=is_missing)  # noqa: FBT003 - the key's
    return max(0, found - CALLERS)


def grow(client: PointsClient, growth: Growth) -> Iterator[int]:
    """Sends what is missing, and yields how many commands are there.

    Raises AssertionError for a command that was refused.
    """
    members, total = growth.batch_counts
    start = first_missing(client, growth)
    with ThreadPoolExecutor(CALLERS) as callers:
        for numbers in (range(start, members), range(max(start, members), total)):
            for number in callers.map(lambda n: _send(client, growth, n), numbers):
                yield (number + 1) * BATCH


def absolute(url: str) -> str:
    """Returns the URL of a SQLite file from whatever folder it is opened."""
    parsed = parse_url(url)
    if parsed.drivername != "sqlite":
        return url
    return f"sqlite:///{Path(parsed.database or '').resolve()}"


def bytes_of(url: str) -> int:
    """Returns what a ledger takes on disk, indexes and all."""
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        return Path(parsed.database or "").stat().st_size
    return _asked(url, "SELECT pg_database_size(current_database())")


def records_of(url: str) -> int:
    """Returns how many commands a ledger has recorded."""
    return _asked(url, "SELECT sum(last_number) FROM head")


def _asked(url: str, query: str) -> int:
    with open_store_to_read(url) as store, store.backend.reading.connect() as found:
        return int(found.execute(text(query)).scalar_one())


def _send(client: PointsClient, growth: Growth, number: int) -> int:
    commands = [growth.command(*each) for each in growth.batch(number)]
    request = BatchWriteRequest(commands=commands, mode=BATCH_MODE_INDEPENDENT)
    answer = client.ledger.BatchWrite(request)
    refused = [o for o in answer.outcomes if o.outcome.HasField("refusal")]
    assert not refused, refused[0]
    return number
