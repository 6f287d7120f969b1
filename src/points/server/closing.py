"""CloseBooks and ListCloses."""

from __future__ import annotations

from points.domain.bounds import NEVER
from points.domain.commands import CloseBooks
from points.domain.revision import write_revision
from points.engine.jobs import Job, accepted
from points.server.answers import fill_close
from points.server.instants import instant
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View
from points.server.writes import Writes, revision_of
from points.store.reads.closes import Close
from points.v1 import books_close_pb2 as pb


class ClosingMethods:
    """Answers the calls about closes of `points.v1.LedgerService`.

    The books are closed by one command for every part, in one atomic job.
    """

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def close_books(self, request: pb.CloseBooksRequest) -> pb.CloseBooksResponse:
        """Closes the books up to an instant."""
        command = CloseBooks(
            request_id=request.request_id,
            until_time=instant(request, "until_time"),
            operator=request.operator,
            reason=request.reason,
        )
        outcomes = accepted(
            await self._writes.submit(
                Job(
                    commands=self._writes.route_everywhere(command),
                    atomic=True,
                    validate_only=request.validate_only,
                )
            )
        )
        records = [outcome.record for outcome in outcomes]
        response = pb.CloseBooksResponse(
            revision=revision_of(records), replayed=outcomes[0].replayed
        )
        numbers = {record.part: record.number for record in records}
        _fill(response.close, Close(records[0], numbers))
        return response

    async def list_closes(self, request: pb.ListClosesRequest) -> pb.ListClosesResponse:
        """Lists the closes of the books, the latest first."""
        size = page_size_of(request)
        (before,) = read_token(request, start=(NEVER,))

        def read(view: View) -> pb.ListClosesResponse:
            found = view.snapshot.closes(before=before, limit=size + 1)
            page = cut(found, size, _message)
            return pb.ListClosesResponse(
                closes=page.messages,
                next_page_token=_token(request, page.last),
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)


def _message(close: Close) -> pb.BooksClose:
    message = pb.BooksClose()
    _fill(message, close)
    return message


def _fill(message: pb.BooksClose, close: Close) -> None:
    fill_close(message, close.record)
    if close.record.number:
        message.revision = write_revision(close.numbers)


def _token(request: pb.ListClosesRequest, last: Close | None) -> str:
    return "" if last is None else write_token(request, (last.record.number,))
