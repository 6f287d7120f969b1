"""Proof that the books are right, for Python programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import grpc

from points.client.connection import Connection
from points.client.errors import points_error
from points.client.requests import given_or_new, to_timestamp
from points.v1.books_close_pb2 import (
    BooksClose,
    CloseBooksRequest,
    CloseBooksResponse,
    ListClosesRequest,
)
from points.v1.consistency_pb2 import Consistency
from points.v1.verification_pb2 import (
    Verification,
    VerificationProgress,
    VerifyLedgerRequest,
)


class ProofCalls(Connection):
    """Adds the calls about proof to a connection."""

    def verify_ledger(
        self,
        *,
        findings_max: int = 0,
        on_progress: Callable[[VerificationProgress], object] = lambda _: None,
    ) -> Verification:
        """Has the server work all state out anew; waits for it, however long.

        Args:
            findings_max: Findings to list: 100 if zero, at most 1000.
            on_progress: Is told how far it has come, at least once a second.
        """
        request = VerifyLedgerRequest(findings_max=findings_max)
        verification = Verification()
        try:
            for message in self.ledger.VerifyLedger(request):
                if message.HasField("progress"):
                    on_progress(message.progress)
                verification = message.verification
        except grpc.RpcError as error:
            raise points_error(error, request) from error
        return verification

    def close_books(
        self,
        until_time: datetime,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> CloseBooksResponse:
        """Closes the books up to an instant: nothing may be dated back before it.

        Args:
            until_time: First instant that stays open, with a time zone.
            operator: Who closes them.
            reason: Why, such as `2026-01`.
            request_id: Makes the call safe to repeat; made up unless given.
            validate_only: Does every check and changes nothing.
        """
        request = CloseBooksRequest(
            until_time=to_timestamp(until_time),
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.ledger.CloseBooks, request)

    def list_closes(
        self, *, page_size: int = 0, consistency: Consistency | None = None
    ) -> Iterator[BooksClose]:
        """Yields the closes of the books, the latest first, page by page."""
        request = ListClosesRequest(page_size=page_size, consistency=consistency)
        for page in self._pages(self.ledger.ListCloses, request):
            yield from page.closes
