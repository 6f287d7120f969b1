"""Compares what was answered with what the ledger says now."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from points.client import PointsClient
from points.v1.balances_pb2 import Balances
from points.v1.ledger_service_pb2 import GetOutcomeRequest, GetTrialBalanceRequest
from points.v1.outcome_pb2 import Outcome
from points.v1.transaction_pb2 import (
    TRANSACTION_KIND_MERGE,
    TRANSACTION_KIND_MERGE_IN,
    TRANSACTION_KIND_TRANSFER,
    TRANSACTION_KIND_TRANSFER_IN,
    Transaction,
    TransactionKind,
)
from tests.crash.journal import Journal, Key
from tests.crash.load import SECONDS_MAX, resend_general
from tests.crash.program import PREFUNDED
from tests.crash.traffic import MEMBERS
from tests.serving import clean_environment, points_command


_AT_A_TIME: Final = 500
_KIND: Final = "TRANSACTION_KIND_"
_UNASKED: Final = (
    "LAPSE",
    "LAPSE_CLAIM",
    "EXPIRE",
    "TRANSFER_IN",
    "MERGE_IN",
    "POOL_IN",
    "POOL_OUT",
)
"""What the server records by itself."""

_GIVING: Final = (TRANSACTION_KIND_TRANSFER, TRANSACTION_KIND_MERGE)
_RECEIVING: Final = (TRANSACTION_KIND_TRANSFER_IN, TRANSACTION_KIND_MERGE_IN)


@dataclass
class Findings:
    """Is how many outcomes were looked up and found, and what was wrong.

    `unasked` counts what the server recorded by itself, by kind.
    """

    acknowledged: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    unasked: Counter[str] = field(default_factory=Counter)

    def add(self, other: Findings) -> None:
        """Adds the findings of another check."""
        self.acknowledged += other.acknowledged
        self.found += other.found
        self.wrong += other.wrong
        self.unasked += other.unasked


def check_outcomes(
    client: PointsClient, journal: Journal, keys: Collection[Key]
) -> Findings:
    """Looks the outcomes of these acknowledged requests up."""
    findings = Findings(acknowledged=len(keys))
    for key, stored in _outcomes(client, keys):
        expected = journal.acknowledged[key]
        if stored is None:
            findings.wrong.append(f"{key} is lost: {expected}")
        elif journal.result_of(stored) == journal.result_of(expected):
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
    """Adds the transactions of all members up, one by one.

    Everything must have been answered: no request may be in doubt.
    """
    findings, every = Findings(), list[Transaction]()
    for member_id in (*MEMBERS, *journal.guests()):
        listed, balances = _settled(client, member_id)
        findings.wrong += _unexpected(listed, journal)
        findings.wrong += _unbalanced(member_id, listed, balances)
        every += listed
    findings.wrong += _one_sided(every)
    kinds = [TransactionKind.Name(t.kind) for t in every if not t.request_id]
    findings.unasked.update(kind.removeprefix(_KIND) for kind in kinds)
    return findings


def check_general(client: PointsClient, journal: Journal) -> Findings:
    """Sends again what concerns no member, and adds up what budgets were paid.

    Everything must have been answered: no request may be in doubt.
    """
    resend_general(client, journal)
    outcomes = [outcome for _, outcome in journal.general.values()]
    funded = sum(outcome.budget_funding.points for outcome in outcomes)
    told = client.get_budget(PREFUNDED).budget
    if told.total != funded:
        return Findings(wrong=[f"{funded} points were paid ahead, not {told}"])
    return Findings()


def check_books(client: PointsClient, journal: Journal) -> Findings:
    """Adds the books up, works them out anew, and asks for contradictions."""
    findings = Findings(wrong=list(journal.contradictions))
    answer = client.ledger.GetTrialBalance(
        GetTrialBalanceRequest(), timeout=SECONDS_MAX
    )
    in_transit = sum(x.points for x in answer.lines if x.account == "transit")
    if not answer.balanced or in_transit or sum(x.points for x in answer.lines):
        findings.wrong.append(f"the trial balance is not zero: {answer.lines}")
    verification = client.verify_ledger()
    if not verification.intact:
        findings.wrong += [f"verify: {item.message}" for item in verification.findings]
    return findings


def _settled(
    client: PointsClient, member_id: str
) -> tuple[list[Transaction], Balances]:
    """Returns all of a member once the sweep has recorded what is due."""
    deadline = time.monotonic() + SECONDS_MAX
    while True:
        listed = list(client.list_transactions(member_id, page_size=1_000))[::-1]
        (balances,) = client.get_balances(member_id, unit="points").balances
        told = [t.balance_after for t in listed if t.postings or t.lots][-1:]
        has = [balances.available + balances.pending]
        # A hold that lapses into a capture changes what is held alone.
        settled = told == has and _held(member_id, listed) == balances.held
        if settled or not listed or time.monotonic() > deadline:
            return listed, balances
        time.sleep(0.1)


def _held(member_id: str, listed: Collection[Transaction]) -> int:
    """Returns what the postings leave on the account of a member's holds."""
    name = f"held:{member_id}"
    postings = [posting for each in listed for posting in each.postings]
    given = sum(each.points for each in postings if each.destination == name)
    return given - sum(each.points for each in postings if each.source == name)


def _unexpected(listed: Collection[Transaction], journal: Journal) -> Iterator[str]:
    """Yields what stands there twice, or was asked for by nobody."""
    asked = Counter((t.member_id, t.request_id) for t in listed if t.request_id)
    for key, count in asked.items():
        if count > 1:
            yield f"{key} stands there {count} times"
        if key not in journal.acknowledged:
            yield f"{key} stands there, but nobody was told"
    for transaction in listed:
        name = TransactionKind.Name(transaction.kind).removeprefix(_KIND)
        if not transaction.request_id and name not in _UNASKED:
            yield f"nobody asked for {transaction}"


def _unbalanced(
    member_id: str, listed: Collection[Transaction], balances: Balances
) -> Iterator[str]:
    """Yields where the postings do not lead to the balance, the oldest first."""
    balance: Counter[str] = Counter()
    for transaction in listed:
        for posting in transaction.postings:
            balance[posting.source] -= posting.points
            balance[posting.destination] += posting.points
        told = transaction.balance_after
        if transaction.postings and told != balance[f"member:{member_id}"]:
            yield f"{balance[f'member:{member_id}']} are left after {transaction}"
    expected = (
        balance[f"member:{member_id}"],
        balance[f"held:{member_id}"],
        -balance[f"shortfall:{member_id}"],
    )
    found = balances.available + balances.pending, balances.held, balances.shortfall
    if found != expected:
        yield f"{member_id} has {found}, not {expected}"


def _one_sided(listed: Collection[Transaction]) -> Iterator[str]:
    """Yields transfers and merges that only one of the two members has."""
    received = Counter(
        t.counterparty_transaction_id for t in listed if t.kind in _RECEIVING
    )
    given = Counter(t.transaction_id for t in listed if t.kind in _GIVING)
    for transaction_id in given.keys() | received.keys():
        if given[transaction_id] != 1 or received[transaction_id] != 1:
            yield f"{transaction_id} is not there with both its sides"


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
