"""The client: one method for each call of a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Unpack

import grpc

from points.client.activities import ActivityCalls
from points.client.budgets import BudgetCalls
from points.client.channel import ChannelOption, open_channel
from points.client.claims import ClaimCalls
from points.client.holds import HoldCalls
from points.client.limits import LimitsCalls
from points.client.lots import LotCalls
from points.client.members import (
    MemberCalls,
    MemberEndCalls,
    PoolCalls,
    SummaryCalls,
)
from points.client.plugins import PluginCalls
from points.client.programs import ProgramCalls
from points.client.proof import ProofCalls
from points.client.requests import (
    BurnOptions,
    EarnOptions,
    burn_request,
    earn_request,
    given_or_new,
    to_timestamp,
)
from points.client.reversal import ReversalCalls
from points.client.segments import SegmentCalls
from points.client.tiers import TierCalls
from points.client.transfers import TransferCalls
from points.client.watching import WatchingConnection
from points.v1 import ledger_service_pb2
from points.v1.consistency_pb2 import Consistency
from points.v1.lot_pb2 import Lot
from points.v1.transaction_pb2 import Transaction


DEFAULT_TARGET = "127.0.0.1:50051"
_ORDERS = {
    False: ledger_service_pb2.TRANSACTION_ORDER_UNSPECIFIED,
    True: ledger_service_pb2.TRANSACTION_ORDER_EFFECTIVE_TIME,
}


class PointsClient(
    WatchingConnection,
    ActivityCalls,
    ClaimCalls,
    ProofCalls,
    ProgramCalls,
    HoldCalls,
    LotCalls,
    ReversalCalls,
    TransferCalls,
    LimitsCalls,
    TierCalls,
    SegmentCalls,
    MemberCalls,
    MemberEndCalls,
    SummaryCalls,
    PoolCalls,
    BudgetCalls,
    PluginCalls,
):
    """Calls a points server and waits for each answer.

    Every call but `watch` has a deadline. Only UNAVAILABLE is retried, with the same
    request id. A write makes up a request id unless it is given one; give your own if
    the write must be done once even though your own program restarts.

    Every method raises `Refused` when the server says no, `Unavailable` when the
    outcome is unknown and `PointsError` for the rest. Methods that take a time
    raise `NaiveTimeError` if it has no time zone.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        timeout_seconds: float = 5.0,
        credentials: grpc.ChannelCredentials | None = None,
        token: str | Callable[[], str] | None = None,
        options: Iterable[ChannelOption] = (),
    ) -> None:
        """Opens a channel; nothing is sent before the first call.

        Args:
            target: Address of the server.
            timeout_seconds: How long a call may take, its retries included.
            credentials: How to encrypt; absent means plain text.
            token: Who calls, as a bearer token, or what returns one for each call.
            options: Options of gRPC that go before those of `points.client.channel`.
        """
        super().__init__(
            open_channel(target, credentials=credentials, token=token, options=options),
            timeout_seconds=timeout_seconds,
        )

    def earn(
        self,
        member_id: str,
        points: int,
        *,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[EarnOptions],
    ) -> ledger_service_pb2.EarnResponse:
        """Adds `points`, above zero, to a member; see `earn_request`."""
        request = earn_request(
            member_id,
            points,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.Earn, request)

    def burn(
        self,
        member_id: str,
        points: int,
        *,
        reason: str,
        request_id: str | None = None,
        **options: Unpack[BurnOptions],
    ) -> ledger_service_pb2.BurnResponse:
        """Takes `points`, above zero, from a member; see `burn_request`."""
        request = burn_request(
            member_id,
            points,
            reason=reason,
            request_id=given_or_new(request_id),
            **options,
        )
        return self._call(self.ledger.Burn, request)

    def batch_write(
        self,
        commands: Iterable[ledger_service_pb2.BatchCommand],
        *,
        mode: ledger_service_pb2.BatchMode.ValueType = (
            ledger_service_pb2.BATCH_MODE_INDEPENDENT
        ),
        request_id: str = "",
    ) -> ledger_service_pb2.BatchWriteResponse:
        """Decides 1 to 10,000 commands, made with `batch_command`, in their order.

        Refusals of single commands are outcomes of an INDEPENDENT batch; of an
        ATOMIC one, where all are accepted or none, the first is raised. With a
        `request_id` the same batch is never taken for another one.
        """
        request = ledger_service_pb2.BatchWriteRequest(
            commands=commands, mode=mode, request_id=request_id
        )
        return self._call(self.ledger.BatchWrite, request)

    def get_balances(
        self,
        member_id: str,
        *,
        unit: str = "",
        record_time: datetime | None = None,
        consistency: Consistency | None = None,
    ) -> ledger_service_pb2.GetBalancesResponse:
        """Tells what a member has in one unit, or in each if `unit` is empty.

        With a `record_time`, what the member had by all that was recorded until then.
        """
        request = ledger_service_pb2.GetBalancesRequest(
            member_id=member_id,
            unit=unit,
            record_time=None if record_time is None else to_timestamp(record_time),
            consistency=consistency,
        )
        return self._call(self.ledger.GetBalances, request)

    def list_lots(
        self,
        member_id: str,
        *,
        unit: str = "",
        show_closed: bool = False,
        states: Iterable[Lot.State.ValueType] = (),
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Lot]:
        """Yields the lots of a member, the first to be drawn first.

        Args:
            member_id: Member to read.
            unit: Unit to read; empty means all.
            show_closed: Lots with nothing left and expired ones come too.
            states: Only lots in these states; instead of `show_closed`.
            page_size: Lots asked for at once: 50 if zero, at most 1000.
            consistency: How fresh the answer must be.
        """
        request = ledger_service_pb2.ListLotsRequest(
            member_id=member_id,
            unit=unit,
            show_closed=show_closed,
            states=states,
            page_size=page_size,
            consistency=consistency,
        )
        for page in self._pages(self.ledger.ListLots, request):
            yield from page.lots

    def get_transaction(
        self,
        transaction_id: str,
        *,
        consistency: Consistency | None = None,
    ) -> ledger_service_pb2.GetTransactionResponse:
        """Returns one transaction."""
        request = ledger_service_pb2.GetTransactionRequest(
            transaction_id=transaction_id,
            consistency=consistency,
        )
        return self._call(self.ledger.GetTransaction, request)

    def list_transactions(
        self,
        member_id: str,
        *,
        filter_by: str = "",
        by_effective_time: bool = False,
        page_size: int = 0,
        consistency: Consistency | None = None,
    ) -> Iterator[Transaction]:
        """Yields the transactions of a member, the latest first.

        Args:
            member_id: Member to read.
            filter_by: Which transactions, such as `kind = BURN`; empty means all.
            by_effective_time: Puts what happened last first, not what was recorded
                last.
            page_size: Transactions asked for at once: 50 if zero, at most 1000.
            consistency: How fresh the answer must be.
        """
        request = ledger_service_pb2.ListTransactionsRequest(
            member_id=member_id,
            filter=filter_by,
            order=_ORDERS[by_effective_time],
            page_size=page_size,
            consistency=consistency,
        )
        for page in self._pages(self.ledger.ListTransactions, request):
            yield from page.transactions

    def get_outcome(
        self,
        member_id: str,
        request_id: str,
        *,
        consistency: Consistency | None = None,
    ) -> ledger_service_pb2.GetOutcomeResponse:
        """Tells what became of a write whose answer was lost."""
        request = ledger_service_pb2.GetOutcomeRequest(
            member_id=member_id,
            request_id=request_id,
            consistency=consistency,
        )
        return self._call(self.ledger.GetOutcome, request)

    def get_trial_balance(
        self,
        *,
        unit: str = "",
        consistency: Consistency | None = None,
    ) -> ledger_service_pb2.GetTrialBalanceResponse:
        """Sums the books of one unit, or of each if `unit` is empty."""
        request = ledger_service_pb2.GetTrialBalanceRequest(
            unit=unit,
            consistency=consistency,
        )
        return self._call(self.ledger.GetTrialBalance, request)
