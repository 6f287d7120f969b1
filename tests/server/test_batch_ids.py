"""The request id of a batch: the batch as a whole happens once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from grpc import StatusCode

from points.client import PointsClient, batch_command, new_request_id
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from tests.server import build
from tests.server.failures import Failure, failure_of


MODES = pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "independent"])


def named(*commands: Any, atomic: bool) -> ledger.BatchWriteRequest:
    """Returns a batch of these commands with an id that nobody has used."""
    return build.batch(*commands, atomic=atomic, request_id=new_request_id())


def changed(
    request: ledger.BatchWriteRequest, *commands: Any
) -> ledger.BatchWriteRequest:
    """Returns a batch of the same id and mode with other commands."""
    return ledger.BatchWriteRequest(
        commands=[batch_command(command) for command in commands],
        mode=request.mode,
        request_id=request.request_id,
    )


def available(client: PointsClient, member_id: str) -> int:
    """Returns what a member can burn."""
    (balances,) = client.get_balances(member_id, unit="points").balances
    return balances.available


def outcomes(answer: ledger.BatchWriteResponse) -> list[Any]:
    """Returns what became of each command."""
    return [item.outcome for item in answer.outcomes]


@MODES
def test_the_same_batch_gets_the_same_outcomes(
    stubs: Connection, stranger: str, *, atomic: bool
) -> None:
    request = named(build.create_member(stranger), build.earn(stranger), atomic=atomic)

    first, second = (stubs.ledger.BatchWrite(request) for _ in range(2))

    assert outcomes(second) == outcomes(first)
    assert [first.replayed, second.replayed] == [False, True]


@MODES
def test_the_same_batch_happens_once(
    client: PointsClient, stubs: Connection, member: str, *, atomic: bool
) -> None:
    request = named(build.earn(member, 3), build.earn(member, 4), atomic=atomic)

    for _ in range(3):
        stubs.ledger.BatchWrite(request)

    assert available(client, member) == 7


@MODES
def test_a_batch_without_an_id_is_no_replay_itself(
    stubs: Connection, member: str, *, atomic: bool
) -> None:
    request = build.batch(build.earn(member), atomic=atomic)

    answers = [stubs.ledger.BatchWrite(request) for _ in range(2)]

    assert [answer.replayed for answer in answers] == [False, False]
    assert [answer.outcomes[0].replayed for answer in answers] == [False, True]


OTHER: dict[str, Callable[[str, Any, Any], list[Any]]] = {
    "another command": lambda name, _one, two: [build.earn(name), two],
    "other points": lambda _name, one, two: [build.changed(one, points=9), two],
    "one more": lambda name, one, two: [one, two, build.earn(name)],
    "one fewer": lambda _name, one, _two: [one],
    "another order": lambda _name, one, two: [two, one],
    "a malformed one": lambda name, one, _two: [one, build.earn(name, 0)],
    "another id of a command": lambda _name, one, two: [
        build.changed(one, request_id="other"),
        two,
    ],
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_the_id_of_a_batch_is_not_for_other_commands(
    client: PointsClient,
    stubs: Connection,
    member: str,
    other: Callable[[str, Any, Any], list[Any]],
) -> None:
    one, two = build.earn(member, 3), build.earn(member, 4)
    request = named(one, two, atomic=False)
    stubs.ledger.BatchWrite(request)
    copies = (type(one).FromString(c.SerializeToString()) for c in (one, two))

    failure = failure_of(
        stubs.ledger.BatchWrite, changed(request, *other(member, *copies))
    )

    assert failure == Failure(
        code=StatusCode.ALREADY_EXISTS,
        reason="REQUEST_ID_REUSED",
        metadata={"member_id": "", "request_id": request.request_id},
    )
    assert available(client, member) == 7


def test_other_metadata_is_found_by_the_command_it_belongs_to(
    stubs: Connection, member: str
) -> None:
    told = [build.earn(member, 3), build.earn(member, 4, metadata={"shop": "Bonn"})]
    request = named(*told, atomic=False)
    stubs.ledger.BatchWrite(request)
    told[1].metadata["shop"] = "Ulm"

    again = stubs.ledger.BatchWrite(changed(request, *told))

    reasons = [one.outcome.refusal.reason for one in again.outcomes]
    assert reasons == ["", "REQUEST_ID_REUSED"]
    assert [one.replayed for one in again.outcomes] == [True, False]


@MODES
def test_the_id_of_a_batch_is_not_for_the_other_mode(
    client: PointsClient, stubs: Connection, member: str, *, atomic: bool
) -> None:
    command = build.earn(member, 3)
    request = named(command, atomic=atomic)
    stubs.ledger.BatchWrite(request)
    again = build.batch(command, atomic=not atomic, request_id=request.request_id)

    failure = failure_of(stubs.ledger.BatchWrite, again)

    assert failure.reason == "REQUEST_ID_REUSED"
    assert available(client, member) == 3


def test_a_batch_without_a_mode_is_the_same_as_an_independent_one(
    stubs: Connection, member: str
) -> None:
    request = named(build.earn(member), atomic=False)
    stubs.ledger.BatchWrite(request)
    request.ClearField("mode")

    assert stubs.ledger.BatchWrite(request).replayed


def test_a_refused_atomic_batch_leaves_its_id_unused(
    client: PointsClient, stubs: Connection, member: str
) -> None:
    request = named(build.earn(member, 3), build.burn(member, 99), atomic=True)
    refused = failure_of(stubs.ledger.BatchWrite, request)

    answer = stubs.ledger.BatchWrite(changed(request, build.earn(member, 5)))

    assert (refused.metadata["guilty_index"], answer.replayed) == ("1", False)
    assert available(client, member) == 5


def test_refusals_are_outcomes_of_a_replay_too(stubs: Connection, member: str) -> None:
    request = named(
        build.earn(member),
        build.burn(member, 99),
        build.earn(member, 0),
        atomic=False,
    )

    first, second = (stubs.ledger.BatchWrite(request) for _ in range(2))

    assert outcomes(second) == outcomes(first)
    assert second.replayed


def test_commands_that_were_done_alone_make_no_replay_of_the_batch(
    stubs: Connection, member: str
) -> None:
    command = build.earn(member)
    stubs.ledger.Earn(command)

    answer = stubs.ledger.BatchWrite(named(command, atomic=False))

    assert (answer.outcomes[0].replayed, answer.replayed) == (True, False)


def test_the_id_of_a_batch_is_free_to_be_that_of_a_command(
    stubs: Connection, member: str
) -> None:
    request = named(build.earn(member), atomic=False)
    stubs.ledger.BatchWrite(request)

    answer = stubs.ledger.Earn(build.earn(member, request_id=request.request_id))

    assert not answer.replayed


@pytest.mark.parametrize(
    ("request_id", "what"),
    [
        ("x" * 129, "must have at most 128 characters, not 129"),
        ("system/x", "must not begin with 'system/', which the server keeps"),
        ("a\nb", "must not contain control characters"),
    ],
    ids=["too long", "reserved", "a control character"],
)
def test_a_malformed_id_of_a_batch_is_refused(
    client: PointsClient, stubs: Connection, member: str, request_id: str, what: str
) -> None:
    request = build.batch(build.earn(member), request_id=request_id)

    failure = failure_of(stubs.ledger.BatchWrite, request)

    assert failure.metadata == {"request_id": what}
    assert list(client.list_transactions(member)) == []


def test_the_client_sends_the_id_of_a_batch(client: PointsClient, member: str) -> None:
    commands = [batch_command(build.earn(member))]
    request_id = new_request_id()

    answers = [client.batch_write(commands, request_id=request_id) for _ in range(2)]

    assert [answer.replayed for answer in answers] == [False, True]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@MODES
def test_ten_thousand_commands_are_replayed_in_their_order(
    stubs: Connection, member: str, *, atomic: bool
) -> None:
    commands = [build.earn(member, 1, request_id=str(n)) for n in range(10_000)]
    request = named(*commands, atomic=atomic)

    first, second = (stubs.ledger.BatchWrite(request) for _ in range(2))

    balances = [item.outcome.transaction.balance_after for item in first.outcomes]
    assert balances == list(range(1, 10_001))
    assert outcomes(second) == outcomes(first)
    assert [first.replayed, second.replayed] == [False, True]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("guilty", [0, 4_999, 9_999])
def test_the_guilty_one_of_ten_thousand_is_named(
    client: PointsClient, stubs: Connection, member: str, guilty: int
) -> None:
    commands: list[Any] = [build.earn(member, 1) for _ in range(10_000)]
    commands[guilty] = build.burn(member, 99_999)

    failure = failure_of(stubs.ledger.BatchWrite, named(*commands, atomic=True))

    assert (failure.reason, failure.metadata["guilty_index"]) == (
        "INSUFFICIENT_POINTS",
        str(guilty),
    )
    assert list(client.list_transactions(member)) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_refusals_among_ten_thousand_stand_in_their_places(
    stubs: Connection, member: str
) -> None:
    refused: dict[int, Any] = {0: build.burn, 999: build.create_member}
    commands: list[Any] = [build.earn(member, 1) for _ in range(10_000)]
    for index, request in refused.items():
        commands[index] = request(member)
    commands[9_999] = build.earn(member, 0)

    answer = stubs.ledger.BatchWrite(named(*commands, atomic=False))

    reasons = {
        index: item.outcome.refusal.reason
        for index, item in enumerate(answer.outcomes)
        if item.outcome.HasField("refusal")
    }
    assert reasons == {
        0: "INSUFFICIENT_POINTS",
        999: "MEMBER_EXISTS",
        9_999: "INVALID_ARGUMENT",
    }
    assert [item.outcome.request_id for item in answer.outcomes] == [
        command.request_id for command in commands
    ]
