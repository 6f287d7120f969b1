"""Holds the ledger against what was answered: one transaction per OK, no other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Self

from points.client import PointsClient
from points.v1.outcome_pb2 import Outcome
from tests.load.profiles import Profile


@dataclass(frozen=True)
class Account:
    """Is where the change feed stood before a run."""

    client: PointsClient
    token: str

    @classmethod
    def open(cls, client: PointsClient) -> Self:
        """Begins to count from now on."""
        return cls(client, client.list_changes(from_now=True).resume_token)

    def records(self, *kinds: str) -> Counter[str]:
        """Returns how many transactions and calls of each kind were recorded since."""
        found, token = Counter(dict.fromkeys(kinds, 0)), self.token
        while True:
            page = self.client.list_changes(
                resume_token=token, kinds=kinds, page_size=1_000
            )
            found.update(c.kind for c in page.changes if _is_done(c.outcome))
            token = page.resume_token
            if not page.has_more:
                return found

    def problems(
        self,
        profile: Profile,
        accepted: int,
        call_count: int,
        *,
        turned_away: int = 0,
        proving: bool = True,
    ) -> list[str]:
        """Returns what differs from what the answers promised, empty for nothing.

        Of the calls some may be `turned_away`, nobody knows which: some of them may
        be among those that were to be refused. Unless `proving`, the books are left
        for another time: all are looked at.
        """
        due = profile.transactions_of(accepted)
        found = self.records(*profile.kinds)
        refused = call_count - accepted - turned_away
        expected = profile.refusals_of(call_count)
        if expected is not None and expected - turned_away <= refused <= expected:
            expected = refused
        return [
            *(line for kind in found for line in _differs(kind, found[kind], due)),
            *([] if expected is None else _differs("refused", refused, expected)),
            *(self.of_the_books() if proving else []),
        ]

    def of_the_books(self) -> list[str]:
        """Returns what the proof of all books finds, empty for nothing."""
        proof = self.client.verify_ledger()
        return [] if proof.intact else [f"{proof.finding_count} findings"]


def _is_done(outcome: Outcome) -> bool:
    """Says whether it is a transaction, or the call of a plugin by a member.

    A call that also changes an object, such as an auction, leaves another record
    there, under no member.
    """
    if outcome.HasField("plugin_call"):
        return bool(outcome.member_id)
    return outcome.HasField("transaction")


def _differs(what: str, found: int, expected: int) -> list[str]:
    return [] if found == expected else [f"{found} {what} where {expected} are due"]
