"""Reads by time: balances of the past, and statements in either order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from points.domain.bounds import UNSET
from points.domain.filters import Comparison
from points.domain.refusals import InvalidArgument, MemberNotFound
from points.domain.values import Balances, Record
from points.server.instants import instant
from points.server.paging import Page, read_token, write_token
from points.server.reads import View
from points.store.reads.reader import Snapshot
from points.store.reads.statements import StatementPlace
from points.v1 import ledger_service_pb2 as pb
from points.v1.transaction_pb2 import Transaction


def read_balances(
    view: View, part: int, request: pb.GetBalancesRequest
) -> list[Balances]:
    """Returns what a member has now, or had at the request's `record_time`.

    Raises MemberNotFound, for an instant before the member was created too, and
    InvalidArgument for one that lies ahead.
    """
    record_time = instant(request, "record_time")
    if record_time > view.now:
        raise InvalidArgument({"record_time": "must not lie ahead"})
    member = view.existing_member(part, request.member_id)
    if record_time == UNSET:
        return view.snapshot.balances(part, request.member_id, now=view.now)
    if record_time < member.create_time:
        raise MemberNotFound(request.member_id)
    return view.snapshot.balances_at(part, request.member_id, record_time=record_time)


class Statement:
    """Is one page of a member's transactions, in the order that was asked for."""

    def __init__(self, request: pb.ListTransactionsRequest) -> None:
        """Raises InvalidArgument for an unknown order, and PageTokenInvalid."""
        if request.order not in pb.TransactionOrder.values():
            raise InvalidArgument({"order": "is none that this server knows"})
        self._request = request
        self._is_by_effective_time = (
            request.order == pb.TRANSACTION_ORDER_EFFECTIVE_TIME
        )
        start = StatementPlace() if self._is_by_effective_time else StatementPlace()[:1]
        self._place = StatementPlace(*read_token(request, start=start))

    def read(
        self,
        snapshot: Snapshot,
        part: int,
        conditions: Iterable[Comparison],
        *,
        limit: int,
    ) -> list[Record]:
        """Returns the transactions from here on."""
        member_id = self._request.member_id
        if self._is_by_effective_time:
            return snapshot.transactions_by_effective_time(
                part, member_id, place=self._place, conditions=conditions, limit=limit
            )
        return snapshot.transactions(
            part,
            member_id,
            before=self._place.number,
            conditions=conditions,
            limit=limit,
        )

    def token(self, found: Sequence[Record], page: Page[Record, Transaction]) -> str:
        """Returns the token of the page behind one of `found`; empty at the end."""
        if page.last is None:
            return ""
        shown = found[: len(page.messages)]
        if self._is_by_effective_time:
            return write_token(self._request, self._place.behind(shown))
        return write_token(self._request, (page.last.number,))
