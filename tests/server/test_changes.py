"""ListChanges and Watch: everything that was decided, in order, exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from grpc import StatusCode

from points.client import PointsClient, Refused, batch_command, to_timestamp
from points.client.connection import Connection
from points.domain.changes import Position
from points.server.watchers import WatchLimits
from points.v1.change_pb2 import Change
from points.v1.ledger_service_pb2 import ListChangesRequest, WatchRequest
from tests.server import build
from tests.server.failures import Failure, failure_of, invalid
from tests.server.running import Served
from tests.server.watching import (
    HISTORY,
    MEMBERS,
    connected,
    earn_each,
    fill,
    is_gapless,
    places,
    watching,
)
from tests.store.build import run_sql


TOKEN_INVALID = Failure(
    code=StatusCode.INVALID_ARGUMENT,
    reason="RESUME_TOKEN_INVALID",
    metadata={"field": "resume_token"},
)
QUICK = WatchLimits(checkpoint_seconds=0.05)


@pytest.fixture
def ledger(serve_reused: Callable[..., Served]) -> Served:
    """Returns a server on a database of its own, with some history."""
    server = serve_reused(watch_limits=QUICK)
    fill(server.address)
    return server


@pytest.fixture
def feed(ledger: Served) -> Iterator[Connection]:
    """Yields stubs of that server."""
    with connected(ledger.address) as stubs:
        yield stubs


@pytest.fixture
def writer(ledger: Served) -> Iterator[PointsClient]:
    """Yields a client of that server."""
    with PointsClient(ledger.address) as client:
        yield client


def pages(stubs: Connection, **fields: Any) -> list[Change]:
    """Returns all changes, page by page."""
    request = ListChangesRequest(**fields)
    found: list[Change] = []
    while True:
        answer = stubs.ledger.ListChanges(request)
        found.extend(answer.changes)
        request.resume_token = answer.resume_token
        if not answer.has_more:
            return found


@pytest.mark.parametrize("page_size", [0, 1, 7, HISTORY - 1, HISTORY, 1_000])
def test_list_changes_tells_everything_once_in_order(
    feed: Connection, page_size: int
) -> None:
    changes = pages(feed, page_size=page_size)

    assert len(changes) == HISTORY
    assert is_gapless(changes)


def test_watch_tells_the_past_and_then_what_comes(
    feed: Connection, writer: PointsClient
) -> None:
    with watching(feed) as watch:
        past = watch.checkpoint()
        before = len(watch.changes)
        earn_each(writer, "more")
        changes = watch.until(HISTORY + 3)

    assert (before, past.caught_up) == (HISTORY, True)
    assert is_gapless(changes)
    assert [change.outcome.request_id for change in changes[-3:]] == ["more"] * 3


def test_a_change_tells_what_was_decided(
    feed: Connection, writer: PointsClient
) -> None:
    with watching(feed, from_now=True) as watch:
        watch.checkpoint()
        answer = writer.burn("ada", 5, reason="reward", request_id="b")
        (change,) = watch.until(1)

    assert change.outcome.transaction == answer.transaction
    assert (change.kind, change.channel) == ("BURN", "core")
    assert change.outcome == writer.get_outcome("ada", "b").outcome


def test_refusals_are_told(feed: Connection, writer: PointsClient) -> None:
    with watching(feed, from_now=True) as watch:
        watch.checkpoint()
        with pytest.raises(Refused):
            writer.burn("ada", 5_000, reason="reward")
        (change,) = watch.until(1)

    assert change.outcome.refusal.reason == "INSUFFICIENT_POINTS"


def test_a_batch_with_an_id_is_told_before_its_commands(
    feed: Connection, writer: PointsClient
) -> None:
    commands = [batch_command(build.earn("ada", 1)), batch_command(build.earn("ada"))]
    token = writer.list_changes(from_now=True).resume_token
    writer.batch_write(commands, request_id="import 7")

    found = pages(feed, resume_token=token, kinds=["BATCH"])
    everything = pages(feed, resume_token=token)

    (claim,) = [change.outcome for change in found]
    assert (claim.member_id, claim.request_id) == ("", "import 7")
    assert claim.batch_claim.command_count == 2
    assert sorted(change.kind for change in everything) == ["BATCH", "EARN", "EARN"]


def test_each_part_tells_that_the_books_were_closed(
    feed: Connection, writer: PointsClient
) -> None:
    token = writer.list_changes(from_now=True).resume_token
    until = datetime(2020, 1, 1, tzinfo=UTC)
    writer.close_books(until, operator="olga", reason="2019", request_id="close")

    found = pages(feed, resume_token=token, kinds=["CLOSE_BOOKS"])

    assert len({change.part for change in found}) == len(found) > 1
    for outcome in (change.outcome for change in found):
        assert (outcome.member_id, outcome.request_id) == ("", "close")
        assert outcome.books_close.until_time == to_timestamp(until)


def test_what_the_server_does_by_itself_has_no_request_id(
    feed: Connection, writer: PointsClient
) -> None:
    token = writer.list_changes(from_now=True).resume_token
    sent = writer.transfer("ada", "bob", 1, reason="gift", request_id="t")

    given, taken = sorted(
        pages(feed, resume_token=token), key=lambda change: change.kind
    )

    assert (given.kind, taken.kind) == ("TRANSFER", "TRANSFER_IN")
    assert (given.outcome.request_id, taken.outcome.request_id) == ("t", "")
    transaction = taken.outcome.transaction
    assert transaction.counterparty_transaction_id == sent.transaction.transaction_id


def test_every_kind_of_result_is_told(feed: Connection, writer: PointsClient) -> None:
    token = writer.list_changes(from_now=True).resume_token
    limits = writer.set_limits("ada", operator="o", reason="r", ceiling=9_999).limits
    erased = writer.erase_member("bob", operator="o", reason="r").member

    told = {change.kind: change.outcome for change in pages(feed, resume_token=token)}

    assert told["SET_LIMITS"].limits == limits
    assert told["ERASE_MEMBER"].member == erased


def test_what_was_only_validated_or_repeated_is_not_told(
    feed: Connection, writer: PointsClient
) -> None:
    with watching(feed, from_now=True) as watch:
        watch.checkpoint()
        writer.earn("ada", 5, reason="trial", validate_only=True)
        writer.earn("ada", 10, reason="purchase", request_id="0")
        writer.earn("ada", 5, reason="real")
        (change,) = watch.until(1)

    assert change.outcome.transaction.reason == "real"


def test_every_token_leads_to_exactly_the_rest(feed: Connection) -> None:
    changes = pages(feed)

    rests = []
    for change in changes:
        with watching(feed, resume_token=change.resume_token) as watch:
            watch.checkpoint()
            rests.append(sorted(places(watch.changes)))
    assert rests == [
        sorted(places(changes[count:])) for count in range(1, len(changes) + 1)
    ]


def test_tokens_of_pages_and_watches_are_the_same(feed: Connection) -> None:
    with watching(feed) as watch:
        watch.checkpoint()

    assert watch.changes == pages(feed, page_size=4)


def test_a_watch_from_now_begins_with_a_checkpoint(feed: Connection) -> None:
    with watching(feed, from_now=True) as watch:
        assert watch.message().checkpoint.caught_up


def test_a_page_from_now_has_a_token_and_no_changes(
    feed: Connection, writer: PointsClient
) -> None:
    answer = feed.ledger.ListChanges(ListChangesRequest(from_now=True))
    earn_each(writer, "more")

    rest = pages(feed, resume_token=answer.resume_token)
    assert (list(answer.changes), answer.has_more) == ([], False)
    assert {change.outcome.request_id for change in rest} == {"more"}


FILTERS: list[tuple[dict[str, list[str]], int]] = [
    ({"member_ids": ["ada"]}, 5),
    ({"member_ids": ["ada", "eve"]}, 10),
    ({"member_ids": ["nobody"]}, 0),
    ({"kinds": ["CREATE_MEMBER"]}, 3),
    ({"kinds": ["EARN", "BURN"], "member_ids": ["bob"]}, 4),
    ({"channels": ["core"]}, 15),
    ({"channels": ["shop"]}, 0),
]


@pytest.mark.parametrize(("fields", "count"), FILTERS, ids=str)
def test_a_filter_leaves_out_all_else_of_the_past(
    feed: Connection, fields: dict[str, list[str]], count: int
) -> None:
    with watching(feed, **fields) as watch:
        watch.checkpoint()

    assert len(watch.changes) == count
    assert pages(feed, page_size=2, **fields) == pages(feed, **fields)
    assert sorted(places(watch.changes)) == sorted(places(pages(feed, **fields)))


def test_a_filter_leaves_out_all_else_that_comes(
    feed: Connection, writer: PointsClient
) -> None:
    with watching(feed, from_now=True, member_ids=["eve"], kinds=["EARN"]) as watch:
        watch.checkpoint()
        writer.freeze_member("ada")
        earn_each_but_ada(writer)
        (change,) = watch.until(1)

    assert (change.outcome.member_id, change.kind) == ("eve", "EARN")


def earn_each_but_ada(client: PointsClient) -> None:
    """Lets the others earn."""
    for name in MEMBERS[1:]:
        client.earn(name, 1, reason="more")


def test_the_token_of_a_filtered_watch_moves_on_while_others_change(
    feed: Connection, writer: PointsClient
) -> None:
    with watching(feed, member_ids=["nobody"]) as watch:
        watch.checkpoint()
        earn_each(writer, "more")
        last = pages(feed)[-1]
        while watch.token != last.resume_token:
            watch.checkpoint()

    assert pages(feed, resume_token=watch.token) == []


@pytest.mark.parametrize("name", MEMBERS)
def test_a_token_of_one_filter_leaves_nothing_out_for_another(
    feed: Connection, name: str
) -> None:
    for change in pages(feed, member_ids=[name]):
        seen = set(places(pages(feed, member_ids=[name])))
        rest = pages(feed, resume_token=change.resume_token)
        own = [p for p in places(rest) if p in seen]
        others = [c for c in rest if c.outcome.member_id != name]
        assert all(p > (change.part, change.number) for p in own)
        # Only behind the last change of the past everything counts as seen.
        assert len(others) in {0, 10}


@pytest.mark.parametrize("seconds", [0.05])
def test_checkpoints_come_while_nothing_happens(
    feed: Connection, seconds: float
) -> None:
    with watching(feed) as watch:
        tokens = {watch.checkpoint().resume_token for _ in range(4)}

    assert seconds == QUICK.checkpoint_seconds
    assert tokens == {watch.changes[-1].resume_token}


@pytest.mark.parametrize("token", ["garbage", "AAAA", "☃", "x" * 100_000])
@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
def test_a_token_that_is_none_is_refused(
    feed: Connection, token: str, call: str
) -> None:
    assert failure(feed, call, resume_token=token) == TOKEN_INVALID


@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
def test_a_token_that_is_ahead_of_the_ledger_is_refused(
    feed: Connection, call: str
) -> None:
    token = Position((99,) * 64).token()

    assert failure(feed, call, resume_token=token) == TOKEN_INVALID


@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
def test_a_token_of_a_ledger_with_other_parts_is_refused(
    feed: Connection, call: str
) -> None:
    token = Position.beginning(63).token()

    assert failure(feed, call, resume_token=token) == TOKEN_INVALID


@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
def test_a_token_before_what_is_kept_is_refused_with_the_oldest(
    ledger: Served, feed: Connection, call: str
) -> None:
    kept = pages(feed, member_ids=["ada"])[2:]
    part = kept[0].part
    first = f"part = {part} AND number < {kept[0].number}"
    run_sql(ledger.engine.store, f"DELETE FROM record WHERE {first}")

    refused = failure(feed, call)

    assert (refused.code, refused.reason) == (
        StatusCode.OUT_OF_RANGE,
        "RESUME_TOKEN_TOO_OLD",
    )
    oldest = refused.metadata["oldest_resume_token"]
    rest = pages(feed, resume_token=oldest, member_ids=["ada"])
    assert places(rest) == places(kept)


@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (
            {"from_now": True, "resume_token": "x"},
            {"from_now": "excludes resume_token"},
        ),
        ({"member_ids": [""]}, {"member_ids": "entry is required"}),
        (
            {"member_ids": ["m"] * 1_001},
            {"member_ids": "must have at most 1000 entries, not 1001"},
        ),
        (
            {"channels": ["\n"]},
            {"channels": "entry must not contain control characters"},
        ),
    ],
    ids=",".join,
)
def test_a_malformed_request_is_refused(
    feed: Connection, call: str, fields: dict[str, Any], what: dict[str, str]
) -> None:
    assert failure(feed, call, **fields) == invalid(**what)


@pytest.mark.parametrize("call", ["ListChanges", "Watch"])
def test_a_kind_that_does_not_exist_is_refused(feed: Connection, call: str) -> None:
    assert failure(feed, call, kinds=["EARM"]).fields == ("kinds",)


def failure(stubs: Connection, call: str, **fields: Any) -> Failure:
    """Makes a call that must fail, and returns what it fails with."""
    if call == "ListChanges":
        return failure_of(stubs.ledger.ListChanges, ListChangesRequest(**fields))
    return failure_of(
        lambda request, **options: list(stubs.ledger.Watch(request, **options)),
        WatchRequest(**fields),
    )
