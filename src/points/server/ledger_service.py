"""LedgerService: earn, burn, and everything that can be read of the books."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from points.domain.balances import TrialBalanceLine
from points.domain.bounds import POINTS_MAX
from points.domain.filters import FieldKind, parse_filter
from points.domain.identity import Place
from points.domain.refusals import OutcomeNotFound, TransactionNotFound
from points.domain.values import Lot, Transaction
from points.server import requests
from points.server.answers import lot_message
from points.server.batch_write import BatchWrite
from points.server.lots import lot_states
from points.server.outcomes import outcome_message
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View, check_names, check_unit_name
from points.server.reversal import read_transaction_message, reversed_of
from points.server.timelines import Statement
from points.server.writes import Writes
from points.v1 import ledger_service_pb2 as pb


_FILTER: Final = {
    "kind": FieldKind.NAME,
    "channel": FieldKind.NAME,
    "effective_time": FieldKind.TIME,
    "record_time": FieldKind.TIME,
}


class LedgerService:
    """Answers the calls of `points.v1.LedgerService`."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads
        self._batch_write = BatchWrite(writes)

    async def earn(self, request: pb.EarnRequest) -> pb.EarnResponse:
        """Adds points to a member as a lot."""
        return await self._writes.answer(
            requests.earn(request),
            pb.EarnResponse(),
            validate_only=request.validate_only,
        )

    async def burn(self, request: pb.BurnRequest) -> pb.BurnResponse:
        """Takes points from a member for good."""
        return await self._writes.answer(
            requests.burn(request),
            pb.BurnResponse(),
            validate_only=request.validate_only,
        )

    async def batch_write(self, request: pb.BatchWriteRequest) -> pb.BatchWriteResponse:
        """Decides many commands in the order given."""
        return await self._batch_write.answer(request)

    async def list_lots(self, request: pb.ListLotsRequest) -> pb.ListLotsResponse:
        """Lists the lots of a member, the first to be drawn first."""
        check_names(member_id=request.member_id)
        check_unit_name(request.unit)
        states = lot_states(request)
        is_default = not (states or request.show_closed)
        size = page_size_of(request)
        after = read_token(request, start=("", -1, 0))
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.ListLotsResponse:
            view.check_unit(request.unit)
            view.existing_member(part, request.member_id)
            found = view.snapshot.lots(
                part,
                request.member_id,
                unit=request.unit,
                open_at=view.now if is_default else None,
                after=after,
                limit=size + 1,
                states=states,
                now=view.now,
            )
            page = cut(found, size, partial(lot_message, now=view.now))
            return pb.ListLotsResponse(
                lots=page.messages,
                next_page_token=_lot_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def get_transaction(
        self, request: pb.GetTransactionRequest
    ) -> pb.GetTransactionResponse:
        """Returns one transaction."""
        check_names(transaction_id=request.transaction_id)
        place = Place.of_transaction(request.transaction_id)
        if place is None or not self._reads.has(place):
            raise TransactionNotFound(request.transaction_id)

        def read(view: View) -> pb.GetTransactionResponse:
            record = view.snapshot.record(place.part, place.number)
            if record is None or not isinstance(record.result, Transaction):
                raise TransactionNotFound(request.transaction_id)
            found = reversed_of(view.snapshot, [record])
            return pb.GetTransactionResponse(
                transaction=read_transaction_message(record, found),
                revision=view.revision(),
            )

        return await self._reads.of_part(place.part, request.consistency, read)

    async def list_transactions(
        self, request: pb.ListTransactionsRequest
    ) -> pb.ListTransactionsResponse:
        """Lists the transactions of a member, the latest first."""
        check_names(member_id=request.member_id)
        size = page_size_of(request)
        conditions = parse_filter(request.filter, _FILTER)
        statement = Statement(request)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.ListTransactionsResponse:
            view.existing_member(part, request.member_id)
            found = statement.read(view.snapshot, part, conditions, limit=size + 1)
            undone = reversed_of(view.snapshot, found)
            page = cut(found, size, partial(read_transaction_message, found=undone))
            return pb.ListTransactionsResponse(
                transactions=page.messages,
                next_page_token=statement.token(found, page),
                revision=view.revision(),
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def get_outcome(self, request: pb.GetOutcomeRequest) -> pb.GetOutcomeResponse:
        """Tells what became of a write whose answer was lost."""
        check_names(member_id=request.member_id, request_id=request.request_id)
        part = self._reads.part_of(request.member_id)

        def read(view: View) -> pb.GetOutcomeResponse:
            key = (request.member_id, request.request_id)
            record = view.snapshot.outcome(part, *key)
            if record is None:
                raise OutcomeNotFound(*key)
            return pb.GetOutcomeResponse(
                outcome=outcome_message(record), revision=view.revision()
            )

        return await self._reads.of_part(part, request.consistency, read)

    async def get_trial_balance(
        self, request: pb.GetTrialBalanceRequest
    ) -> pb.GetTrialBalanceResponse:
        """Sums the books."""
        check_unit_name(request.unit)

        def read(view: View) -> pb.GetTrialBalanceResponse:
            view.check_unit(request.unit)
            lines = view.snapshot.trial_balance()
            wanted = [line for line in lines if request.unit in ("", line.unit)]
            sums: dict[str, int] = {}
            for line in wanted:
                sums[line.unit] = sums.get(line.unit, 0) + line.points
            return pb.GetTrialBalanceResponse(
                lines=[piece for line in wanted for piece in _lines(line)],
                balanced=not any(sums.values()),
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)


def _lot_token(request: pb.ListLotsRequest, last: Lot | None) -> str:
    if last is None:
        return ""
    return write_token(request, (last.unit, last.expire_time, last.number))


def _lines(line: TrialBalanceLine) -> Iterator[pb.TrialBalanceLine]:
    """Yields the line, in several pieces if its sum does not fit into 64 bits."""
    rest = line.points
    while True:
        points = max(-POINTS_MAX, min(rest, POINTS_MAX))
        yield pb.TrialBalanceLine(account=line.account, unit=line.unit, points=points)
        rest -= points
        if not rest:
            return
