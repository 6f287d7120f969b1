"""BatchWrite: outcomes in order, each alone or all together."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode

from points.client import PointsClient
from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1.ledger_service_pb2 import BatchCommand, BatchWriteRequest
from tests.server import build
from tests.server.failures import Failure, failure_of


def results(answer: ledger.BatchWriteResponse) -> list[str]:
    """Returns the name of each result, or the reason of each refusal."""
    return [
        item.outcome.refusal.reason or str(item.outcome.WhichOneof("result"))
        for item in answer.outcomes
    ]


def available(client: PointsClient, member_id: str) -> int:
    """Returns what a member can burn."""
    (balances,) = client.get_balances(member_id, unit="points").balances
    return balances.available


def test_batch_write_answers_with_outcomes_in_the_order_of_the_commands(
    stubs: Connection, stranger: str
) -> None:
    commands: list[Any] = [
        build.create_member(stranger),
        build.earn(stranger, 10),
        build.burn(stranger, 20),
        build.burn(stranger, 4),
        build.earn(stranger, 0),
        build.create_member(stranger),
    ]

    answer = stubs.ledger.BatchWrite(build.batch(*commands))

    assert results(answer) == [
        "member",
        "transaction",
        "INSUFFICIENT_POINTS",
        "transaction",
        "INVALID_ARGUMENT",
        "MEMBER_EXISTS",
    ]
    assert [item.outcome.request_id for item in answer.outcomes] == [
        command.request_id for command in commands
    ]


def test_each_outcome_is_what_get_outcome_finds(stubs: Connection, member: str) -> None:
    request = build.earn(member)

    (item,) = stubs.ledger.BatchWrite(build.batch(request)).outcomes

    asked = ledger.GetOutcomeRequest(member_id=member, request_id=request.request_id)
    assert item.outcome == stubs.ledger.GetOutcome(asked).outcome


def test_a_refusal_leaves_its_neighbours_alone(
    client: PointsClient, member: str
) -> None:
    batch = build.batch(
        build.earn(member, 10), build.burn(member, 99), build.earn(member, 1)
    )

    client.batch_write(batch.commands)

    assert available(client, member) == 11


def test_a_command_sees_what_the_ones_before_it_have_done(
    stubs: Connection, member: str
) -> None:
    batch = build.batch(
        *(
            command
            for _ in range(50)
            for command in (build.earn(member), build.burn(member))
        )
    )

    answer = stubs.ledger.BatchWrite(batch)

    assert results(answer) == ["transaction"] * 100


def test_one_request_id_twice_in_a_batch_is_done_once(
    stubs: Connection, member: str
) -> None:
    request = build.earn(member)

    first, second = stubs.ledger.BatchWrite(build.batch(request, request)).outcomes

    assert second.outcome == first.outcome
    assert [first.replayed, second.replayed] == [False, True]


def test_a_repeated_batch_is_a_replay(stubs: Connection, stranger: str) -> None:
    batch = build.batch(
        build.create_member(stranger), build.earn(stranger), build.burn(stranger, 99)
    )
    first = stubs.ledger.BatchWrite(batch)

    second = stubs.ledger.BatchWrite(batch)

    assert all(item.replayed for item in second.outcomes)
    assert [i.outcome for i in second.outcomes] == [i.outcome for i in first.outcomes]


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "independent"])
def test_no_commands_are_no_batch(stubs: Connection, *, atomic: bool) -> None:
    failure = failure_of(stubs.ledger.BatchWrite, build.batch(atomic=atomic))

    assert failure.metadata == {"commands": "must be 1 to 10000 commands, not 0"}
    assert failure.fields == ("commands",)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_ten_thousand_commands_are_decided(stubs: Connection, member: str) -> None:
    commands = [build.earn(member, 1, request_id=str(n)) for n in range(10_000)]

    answer = stubs.ledger.BatchWrite(build.batch(*commands))

    balances = [item.outcome.transaction.balance_after for item in answer.outcomes]
    assert balances == list(range(1, 10_001))


def test_one_command_more_is_too_many(stubs: Connection) -> None:
    command = build.batch(build.earn("m")).commands[0]
    request = BatchWriteRequest(commands=[command] * 10_001)

    failure = failure_of(stubs.ledger.BatchWrite, request)

    assert failure.metadata == {"commands": "must be 1 to 10000 commands, not 10001"}


def test_a_command_with_nothing_in_it_is_refused_alone(
    stubs: Connection, member: str
) -> None:
    request = build.batch(build.earn(member))
    request.commands.append(BatchCommand())

    answer = stubs.ledger.BatchWrite(request)

    assert results(answer) == ["transaction", "INVALID_ARGUMENT"]
    assert dict(answer.outcomes[1].outcome.refusal.metadata) == {
        "command": "is required"
    }


def test_validate_only_is_refused_inside_a_batch(
    stubs: Connection, member: str
) -> None:
    request = build.batch(build.earn(member, validate_only=True))

    (item,) = stubs.ledger.BatchWrite(request).outcomes

    assert dict(item.outcome.refusal.metadata) == {
        "validate_only": "must not be set inside a batch"
    }


def test_a_mode_that_does_not_exist_is_refused(stubs: Connection, member: str) -> None:
    request = build.batch(build.earn(member))
    request.mode = 7  # type: ignore[assignment]  # no mode on purpose

    failure = failure_of(stubs.ledger.BatchWrite, request)

    assert failure.fields == ("mode",)


def test_a_batch_without_a_mode_is_independent(stubs: Connection, member: str) -> None:
    request = build.batch(build.earn(member), build.burn(member, 99))
    request.ClearField("mode")

    answer = stubs.ledger.BatchWrite(request)

    assert results(answer) == ["transaction", "INSUFFICIENT_POINTS"]


def test_an_atomic_batch_without_a_refusal_is_done(
    stubs: Connection, stranger: str
) -> None:
    batch = build.batch(
        build.create_member(stranger), build.earn(stranger), atomic=True
    )

    assert results(stubs.ledger.BatchWrite(batch)) == ["member", "transaction"]


@pytest.mark.parametrize(
    ("guilty", "code", "reason", "metadata"),
    [
        (
            lambda member: build.burn(member, 99),
            StatusCode.FAILED_PRECONDITION,
            "INSUFFICIENT_POINTS",
            {"unit": "points", "available": "10", "points": "99"},
        ),
        (
            lambda member: build.earn(member, request_id="known"),
            StatusCode.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            {"request_id": "known"},
        ),
        (
            build.create_member,
            StatusCode.ALREADY_EXISTS,
            "MEMBER_EXISTS",
            {},
        ),
    ],
    ids=["stored refusal", "passing refusal", "member"],
)
def test_the_error_of_an_atomic_batch_is_that_of_the_guilty_command(
    stubs: Connection,
    member: str,
    *,
    guilty: Any,
    code: StatusCode,
    reason: str,
    metadata: dict[str, str],
) -> None:
    known = build.batch(build.burn(member, 1, request_id="known"))
    stubs.ledger.BatchWrite(known)
    batch = build.batch(
        build.earn(member), guilty(member), build.earn(member), atomic=True
    )

    failure = failure_of(stubs.ledger.BatchWrite, batch)

    expected = {"member_id": member, "guilty_index": "1", **metadata}
    assert failure == Failure(code=code, reason=reason, metadata=expected)


def test_the_error_of_an_atomic_batch_names_the_malformed_command(
    stubs: Connection, member: str
) -> None:
    batch = build.batch(build.earn(member), build.earn(member, 0), atomic=True)

    failure = failure_of(stubs.ledger.BatchWrite, batch)

    assert failure == Failure(
        code=StatusCode.INVALID_ARGUMENT,
        reason="INVALID_ARGUMENT",
        metadata={"points": "must be above zero, not 0", "guilty_index": "1"},
        fields=("points",),
    )


@pytest.mark.parametrize("points", [0, 99], ids=["malformed", "refused"])
def test_an_atomic_batch_with_a_refusal_changes_nothing(
    client: PointsClient, stubs: Connection, saver: str, points: int
) -> None:
    batch = build.batch(
        build.earn(saver),
        build.earn(saver, unit="miles"),
        build.burn(saver, points and 999),
        atomic=True,
    )

    failure_of(stubs.ledger.BatchWrite, batch)

    assert available(client, saver) == 100
    assert len(list(client.list_transactions(saver))) == 1


@pytest.mark.parametrize("index", [0, 1, 2])
def test_no_command_of_a_refused_atomic_batch_has_an_outcome(
    stubs: Connection, saver: str, index: int
) -> None:
    commands: list[Any] = [
        build.earn(saver),
        build.burn(saver, 999),
        build.earn(saver),
    ]
    failure_of(stubs.ledger.BatchWrite, build.batch(*commands, atomic=True))

    asked = ledger.GetOutcomeRequest(
        member_id=saver, request_id=commands[index].request_id
    )
    assert failure_of(stubs.ledger.GetOutcome, asked).reason == "OUTCOME_NOT_FOUND"


def test_an_atomic_batch_over_many_parts_is_done_as_a_whole(
    stubs: Connection, client: PointsClient, stranger: str
) -> None:
    names = [f"{stranger}-{number}" for number in range(100)]
    stubs.ledger.BatchWrite(build.batch(*map(build.create_member, names)))

    batch = build.batch(*(build.earn(name, 3) for name in names), atomic=True)
    stubs.ledger.BatchWrite(batch)

    assert [available(client, name) for name in names] == [3] * 100
