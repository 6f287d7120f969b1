"""Compares a replay and the books with what is known, and renders both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console
from rich.table import Table

from points.client import PointsClient
from points.demo.purchases import Purchase
from points.demo.tally import ReplayReport
from points.v1.consistency_pb2 import Consistency
from points.v1.ledger_service_pb2 import GetTrialBalanceResponse


UNIT = "points"
PAGE_SIZE = 1_000

# Whatever was acknowledged must be in what is read, also behind a replica.
FRESH = Consistency(fully_consistent=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """Is what a replay of some purchases must lead to on an empty server.

    Attributes:
        members: Members who bought anything.
        transactions: Purchases that are worth a point.
        points: Points of these purchases.
    """

    members: int
    transactions: int
    points: int


# Counted by other means than the code here, so that it is checked as well.
TRUTHS_OF_ALL = Truths(members=23_570, transactions=69_579, points=2_453_159)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Is one comparison: what is compared, and the two numbers."""

    name: str
    expected: int
    actual: int

    @property
    def holds(self) -> bool:
        """Tells whether both numbers are the same."""
        return self.expected == self.actual


def truths_of(purchases: Iterable[Purchase]) -> Truths:
    """Returns what a replay of these purchases must lead to."""
    points_by_member: Counter[str] = Counter()
    transactions = 0
    for purchase in purchases:
        points_by_member[purchase.member_id] += purchase.points
        transactions += purchase.points > 0
    return Truths(
        members=len(points_by_member),
        transactions=transactions,
        points=points_by_member.total(),
    )


def read_books(client: PointsClient) -> GetTrialBalanceResponse:
    """Returns the sums of the books as they are now.

    Raises:
        PointsError: The books could not be read.
    """
    return client.get_trial_balance(unit=UNIT, consistency=FRESH)


def check_replay(report: ReplayReport, truths: Truths) -> list[Check]:
    """Compares what was acknowledged with the truths."""
    return [
        Check(
            name="members acknowledged",
            expected=truths.members,
            actual=report.members,
        ),
        Check(
            name="transactions acknowledged",
            expected=truths.transactions,
            actual=report.transactions,
        ),
        Check(
            name="points acknowledged",
            expected=truths.points,
            actual=report.points,
        ),
    ]


def check_books(books: GetTrialBalanceResponse, truths: Truths) -> list[Check]:
    """Compares the books of a server that holds nothing else with the truths."""
    sums = {line.account: line.points for line in books.lines if line.unit == UNIT}
    return [
        Check(name="units that do not balance", expected=0, actual=not books.balanced),
        Check(
            name="points on issuance",
            expected=-truths.points,
            actual=sums.get("issuance", 0),
        ),
        Check(
            name="points on members",
            expected=truths.points,
            actual=sums.get("member", 0),
        ),
    ]


def check_members(client: PointsClient, purchases: Iterable[Purchase]) -> list[Check]:
    """Looks for every member in the list of members.

    Raises:
        PointsError: The members could not be read.
    """
    expected = {purchase.member_id for purchase in purchases}
    listed = client.list_members(page_size=PAGE_SIZE, consistency=FRESH)
    found = expected.intersection(member.member_id for member in listed)
    return [Check(name="members found", expected=len(expected), actual=len(found))]


def check_busiest_member(
    client: PointsClient,
    purchases: Iterable[Purchase],
) -> list[Check]:
    """Compares what the member with most transactions has; needs a purchase.

    Raises:
        PointsError: The member could not be read.
    """
    transactions: Counter[str] = Counter()
    points: Counter[str] = Counter()
    for purchase in purchases:
        transactions[purchase.member_id] += purchase.points > 0
        points[purchase.member_id] += purchase.points
    [(member_id, count)] = transactions.most_common(1)
    listed = client.list_transactions(member_id, page_size=PAGE_SIZE, consistency=FRESH)
    [balances] = client.get_balances(member_id, unit=UNIT, consistency=FRESH).balances
    return [
        Check(
            name=f"transactions of {member_id}",
            expected=count,
            actual=sum(1 for _ in listed),
        ),
        Check(
            name=f"points of {member_id}",
            expected=points[member_id],
            actual=balances.available,
        ),
    ]


def check_repetition(
    report: ReplayReport,
    *,
    before: GetTrialBalanceResponse,
    after: GetTrialBalanceResponse,
) -> list[Check]:
    """Tells whether a second replay found everything done and changed nothing."""
    changed = sum(a != b for a, b in zip_longest(before.lines, after.lines))
    return [
        Check(
            name="replayed",
            expected=report.acknowledged,
            actual=report.replayed,
        ),
        Check(name="lines of the books that changed", expected=0, actual=changed),
    ]


def render_report(console: Console, title: str, report: ReplayReport) -> None:
    """Prints what a replay acknowledged and how fast."""
    table = Table(title=title, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("members", f"{report.members:,}")
    table.add_row("transactions", f"{report.transactions:,}")
    table.add_row("points", f"{report.points:,}")
    table.add_row("replayed", f"{report.replayed:,}")
    table.add_row("calls", f"{report.calls:,}")
    table.add_row("calls sent again", f"{report.repeated:,}")
    table.add_row("seconds", f"{report.seconds:,.1f}")
    table.add_row("acknowledged a second", f"{report.rate_per_second:,.0f}")
    table.add_row("p50 of a call, ms", f"{report.p50_ms:,.1f}")
    table.add_row("p99 of a call, ms", f"{report.p99_ms:,.1f}")
    console.print(table)


def render_checks(console: Console, title: str, checks: Iterable[Check]) -> None:
    """Prints each check with its verdict."""
    table = Table(title=title)
    table.add_column("check")
    table.add_column("expected", justify="right")
    table.add_column("actual", justify="right")
    table.add_column("")
    for check in checks:
        verdict = "[green]holds[/]" if check.holds else "[red]fails[/]"
        table.add_row(check.name, f"{check.expected:,}", f"{check.actual:,}", verdict)
    console.print(table)
