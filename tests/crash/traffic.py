"""Requests of all kinds, some of which are refused."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, TypeAlias

from points.client import (
    batch_command,
    burn_request,
    create_member_request,
    earn_request,
    new_request_id,
)
from points.v1.ledger_service_pb2 import (
    BATCH_MODE_ATOMIC,
    BATCH_MODE_INDEPENDENT,
    BatchWriteRequest,
    BurnRequest,
    EarnRequest,
)


MEMBERS: Final = tuple(f"member-{number}" for number in range(24))
"""Few, so that the threads meet at the same accounts."""

Movement: TypeAlias = EarnRequest | BurnRequest
Request: TypeAlias = Movement | BatchWriteRequest


def opening() -> BatchWriteRequest:
    """Returns the batch that creates the members, safe to repeat."""
    return BatchWriteRequest(
        commands=[
            batch_command(create_member_request(name, request_id="opening"))
            for name in MEMBERS
        ]
    )


class Traffic:
    """Makes requests by chance: the same for the same seed, but for their ids."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - chance, no secret

    def next(self) -> Request:
        """Returns an earn, a burn or a batch."""
        if self._random.random() < 0.8:
            return self._movement(MEMBERS)
        size = self._random.randint(2, 40)
        members = self._random.sample(MEMBERS, self._random.randint(1, 4))
        return BatchWriteRequest(
            commands=[batch_command(self._movement(members)) for _ in range(size)],
            mode=self._random.choice([BATCH_MODE_ATOMIC, BATCH_MODE_INDEPENDENT]),
        )

    def _movement(self, members: Sequence[str]) -> Movement:
        member_id = self._random.choice(members)
        points = self._random.randint(1, 100)
        if self._random.random() < 0.55:
            return earn_request(
                member_id, points, reason="load", request_id=new_request_id()
            )
        return burn_request(
            member_id, points, reason="load", request_id=new_request_id()
        )
