"""What is wrong with a request is said field by field, and nothing is done."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from points.client.connection import Connection
from points.v1 import ledger_service_pb2 as ledger
from points.v1 import member_service_pb2 as members
from points.v1.limits_pb2 import SetLimitsRequest, Velocity
from tests.server import build
from tests.server.failures import (
    BadRequest,
    details_of,
    error_of,
    failure_of,
    invalid,
    kinds_of,
    status_of,
)


# What is said here is said before a database is asked.
pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

REQUIRED = "is required"
CONTROL = "must not contain control characters"
YEARS = "must lie in the years 1970 to 9999"
MASK = "takes attributes alone, or attributes.<key>"

FIFTY_ONE = {f"key-{number}": "" for number in range(51)}
LONG_KEY = "k" * 65


def too_long(maximum: int) -> str:
    """Returns what is said about a text that is one character too long."""
    return f"must have at most {maximum} characters, not {maximum + 1}"


IDS = [
    ("", REQUIRED),
    ("x" * 129, too_long(128)),
    ("☃" * 129, too_long(128)),
    ("a\nb", CONTROL),
    ("a\0b", CONTROL),
    ("a\x7fb", CONTROL),
]
ID_IDS = ["missing", "long", "long snowmen", "new line", "NUL", "delete"]


@pytest.mark.parametrize(("text", "what"), IDS, ids=ID_IDS)
@pytest.mark.parametrize("field", ["member_id", "request_id"])
@pytest.mark.parametrize("name", build.WRITES)
def test_a_write_needs_well_formed_ids(
    stubs: Connection, stranger: str, *, name: str, field: str, text: str, what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(stranger, **{field: text})

    assert failure_of(write.method(stubs), request) == invalid(**{field: what})


READS = [
    ("members", "GetMember", members.GetMemberRequest, "member_id"),
    ("ledger", "GetBalances", ledger.GetBalancesRequest, "member_id"),
    ("ledger", "ListLots", ledger.ListLotsRequest, "member_id"),
    ("ledger", "ListTransactions", ledger.ListTransactionsRequest, "member_id"),
    ("ledger", "GetTransaction", ledger.GetTransactionRequest, "transaction_id"),
]


@pytest.mark.parametrize(("text", "what"), IDS, ids=ID_IDS)
@pytest.mark.parametrize(
    ("service", "method", "kind", "field"), READS, ids=[row[1] for row in READS]
)
def test_a_read_needs_a_well_formed_id(
    stubs: Connection,
    *,
    service: str,
    method: str,
    kind: Any,
    field: str,
    text: str,
    what: str,
) -> None:
    call = getattr(getattr(stubs, service), method)

    assert failure_of(call, kind(**{field: text})) == invalid(**{field: what})


def test_everything_wrong_is_said_at_once(stubs: Connection) -> None:
    request = ledger.GetOutcomeRequest(request_id="a\tb")

    failure = failure_of(stubs.ledger.GetOutcome, request)

    assert failure == invalid(member_id=REQUIRED, request_id=CONTROL)


PAIRS = [
    (FIFTY_ONE, "must have at most 50 entries, not 51"),
    ({"": "v"}, "key '' is required"),
    ({LONG_KEY: "v"}, f"key '{LONG_KEY[:64]}' {too_long(64)}"),
    ({"a\nb": "v"}, f"key 'a\\nb' {CONTROL}"),
    ({"k": "v" * 501}, "value of 'k' must have at most 500 characters"),
    ({"k": "a\0b"}, "value of 'k' must not contain NUL"),
]
PAIR_IDS = ["51 entries", "empty key", "long key", "control", "long value", "NUL"]


WITH_METADATA = [
    *build.MOVES,
    "PlaceHold",
    "CaptureHold",
    "VoidHold",
    "Reverse",
    "ActivateLot",
    "CancelLot",
    "ExtendLot",
]


@pytest.mark.parametrize(("pairs", "what"), PAIRS, ids=PAIR_IDS)
@pytest.mark.parametrize("name", WITH_METADATA)
def test_metadata_is_bounded(
    stubs: Connection, member: str, name: str, pairs: dict[str, str], what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(member, metadata=pairs)

    assert failure_of(write.method(stubs), request) == invalid(metadata=what)


@pytest.mark.parametrize(("pairs", "what"), PAIRS, ids=PAIR_IDS)
@pytest.mark.parametrize("name", ["CreateMember", "UpdateMember"])
def test_attributes_are_bounded(
    stubs: Connection, member: str, name: str, pairs: dict[str, str], what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(member, attributes=pairs)

    assert failure_of(write.method(stubs), request) == invalid(attributes=what)


@pytest.mark.parametrize("name", [*build.MOVES, "PlaceHold"])
@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("points", 0, "must be above zero, not 0"),
        ("points", -1, "must be above zero, not -1"),
        ("points", -(2**63), f"must be above zero, not {-(2**63)}"),
        ("reason", "", REQUIRED),
        ("reason", "r" * 257, too_long(256)),
        ("reason", "a\nb", CONTROL),
        ("unit", "", REQUIRED),
        ("unit", "u" * 65, too_long(64)),
        ("effective_time", Timestamp(seconds=-1), YEARS),
        ("effective_time", Timestamp(seconds=253402300800), YEARS),
        ("effective_time", Timestamp(seconds=2**63 - 1), YEARS),
        ("effective_time", Timestamp(nanos=-1), YEARS),
        ("effective_time", Timestamp(nanos=1_000_000_000), YEARS),
        ("effective_time", Timestamp(seconds=253402300799), "must not lie ahead"),
    ],
    ids=lambda value: str(value).replace("\n", " ")[:30],
)
def test_a_movement_of_points_is_well_formed(
    stubs: Connection, saver: str, *, name: str, field: str, value: Any, what: str
) -> None:
    write = build.WRITES[name].prepared(stubs, saver)
    request = write.request(saver, **{field: value})

    assert failure_of(write.method(stubs), request) == invalid(**{field: what})


@pytest.mark.parametrize(
    ("changes", "field", "what"),
    [
        ({"expire_time": Timestamp(seconds=1)}, "expire_time", "must lie ahead"),
        ({"expire_time": Timestamp(seconds=-1)}, "expire_time", YEARS),
        ({"activate_time": Timestamp(nanos=2_000_000_000)}, "activate_time", YEARS),
        (
            {
                "expire_time": Timestamp(seconds=4_000_000_000),
                "activate_time": Timestamp(seconds=4_000_000_000),
            },
            "expire_time",
            "must be after activate_time",
        ),
    ],
    ids=["past", "before 1970", "bad nanos", "activation at expiry"],
)
def test_a_lot_lies_ahead_and_begins_before_it_ends(
    stubs: Connection, member: str, changes: dict[str, Any], field: str, what: str
) -> None:
    request = build.earn(member, **changes)

    assert failure_of(stubs.ledger.Earn, request) == invalid(**{field: what})


@pytest.mark.parametrize(
    ("sink", "what"),
    [("s" * 65, too_long(64)), ("a\nb", CONTROL)],
    ids=["long", "control"],
)
def test_a_sink_is_well_formed(
    stubs: Connection, saver: str, sink: str, what: str
) -> None:
    request = build.burn(saver, sink=sink)

    assert failure_of(stubs.ledger.Burn, request) == invalid(sink=what)


@pytest.mark.parametrize(
    "paths",
    [
        [],
        ["state"],
        ["member_id"],
        ["attributes", "attributes.city"],
        ["attributes.city", "etag"],
        ["attributes."],
    ],
    ids=repr,
)
def test_a_mask_names_attributes_and_nothing_else(
    stubs: Connection, member: str, paths: list[str]
) -> None:
    request = build.update_member(member, update_mask=FieldMask(paths=paths))

    assert failure_of(stubs.members.UpdateMember, request) == invalid(update_mask=MASK)


def test_an_update_cannot_leave_more_than_fifty_attributes(
    stubs: Connection, member: str
) -> None:
    fifty = dict(list(FIFTY_ONE.items())[:50])
    stubs.members.UpdateMember(build.update_member(member, attributes=fifty))
    request = build.update_member(
        member,
        attributes={"one": "more"},
        update_mask=FieldMask(paths=["attributes.one"]),
    )

    failure = failure_of(stubs.members.UpdateMember, request)

    assert failure == invalid(attributes="must have at most 50 entries, not 51")


ANSWERED_FOR = ["Adjust", "ExtendLot", "SetLimits", "MergeMembers", "EraseMember"]


@pytest.mark.parametrize(("text", "what"), IDS, ids=ID_IDS)
@pytest.mark.parametrize("name", ANSWERED_FOR)
def test_what_an_operator_does_needs_the_operator(
    stubs: Connection, member: str, name: str, text: str, what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(member, operator=text)

    assert failure_of(write.method(stubs), request) == invalid(operator=what)


NAMING = {
    "CaptureHold": "hold_id",
    "VoidHold": "hold_id",
    "Reverse": "transaction_id",
    "ActivateLot": "lot_id",
    "CancelLot": "lot_id",
    "ExtendLot": "lot_id",
    "Transfer": "to_member_id",
    "MergeMembers": "into_member_id",
}


@pytest.mark.parametrize(("text", "what"), IDS, ids=ID_IDS)
@pytest.mark.parametrize("name", NAMING)
def test_what_a_write_names_is_well_formed(
    stubs: Connection, member: str, name: str, text: str, what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(member, **{NAMING[name]: text})

    assert failure_of(write.method(stubs), request) == invalid(**{NAMING[name]: what})


@pytest.mark.parametrize("name", ["FreezeMember", "UnfreezeMember"])
@pytest.mark.parametrize(
    ("reason", "what"),
    [("r" * 257, too_long(256)), ("a\nb", CONTROL)],
    ids=["long", "control"],
)
def test_the_reason_of_a_freeze_is_well_formed(
    stubs: Connection, member: str, name: str, reason: str, what: str
) -> None:
    write = build.WRITES[name]
    request = write.request(member, reason=reason)

    assert failure_of(write.method(stubs), request) == invalid(reason=what)


def test_an_etag_is_well_formed(stubs: Connection, member: str) -> None:
    request = build.update_member(member, etag="e" * 129)

    failure = failure_of(stubs.members.UpdateMember, request)

    assert failure == invalid(etag=too_long(128))


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("GetBalances", ledger.GetBalancesRequest),
        ("ListLots", ledger.ListLotsRequest),
        ("GetTrialBalance", ledger.GetTrialBalanceRequest),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_unit_of_a_read_is_well_formed(
    stubs: Connection, member: str, method: str, kind: Any
) -> None:
    request = kind(unit="a\nb")
    if "member_id" in kind.DESCRIPTOR.fields_by_name:
        request.member_id = member

    failure = failure_of(getattr(stubs.ledger, method), request)

    assert failure == invalid(unit=CONTROL)


def test_a_malformed_request_is_not_recorded(stubs: Connection, member: str) -> None:
    request = build.earn(member, 0)
    failure_of(stubs.ledger.Earn, request)

    answer = stubs.ledger.Earn(build.changed(request, points=1))

    assert not answer.replayed


def test_a_malformed_request_says_so_to_people_and_to_programs(
    stubs: Connection, member: str
) -> None:
    error = error_of(stubs.ledger.Earn, build.earn(member, 0))

    status = status_of(error)
    (bad_request,) = details_of(status, BadRequest())
    (violation,) = bad_request.field_violations
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "points must be above zero, not 0"
    assert violation.description == "must be above zero, not 0"
    assert kinds_of(status) == ["ErrorInfo", "BadRequest"]


def test_of_thousands_of_wrong_fields_as_many_are_told_as_an_error_has_room_for(
    stubs: Connection, member: str
) -> None:
    request = SetLimitsRequest(
        member_id=member,
        unit="points",
        operator="olga",
        reason="why",
        request_id="limits",
        velocities=[Velocity(points=-1)] * 2_000,
    )

    error = error_of(stubs.ledger.SetLimits, request)

    (bad_request,) = details_of(status_of(error), BadRequest())
    fields = [each.field for each in bad_request.field_violations]
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert fields[:2] == ["velocities[0].action", "velocities[0].window"]
    assert 10 < len(fields) < 100
