"""Compares what was answered with what the ledger says now."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from points.client import PointsClient
from points.v1.ledger_service_pb2 import GetOutcomeRequest
from points.v1.outcome_pb2 import Outcome
from tests.crash.journal import Journal, Key
from tests.crash.load import SECONDS_MAX
from tests.crash.traffic import MEMBERS
from tests.serving import clean_environment, points_command


_AT_A_TIME: Final = 500


@dataclass
class Findings:
    """Is how many outcomes were looked up and found, and what was wrong."""

    acknowledged: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Adds the findings of another check."""
        self.acknowledged += other.acknowledged
        self.found += other.found
        self.wrong += other.wrong


def check_outcomes(
    client: PointsClient, journal: Journal, keys: Collection[Key]
) -> Findings:
    """Looks the outcomes of these acknowledged requests up."""
    findings = Findings(acknowledged=len(keys))
    for key, stored in _outcomes(client, keys):
        expected = journal.acknowledged[key]
        if stored is None:
            findings.wrong.append(f"{key} is lost: {expected}")
        elif _result(stored) == _result(expected):
            findings.found += 1
        else:
            findings.wrong.append(f"{key} is {stored}, not {expected}")
    return findings


def check_absent(client: PointsClient, journal: Journal) -> Findings:
    """Looks for commands of atomic batches that were refused as a whole."""
    return Findings(
        wrong=[
            f"{key} of a refused atomic batch is there"
            for key, stored in _outcomes(client, journal.absent)
            if stored is not None
        ]
    )


def check_transactions(client: PointsClient, journal: Journal) -> Findings:
    """Looks for transactions that stand there twice, and adds up the points.

    Everything must have been answered: no request may be in doubt.
    """
    findings = Findings()
    points = journal.points()
    for member_id in MEMBERS:
        listed = client.list_transactions(member_id, page_size=1_000)
        counts = Counter(transaction.request_id for transaction in listed)
        findings.wrong += [
            f"{member_id} has {request_id} {count} times"
            for request_id, count in counts.items()
            if count > 1
        ]
        (balances,) = client.get_balances(member_id, unit="points").balances
        if balances.available != points[member_id]:
            findings.wrong.append(
                f"{member_id} has {balances.available}, not {points[member_id]}"
            )
    return findings


def verify(database_url: str, folder: Path) -> Findings:
    """Runs `points verify`."""
    flags = ["verify", "--json", f"--database-url={database_url}"]
    done = subprocess.run(
        points_command(*flags),
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and not json.loads(done.stdout)["differences"]:
        return Findings()
    return Findings(wrong=[f"verify: {done.returncode} {done.stdout}{done.stderr}"])


def _outcomes(
    client: PointsClient, keys: Collection[Key]
) -> Iterator[tuple[Key, Outcome | None]]:
    """Yields each key with what is stored for it, many calls at a time."""
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_A_TIME):
        some = wanted[start : start + _AT_A_TIME]
        requests = [GetOutcomeRequest(member_id=m, request_id=r) for m, r in some]
        calls = [
            client.ledger.GetOutcome.future(request, timeout=SECONDS_MAX)
            for request in requests
        ]
        yield from zip(some, map(_answer, calls), strict=True)


def _answer(call: Any) -> Outcome | None:
    try:
        outcome: Outcome = call.result().outcome
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return None
    return outcome


def _result(outcome: Outcome) -> Any:
    """Returns what a caller was told: of a refusal its reason and metadata."""
    if outcome.WhichOneof("result") == "refusal":
        return outcome.refusal.reason, dict(outcome.refusal.metadata)
    return outcome.transaction
