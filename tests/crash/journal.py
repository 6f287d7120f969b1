"""What a server has answered, and so must still say after it was killed."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from grpc import StatusCode

from points.client import Refused
from points.v1.ledger_service_pb2 import BATCH_MODE_ATOMIC, BatchWriteRequest
from points.v1.outcome_pb2 import Outcome, Refusal
from tests.crash.facts import Request
from tests.crash.targets import Targets
from tests.crash.traffic import MEMBERS


Key: TypeAlias = tuple[str, str]
"""A member id and a request id."""

_UNSTORED: Final = ("INVALID_ARGUMENT", "BATCH_ABORTED")
"""Refusals that leave the request id unused."""

_EVERYWHERE: Final = ("CloseBooks",)
"""Calls of which one part's refusal undoes what the others recorded, and its own.

The same request may be refused in other words later, or accepted.
"""

_RESULTS: Final = {
    "member": "member",
    # Where a member was merged, both are told, and this is recorded.
    "transaction": "transaction",
    "limits": "limits",
    "funding": "budget_funding",
    "close": "books_close",
}
"""The fields of answers and those of outcomes."""

_RECENT_MAX: Final = 500


class Answer(NamedTuple):
    """Is what one command was told, and whether that was said to be a replay."""

    command: Request
    outcome: Outcome
    replayed: bool


@dataclass
class Journal:
    """Is what the servers have said; any thread may add to it.

    Attributes:
        acknowledged: The outcome of each request id.
        general: The requests that concern no single member and were answered, and
            their outcomes: they are looked up by sending them again.
        erased: Members whose personal data nobody is told any more.
        absent: Commands that were refused and must have left no trace.
        doubtful: Requests without an answer.
        recent: The latest requests that were answered, to be sent once more.
        contradictions: Where a repeated request got another answer than before.
        counts: Commands by name and by what became of them.
        targets: What was recorded, for more traffic.
    """

    acknowledged: dict[Key, Outcome] = field(default_factory=dict)
    general: dict[Key, tuple[Request, Outcome]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    absent: set[Key] = field(default_factory=set)
    doubtful: list[Request] = field(default_factory=list)
    recent: deque[Request] = field(default_factory=lambda: deque(maxlen=_RECENT_MAX))
    contradictions: list[str] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    targets: Targets = field(default_factory=Targets)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doubt(self, request: Request) -> None:
        """Remembers a request whose answer was lost."""
        with self._lock:
            self.doubtful.append(request)
            self.counts[command_name(request), "unanswered"] += 1

    def accept(self, request: Request, response: Any) -> None:
        """Remembers an answer; one that leaves a command undecided is none."""
        answers = list(_answers(request, response))
        decided = [answer for answer in answers if _is_decided(answer.outcome)]
        with self._lock:
            for answer in decided:
                self._remember(answer)
            if len(decided) < len(answers):
                self.doubtful.append(request)
            else:
                self._finish(request, "accepted")

    def refuse(self, request: Request, error: Refused) -> None:
        """Remembers a refusal, of one command or of a whole atomic batch."""
        with self._lock:
            if isinstance(request, BatchWriteRequest):
                assert request.mode == BATCH_MODE_ATOMIC
                self._miss_all(request)
                return
            self._finish(request, "refused")
            refusal = Refusal(reason=error.reason, metadata=error.metadata)
            outcome = _outcome(request)
            outcome.refusal.CopyFrom(refusal)
            self._remember(Answer(request, outcome, replayed=False))

    def guests(self) -> list[str]:
        """Returns the members who were created under load."""
        with self._lock:
            return sorted({name for name, _ in self.acknowledged} - {*MEMBERS})

    def take_doubtful(self) -> list[Request]:
        """Returns the requests without an answer, and forgets them."""
        with self._lock:
            taken, self.doubtful = self.doubtful, []
        return taken

    def result_of(self, outcome: Outcome) -> Any:
        """Returns what a caller was told: of a refusal its reason and metadata.

        What has been reversed since is left out: that is of the time of the read.
        So is what was erased since, and of a standing what it leads to.
        """
        name = outcome.WhichOneof("result")
        if name == "refusal":
            return outcome.refusal.reason, dict(outcome.refusal.metadata)
        told = Outcome()
        told.CopyFrom(outcome)
        if name == "transaction":
            told.transaction.ClearField("reversed_by")
            told.transaction.ClearField("reversed_points")
        if name == "member" and outcome.member_id in self.erased:
            told.member.ClearField("attributes")
        if name == "standing_change":
            return [(s.ladder, s.floor) for s in told.standing_change.standings]
        return getattr(told, name or "")

    def _finish(self, request: Request, what: str) -> None:
        self.recent.append(request)
        if isinstance(request, BatchWriteRequest):
            self.counts[command_name(request), what] += 1

    def _miss_all(self, batch: BatchWriteRequest) -> None:
        """Remembers that nothing of a batch was done, unless it was done before.

        It is not sent again: then it may well be accepted.
        """
        self.counts[command_name(batch), "refused"] += 1
        keys = set(map(key_of, commands_of(batch)))
        self.absent.update(keys - self.acknowledged.keys())

    def _remember(self, answer: Answer) -> None:
        key, outcome = key_of(answer.command), answer.outcome
        before = self.acknowledged.get(key) or self.general.get(key, (None, None))[1]
        if before is not None:
            self._compare(before, answer)
        elif _leaves_no_trace(answer):
            self._count(answer)
        elif not answer.command.DESCRIPTOR.fields_by_name.get("member_id"):
            self.general[key] = answer.command, outcome
            self._count(answer)
        elif outcome.refusal.reason in _UNSTORED:
            self.absent.add(key)
        else:
            self.absent.discard(key)
            self.acknowledged[key] = outcome
            self._learn(answer)
            self._count(answer)

    def _learn(self, answer: Answer) -> None:
        self.targets.learn(answer.outcome.transaction)
        self.targets.learn_member(answer.outcome.member)
        is_refused = answer.outcome.HasField("refusal")
        if command_name(answer.command) == "EraseMember" and not is_refused:
            self.erased.add(answer.command.member_id)

    def _count(self, answer: Answer) -> None:
        what = "refused" if answer.outcome.HasField("refusal") else "accepted"
        self.counts[command_name(answer.command), what] += 1

    def _compare(self, before: Outcome, answer: Answer) -> None:
        is_same = self.result_of(before) == self.result_of(answer.outcome)
        if not is_same or not (answer.replayed or before.HasField("refusal")):
            self.contradictions.append(f"first {before}, then {answer}")
        self.counts[command_name(answer.command), "replayed"] += 1


def command_name(request: Request) -> str:
    """Returns the name of the call that takes such a request, such as `Earn`."""
    name: str = request.DESCRIPTOR.name
    return name.removesuffix("Request")


def commands_of(batch: BatchWriteRequest) -> Iterator[Request]:
    """Yields the commands of a batch."""
    for command in batch.commands:
        yield getattr(command, command.WhichOneof("command") or "")


def key_of(request: Request) -> Key:
    """Returns what the outcome of a request is found by."""
    return getattr(request, "member_id", ""), request.request_id


def _leaves_no_trace(answer: Answer) -> bool:
    is_refused = answer.outcome.HasField("refusal")
    return is_refused and command_name(answer.command) in _EVERYWHERE


def _is_decided(outcome: Outcome) -> bool:
    return outcome.refusal.code != StatusCode.UNAVAILABLE.value[0]


def _answers(request: Request, response: Any) -> Iterator[Answer]:
    if not isinstance(request, BatchWriteRequest):
        yield Answer(request, _outcome(request, response), response.replayed)
        return
    for command, item in zip(commands_of(request), response.outcomes, strict=True):
        yield Answer(command, item.outcome, item.replayed)


def _outcome(request: Request, response: Any = None) -> Outcome:
    """Returns the outcome that the answer to a single call stands for."""
    outcome = Outcome(member_id=key_of(request)[0], request_id=request.request_id)
    for name, result in _RESULTS.items():
        if response is not None and name in response.DESCRIPTOR.fields_by_name:
            getattr(outcome, result).CopyFrom(getattr(response, name))
    if response is not None and "standing" in response.DESCRIPTOR.fields_by_name:
        outcome.standing_change.standings.append(response.standing)
    return outcome
