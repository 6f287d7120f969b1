"""Reverse: what is read for it, and why it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from points.domain.bounds import POINTS_MAX, POINTS_MIN, TIME_MAX, UNSET
from points.domain.commands import ExpiredPolicy, Reverse, ShortfallPolicy
from points.domain.identity import Place
from points.domain.refusals import (
    AlreadyReversed,
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberNotFound,
    NotReversible,
    Refusal,
    TransactionNotFound,
)
from points.domain.values import Kind, ReasonCode, Record, Reversal
from tests.clock import HOUR, NOON
from tests.domain.build import PART, account, burn_record, record
from tests.domain.build_reversal import BURNED, EARNED, EMPTY, decided
from tests.domain.undoing import reverse
from tests.domain.worlds import World


def wrong_fields(command: Reverse) -> list[str]:
    """Returns the names of the fields that the command complains about."""
    with pytest.raises(InvalidArgument) as refused:
        command.check()
    return list(refused.value.violations)


# Commands


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("transaction_id", ""),
        ("transaction_id", "t" * 129),
        ("points", -1),
        ("points", POINTS_MAX + 1),
        ("reason", ""),
        ("reason", "r" * 257),
        ("reason_code", None),
        ("grace", HOUR),
        ("operator", "o" * 129),
        ("effective_time", TIME_MAX + 1),
        ("metadata", {"": "v"}),
    ],
)
def test_a_reverse_checks_each_field(field: str, value: object) -> None:
    assert wrong_fields(reverse(**{field: value})) == [field]


@pytest.mark.parametrize("grace", [UNSET, 0, -2, TIME_MAX + 1])
def test_a_reissue_needs_a_grace(grace: int) -> None:
    command = reverse(expired_policy=ExpiredPolicy.REISSUE, grace=grace)

    assert wrong_fields(command) == ["grace"]


def test_a_grace_may_be_a_microsecond() -> None:
    reverse(expired_policy=ExpiredPolicy.REISSUE, grace=1).check()


def test_a_reverse_reads_the_transaction_and_what_it_moved() -> None:
    world = World(records=[record(), burn_record()])

    of_earn = reverse().follow(world, PART)
    of_burn = reverse(transaction_id=BURNED).follow(world, PART)

    assert reverse().reads().transaction == Place(PART, 1)
    assert [name for name, _ in of_earn.accounts] == [
        "member:ada",
        "issuance",
        "breakage",
    ]
    assert [name for name, _ in of_burn.accounts] == [
        "member:ada",
        "breakage",
        "burn:redemption",
    ]
    assert (of_earn.lots, of_burn.lots) == ((Place(PART, 1),), (Place(PART, 1),))
    assert (of_earn.lots_of, of_burn.lots_of) == ("points", "points")


@pytest.mark.parametrize(
    ("policy", "payer"),
    [
        (ShortfallPolicy.WRITE_OFF, "write_off"),
        (ShortfallPolicy.SHORTFALL, "shortfall:ada"),
    ],
)
def test_a_policy_reads_the_account_that_pays(
    policy: ShortfallPolicy, payer: str
) -> None:
    reads = reverse(shortfall_policy=policy).follow(World(records=[record()]), PART)

    assert reads.accounts[-1] == (payer, "points")


@pytest.mark.parametrize(
    "found",
    [record(member_id="bob"), record(part=3), record(kind=Kind.ADJUST)],
    ids=["another member", "another part", "another kind"],
)
def test_what_cannot_be_reversed_is_not_followed(found: Record) -> None:
    command = reverse(transaction_id=found.place().transaction_id())

    assert command.follow(World(records=[found]), PART).accounts == ()


# Precedence


RULES: list[tuple[Refusal, dict[str, Any], dict[str, Any]]] = [
    (MemberNotFound("ada"), {}, {"members": []}),
    (
        InvalidArgument({"effective_time": "must not lie ahead"}),
        {"effective_time": NOON + 1},
        {},
    ),
    (
        InvalidArgument({"grace": "must end before the year 10000"}),
        {"expired_policy": ExpiredPolicy.REISSUE, "grace": TIME_MAX},
        {},
    ),
    (TransactionNotFound(EARNED), {}, {"records": []}),
    (
        NotReversible(EARNED, "EARN", "REFUND"),
        {"reason_code": ReasonCode.REFUND},
        {},
    ),
    (
        AlreadyReversed(EARNED, 1, 100),
        {"points": 100},
        {"reversals": [Reversal(PART, 1, 99)]},
    ),
    (
        InsufficientPoints("ada", "points", 0, 100),
        {"points": 100},
        {"lots": EMPTY, "accounts": [account()]},
    ),
    (
        LimitExceeded("write_off", "points", POINTS_MAX),
        {"shortfall_policy": ShortfallPolicy.WRITE_OFF},
        {
            "lots": EMPTY,
            "accounts": [
                account(lifetime_earned=100),
                account(account="write_off", balance=POINTS_MIN, floor=POINTS_MIN),
            ],
        },
    ),
]


@pytest.mark.parametrize("broken", range(len(RULES)))
def test_a_reverse_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = RULES[broken:]
    # The last rule needs a policy that the one before does not reach.
    rules = rules if broken == len(RULES) - 1 else rules[:-1]
    command = reverse()
    fields: dict[str, Any] = {}
    for _, changes, world in reversed(rules):
        command = replace(command, **changes)
        fields |= world

    with pytest.raises(Refusal) as refused:
        decided(command, **fields)

    assert refused.value == rules[0][0]


@pytest.mark.parametrize(
    "transaction_id",
    ["", "nonsense", "l7-1", "t7-99", "t3-1", f"t{PART}-{2**63}"],
)
def test_a_transaction_that_is_not_there_is_not_found(transaction_id: str) -> None:
    with pytest.raises(TransactionNotFound) as refused:
        decided(reverse(transaction_id=transaction_id))

    assert refused.value.transaction_id == transaction_id


def test_a_transaction_of_another_member_is_not_found() -> None:
    with pytest.raises(TransactionNotFound):
        decided(reverse(), records=[record(member_id="bob")])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.EARN, ReasonCode.REFUND),
        (Kind.BURN, ReasonCode.CLAWBACK),
        (Kind.CAPTURE, ReasonCode.CLAWBACK),
        *(
            (kind, code)
            for kind in (
                Kind.REVERSE,
                Kind.ADJUST,
                Kind.HOLD,
                Kind.VOID,
                Kind.LAPSE,
                Kind.EXPIRE,
                Kind.TRANSFER,
                Kind.TRANSFER_IN,
                Kind.CANCEL,
            )
            for code in ReasonCode
        ),
    ],
)
def test_other_kinds_and_reason_codes_are_not_reversible(
    kind: Kind, code: ReasonCode
) -> None:
    with pytest.raises(NotReversible) as refused:
        decided(reverse(reason_code=code), records=[record(kind=kind)])

    assert refused.value == NotReversible(EARNED, kind, code)


def test_all_that_is_left_is_nothing_once_all_is_reversed() -> None:
    with pytest.raises(AlreadyReversed) as refused:
        decided(reverse(), reversals=[Reversal(PART, 1, 100)])

    assert refused.value == AlreadyReversed(EARNED, 0, 0)
