"""CloseBooks and ListCloses, as callers see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from points.client import PointsClient, Refused, to_timestamp
from points.v1.books_close_pb2 import BooksClose, CloseBooksRequest, ListClosesRequest
from tests.server.running import Served
from tests.store.cleaning import PARTS


NOW = datetime.now(UTC)
LAST_YEAR = NOW - timedelta(days=365)


@pytest.fixture
def books(serve_reused: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server whose books only this test closes."""
    with PointsClient(serve_reused().address) as client:
        client.create_member("ada")
        yield client


def close(client: PointsClient, until: datetime, **fields: Any) -> Any:
    """Closes the books."""
    return client.close_books(until, operator="olga", reason="2025", **fields)


def refusal(call: Callable[[], object]) -> Refused:
    """Returns the refusal of a call."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def test_close_books_tells_what_was_closed(books: PointsClient) -> None:
    response = close(books, LAST_YEAR)

    closed: BooksClose = response.close
    assert (closed.until_time, closed.operator, closed.reason) == (
        to_timestamp(LAST_YEAR),
        "olga",
        "2025",
    )
    assert closed.record_time.ToDatetime(UTC) >= NOW
    assert (response.revision, response.replayed) == (closed.revision, False)
    assert closed.revision.count(",") == PARTS - 1


def test_nothing_is_dated_back_into_closed_books(books: PointsClient) -> None:
    close(books, LAST_YEAR)

    def earn(moment: datetime) -> object:
        return books.earn("ada", 5, reason="purchase", effective_time=moment)

    refused = refusal(lambda: earn(LAST_YEAR - timedelta(microseconds=1)))
    assert refused.reason == "PERIOD_CLOSED"
    assert set(refused.metadata) == {"effective_time", "until_time"}
    assert earn(LAST_YEAR)


def test_a_repeated_close_is_told_to_be_one(books: PointsClient) -> None:
    first = close(books, LAST_YEAR, request_id="2025")

    again = close(books, LAST_YEAR, request_id="2025")

    assert (again.close, again.replayed) == (first.close, True)


def test_books_are_closed_forwards_only(books: PointsClient) -> None:
    close(books, LAST_YEAR)

    refused = refusal(lambda: close(books, LAST_YEAR - timedelta(days=1)))

    assert refused.reason == "PERIOD_CLOSED"


def test_a_close_is_validated_without_a_trace(books: PointsClient) -> None:
    response = close(books, LAST_YEAR, validate_only=True)

    assert response.close.revision == ""
    assert list(books.list_closes()) == []


def test_a_close_without_anything_names_every_field(books: PointsClient) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        books.ledger.CloseBooks(CloseBooksRequest())

    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    for field in ("until_time", "operator", "reason", "request_id"):
        assert field in str(failed.value.details())


def test_list_closes_has_the_latest_first(books: PointsClient) -> None:
    closed = [close(books, LAST_YEAR + timedelta(days=day)).close for day in range(5)]

    assert list(books.list_closes()) == closed[::-1]
    assert list(books.list_closes(page_size=2)) == closed[::-1]


def test_a_page_of_closes_needs_a_token_of_its_own(books: PointsClient) -> None:
    request = ListClosesRequest(page_token="nonsense")  # noqa: S106 - no password

    with pytest.raises(grpc.RpcError) as failed:
        books.ledger.ListCloses(request)

    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_close_is_in_the_feed_and_no_member_is(books: PointsClient) -> None:
    close(books, LAST_YEAR)

    page = books.list_changes(kinds=["CLOSE_BOOKS"], page_size=1_000)

    told = [change.outcome for change in page.changes]
    assert len(told) == PARTS
    assert {outcome.WhichOneof("result") for outcome in told} == {"books_close"}
    assert {outcome.member_id for outcome in told} == {""}
    assert [member.member_id for member in books.list_members()] == ["ada"]


def test_closed_books_are_intact(books: PointsClient) -> None:
    books.earn("ada", 5, reason="purchase", effective_time=LAST_YEAR)
    close(books, LAST_YEAR + timedelta(days=1))

    assert books.verify_ledger().intact
