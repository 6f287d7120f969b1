"""Holds the ledger against what was answered: one transaction per OK, no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from points.client import PointsClient
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

    def transactions(self, kind: str) -> int:
        """Returns how many transactions of a kind were recorded since."""
        count, token = 0, self.token
        while True:
            page = self.client.list_changes(
                resume_token=token, kinds=[kind], page_size=1_000
            )
            count += sum(c.outcome.HasField("transaction") for c in page.changes)
            token = page.resume_token
            if not page.has_more:
                return count

    def problems(self, profile: Profile, accepted: int, call_count: int) -> list[str]:
        """Returns what differs from what the answers promised, empty for nothing."""
        return [
            *_differs(
                "transactions",
                self.transactions(profile.kind),
                profile.transactions_of(accepted),
            ),
            *_differs(
                "refused calls", call_count - accepted, profile.refusals_of(call_count)
            ),
            *self._of_the_books(),
        ]

    def _of_the_books(self) -> list[str]:
        proof = self.client.verify_ledger()
        return [] if proof.intact else [f"{proof.finding_count} findings"]


def _differs(what: str, found: int, expected: int) -> list[str]:
    return [] if found == expected else [f"{found} {what} where {expected} are due"]
