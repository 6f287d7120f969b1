"""What a server has answered, and so must still say after it was killed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from grpc import StatusCode

from points.client import Refused
from points.v1.ledger_service_pb2 import (
    BATCH_MODE_ATOMIC,
    BatchWriteRequest,
    BatchWriteResponse,
    BurnResponse,
    EarnResponse,
)
from points.v1.outcome_pb2 import Outcome, Refusal
from tests.crash.traffic import Movement, Request


Key: TypeAlias = tuple[str, str]
"""A member id and a request id."""

Response: TypeAlias = EarnResponse | BurnResponse | BatchWriteResponse


@dataclass
class Journal:
    """Is what the servers have said; any thread may add to it.

    `acknowledged` has the outcome of each request id, `absent` the commands of
    refused atomic batches, `doubtful` the requests without an answer.
    """

    acknowledged: dict[Key, Outcome] = field(default_factory=dict)
    absent: set[Key] = field(default_factory=set)
    doubtful: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doubt(self, request: Request) -> None:
        """Remembers a request whose answer was lost."""
        with self._lock:
            self.doubtful.append(request)

    def accept(self, request: Request, response: Response) -> None:
        """Remembers an answer; one that leaves a command undecided is none."""
        outcomes = list(_outcomes(response))
        with self._lock:
            for outcome in filter(_is_decided, outcomes):
                self.acknowledged[outcome.member_id, outcome.request_id] = outcome
            if not all(map(_is_decided, outcomes)):
                self.doubtful.append(request)

    def refuse(self, request: Request, error: Refused) -> None:
        """Remembers a refusal, of one command or of a whole atomic batch."""
        with self._lock:
            if isinstance(request, BatchWriteRequest):
                assert request.mode == BATCH_MODE_ATOMIC
                self.absent.update(map(key_of, movements(request)))
                return
            outcome = Outcome(
                member_id=request.member_id,
                request_id=request.request_id,
                refusal=Refusal(reason=error.reason, metadata=error.metadata),
            )
            self.acknowledged[key_of(request)] = outcome

    def take_doubtful(self) -> list[Request]:
        """Returns the requests without an answer, and forgets them."""
        with self._lock:
            taken, self.doubtful = self.doubtful, []
        return taken

    def points(self) -> Counter[str]:
        """Returns what each member must have by all that was acknowledged."""
        points: Counter[str] = Counter()
        for outcome in self.acknowledged.values():
            for posting in outcome.transaction.postings:
                is_earn = posting.source == "issuance"
                points[outcome.member_id] += (
                    posting.points if is_earn else -posting.points
                )
        return points


def movements(batch: BatchWriteRequest) -> Iterator[Movement]:
    """Yields the earns and burns of a batch."""
    for command in batch.commands:
        yield command.earn if command.HasField("earn") else command.burn


def key_of(request: Movement) -> Key:
    """Returns what the outcome of a request is found by."""
    return request.member_id, request.request_id


def _is_decided(outcome: Outcome) -> bool:
    return outcome.refusal.code != StatusCode.UNAVAILABLE.value[0]


def _outcomes(response: Response) -> Iterator[Outcome]:
    if isinstance(response, BatchWriteResponse):
        yield from (item.outcome for item in response.outcomes)
        return
    transaction = response.transaction
    yield Outcome(
        member_id=transaction.member_id,
        request_id=transaction.request_id,
        transaction=transaction,
    )
