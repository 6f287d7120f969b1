"""The same request id gets the first answer again; validate_only leaves no trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from grpc import StatusCode

from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1.member_service_pb2 import GetMemberRequest
from tests.server import build
from tests.server.failures import Failure, error_of, failure_of


@pytest.fixture(params=list(build.WRITES))
def kind(request: pytest.FixtureRequest) -> build.Write:
    """Returns each kind of write."""
    return build.WRITES[request.param]


@pytest.fixture
def subject(kind: build.Write, saver: str, stranger: str) -> str:
    """Returns the member to whom it is done."""
    return stranger if kind.request is build.create_member else saver


@pytest.fixture
def write(stubs: Connection, kind: build.Write, subject: str) -> build.Write:
    """Returns the write with requests that are accepted for the subject."""
    return kind.prepared(stubs, subject)


def frozen_bytes(answer: Any) -> bytes:
    """Returns an answer as bytes, without what differs in a replay."""
    copy = type(answer)()
    copy.CopyFrom(answer)
    copy.ClearField("replayed")
    data: bytes = copy.SerializeToString(deterministic=True)
    return data


def essence(answer: Any) -> list[Any]:
    """Returns what an answer says, without times and ids."""
    told: list[Any] = []
    for described, value in answer.ListFields():
        if described.name == "transaction":
            told += [value.kind, list(value.postings), value.balance_after]
            told += [list(value.draws), list(value.returns)]
        if described.name == "member":
            told += [value.member_id, value.state, dict(value.attributes), value.etag]
        if described.name == "standing":
            told += [value.ladder, value.tier, value.floor, value.earned_tier]
        if described.name == "claim":
            told += [value.rule_id, value.unit, value.points, value.state]
        if described.name == "limits":
            told += [value.unit, value.ceiling, value.operator]
    assert told
    return told


def balances(stubs: Connection, member_id: str) -> list[Any]:
    """Returns the balances of a member."""
    request = ledger.GetBalancesRequest(member_id=member_id)
    return list(stubs.ledger.GetBalances(request).balances)


def test_the_first_answer_is_no_replay(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    assert not write.method(stubs)(write.request(subject)).replayed


def test_a_replay_says_that_it_is_one(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject)
    write.method(stubs)(request)

    assert write.method(stubs)(request).replayed


def test_a_replay_is_byte_for_byte_the_first_answer(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject)
    first = write.method(stubs)(request)
    stubs.ledger.BatchWrite(build.batch(build.earn(subject)))

    second = write.method(stubs)(request)

    assert frozen_bytes(second) == frozen_bytes(first)


def test_the_outcome_is_what_the_call_has_answered(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject)
    answer = write.method(stubs)(request)

    asked = ledger.GetOutcomeRequest(member_id=subject, request_id=request.request_id)
    outcome = stubs.ledger.GetOutcome(asked).outcome

    name = str(outcome.WhichOneof("result"))
    if name == "standing_change":
        # Without what the program says of the tier.
        (told,) = outcome.standing_change.standings
        assert (told.tier, told.floor) == (answer.standing.tier, answer.standing.floor)
        return
    assert getattr(outcome, name) == getattr(answer, name)


def test_the_same_request_id_with_other_content_is_refused(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject)
    write.method(stubs)(request)
    other = build.earn(subject, 77, request_id=request.request_id)

    assert failure_of(stubs.ledger.Earn, other) == Failure(
        code=StatusCode.ALREADY_EXISTS,
        reason="REQUEST_ID_REUSED",
        metadata={"member_id": subject, "request_id": request.request_id},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"points": 11},
        {"unit": "miles"},
        {"reason": "other"},
        {"metadata": {"a": "c"}},
        {"metadata": {}},
        {"expire_time": None},
        {"activate_time": None},
        {"effective_time": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_field_is_content(
    stubs: Connection, member: str, changes: dict[str, Any]
) -> None:
    request = build.earn(
        member,
        metadata={"a": "b"},
        expire_time={"seconds": 4_000_000_000},
        activate_time={"seconds": 3_000_000_000},
        effective_time={"seconds": 1_000_000_000},
    )
    stubs.ledger.Earn(request)

    failure = failure_of(stubs.ledger.Earn, build.changed(request, **changes))

    assert failure.reason == "REQUEST_ID_REUSED"


def test_two_members_may_use_the_same_request_id(
    stubs: Connection, member: str, stranger: str
) -> None:
    stubs.members.CreateMember(build.create_member(stranger))
    stubs.ledger.Earn(build.earn(member, request_id="order-17"))

    answer = stubs.ledger.Earn(build.earn(stranger, request_id="order-17"))

    assert not answer.replayed


def test_a_refusal_is_replayed_though_the_reason_has_gone(
    stubs: Connection, member: str
) -> None:
    request = build.burn(member, 5)
    refused = failure_of(stubs.ledger.Burn, request)
    stubs.ledger.Earn(build.earn(member, 100))

    assert failure_of(stubs.ledger.Burn, request) == refused


def test_the_outcome_of_a_refusal_is_the_refusal(
    stubs: Connection, member: str
) -> None:
    request = build.burn(member, 5)
    error = error_of(stubs.ledger.Burn, request)

    asked = ledger.GetOutcomeRequest(member_id=member, request_id=request.request_id)
    refusal = stubs.ledger.GetOutcome(asked).outcome.refusal

    assert refusal.reason == "INSUFFICIENT_POINTS"
    assert refusal.domain == "points"
    assert refusal.code == StatusCode.FAILED_PRECONDITION.value[0]
    assert refusal.message == error.details()
    assert dict(refusal.metadata) == {
        "member_id": member,
        "unit": "points",
        "available": "0",
        "points": "5",
    }


@pytest.mark.parametrize("name", build.MOVES)
def test_calls_with_one_request_id_at_once_do_one_thing(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)
    request = write.request(saver)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(write.method(stubs), [request] * 40))

    assert len({frozen_bytes(answer) for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1


def test_validate_only_answers_as_if_it_were_done(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject, validate_only=True)
    validated = write.method(stubs)(request)

    done = write.method(stubs)(build.changed(request, validate_only=None))

    assert essence(validated) == essence(done)


def test_validate_only_leaves_no_outcome(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject, validate_only=True)
    write.method(stubs)(request)

    asked = ledger.GetOutcomeRequest(member_id=subject, request_id=request.request_id)
    assert failure_of(stubs.ledger.GetOutcome, asked).reason == "OUTCOME_NOT_FOUND"


def test_what_was_validated_can_be_done_with_the_same_request_id(
    stubs: Connection, write: build.Write, subject: str
) -> None:
    request = write.request(subject, validate_only=True)
    write.method(stubs)(request)

    answer = write.method(stubs)(build.changed(request, validate_only=None))

    assert not answer.replayed


@pytest.mark.parametrize("name", build.MOVES)
def test_validate_only_moves_no_points(
    stubs: Connection, saver: str, name: str
) -> None:
    before = balances(stubs, saver)
    write = build.WRITES[name].prepared(stubs, saver)

    write.method(stubs)(write.request(saver, validate_only=True))

    assert balances(stubs, saver) == before


@pytest.mark.parametrize(
    "name",
    ["UpdateMember", "FreezeMember", "UnfreezeMember", "MergeMembers", "EraseMember"],
)
def test_validate_only_leaves_the_member_as_it_is(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)
    asked = GetMemberRequest(member_id=saver)
    before = stubs.members.GetMember(asked).member

    write.method(stubs)(write.request(saver, validate_only=True))

    assert stubs.members.GetMember(asked).member == before


def test_a_member_who_was_only_validated_does_not_exist(
    stubs: Connection, stranger: str
) -> None:
    stubs.members.CreateMember(build.create_member(stranger, validate_only=True))

    failure = failure_of(stubs.members.GetMember, GetMemberRequest(member_id=stranger))

    assert failure.reason == "MEMBER_NOT_FOUND"


@pytest.mark.parametrize("name", build.MOVES)
def test_a_validated_transaction_has_no_id(
    stubs: Connection, saver: str, name: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)

    given = write.method(stubs)(write.request(saver, validate_only=True)).transaction

    ids = [given.transaction_id, *(lot.lot_id for lot in given.lots)]
    assert not any(ids)
    assert given.postings[0].points == 10


def test_validate_only_does_every_check(stubs: Connection, saver: str) -> None:
    request = build.burn(saver, 101, validate_only=True)

    assert failure_of(stubs.ledger.Burn, request).reason == "INSUFFICIENT_POINTS"


def test_a_refusal_of_validate_only_is_not_stored(
    stubs: Connection, member: str
) -> None:
    request = build.burn(member, 5, validate_only=True)
    failure_of(stubs.ledger.Burn, request)
    stubs.ledger.Earn(build.earn(member))

    assert not stubs.ledger.Burn(build.changed(request, validate_only=None)).replayed


def test_validate_only_of_something_done_is_a_replay(
    stubs: Connection, member: str
) -> None:
    request = build.earn(member)
    stubs.ledger.Earn(request)

    assert stubs.ledger.Earn(build.changed(request, validate_only=True)).replayed
