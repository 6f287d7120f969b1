"""Reverse: what is given back, what is taken, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from points.domain.bounds import NEVER, POINTS_MAX, POINTS_MIN, TIME_MAX, UNSET
from points.domain.commands import ExpiredPolicy, Reverse, ShortfallPolicy
from points.domain.decisions import decide
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
from points.domain.state import LotsMissing
from points.domain.values import (
    Draw,
    Kind,
    Posting,
    ReasonCode,
    Record,
    Reversal,
    Transaction,
)
from tests.clock import DAY, HOUR, NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    World,
    account,
    burn_record,
    frozen_member,
    lot,
    member,
    record,
    stamp,
    transaction,
)
from tests.domain.undoing import Ledger, reverse


EARNED = Place(PART, 1).transaction_id()
BURNED = Place(PART, 2).transaction_id()


def posted(found: Transaction) -> list[tuple[str, str, int]]:
    """Returns what a transaction moved."""
    return [(p.source, p.destination, p.points) for p in found.postings]


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


def decided(command: Reverse, **fields: Any) -> Transaction:
    """Returns what a reverse comes to in a world where Ada has earned 100 points."""
    world = World(
        members=[member()],
        lots=[lot()],
        accounts=[account(balance=100)],
        records=[record(), burn_record()],
    )
    found = decide(command, replace(world, **fields), PROGRAM, stamp()).result
    assert isinstance(found, Transaction)
    return found


EMPTY = [lot(remaining=0)]
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


def test_a_frozen_member_is_reversed_like_others() -> None:
    assert decided(reverse(), members=[frozen_member()]).balance_after == 0


def test_all_that_is_left_is_nothing_once_all_is_reversed() -> None:
    with pytest.raises(AlreadyReversed) as refused:
        decided(reverse(), reversals=[Reversal(PART, 1, 100)])

    assert refused.value == AlreadyReversed(EARNED, 0, 0)


# What was earned


def test_an_earn_is_taken_from_its_own_lot_first() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    mine = ledger.earn(20)
    ledger.earn(30, lives=DAY)

    found = ledger.accept(reverse(transaction_id=mine, points=15))

    assert posted(found) == [("member:ada", "issuance", 15)]
    assert found.draws == (Draw(Place(PART, 2), 15, NEVER),)
    assert found.balance_after == 45


def test_then_from_the_other_lots_the_earliest_expiry_first() -> None:
    ledger = Ledger()
    ledger.earn(10)
    mine = ledger.earn(20, lives=HOUR)
    ledger.earn(30, lives=DAY)
    ledger.burn(15)

    ledger.accept(reverse(transaction_id=mine))

    assert ledger.left() == {1: 10, 2: 0, 3: 15}
    ledger.check()


def test_a_pending_lot_is_taken_back_itself() -> None:
    ledger = Ledger()
    ledger.earn(10)
    mine = ledger.earn(20, activate_time=NOON + DAY)

    ledger.accept(reverse(transaction_id=mine, points=15))

    assert ledger.left() == {1: 10, 2: 5}


def test_other_lots_that_are_pending_pay_nothing() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    ledger.burn(5)
    ledger.earn(50, activate_time=NOON + DAY)

    found = ledger.carry_out(reverse(transaction_id=mine))

    assert found == InsufficientPoints("ada", "points", 15, 20)


def test_points_in_open_holds_pay_nothing() -> None:
    held = lot(remaining=30, held=70)

    with pytest.raises(InsufficientPoints) as refused:
        decided(reverse(), lots=[held], accounts=[account(balance=30)])

    assert refused.value == InsufficientPoints("ada", "points", 30, 100)


def test_more_lots_are_asked_for_before_anybody_owes() -> None:
    with pytest.raises(LotsMissing):
        decided(reverse(), lots=EMPTY, complete=False)


def test_a_write_off_pays_for_what_is_not_there() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    ledger.burn(15)

    found = ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.WRITE_OFF)
    )

    assert posted(found) == [
        ("member:ada", "issuance", 5),
        ("write_off", "issuance", 15),
    ]
    assert ledger.balances().shortfall == 0


def test_what_has_expired_of_the_lot_is_given_back_first() -> None:
    swept = Ledger()
    mine = swept.earn(20, lives=HOUR)
    swept.earn(50)
    swept.burn(5)
    swept.now += HOUR
    unswept = swept.copy()
    swept.sweep()

    later = swept.accept(reverse(transaction_id=mine))
    sooner = unswept.accept(reverse(transaction_id=mine))

    assert posted(later) == [
        ("member:ada", "issuance", 5),
        ("breakage", "issuance", 15),
    ]
    assert posted(sooner) == [("member:ada", "issuance", 20)]
    assert swept.balances() == unswept.balances()
    assert swept.balances().lifetime_expired == 0
    swept.check()


def test_what_was_cancelled_is_not_reversed_again() -> None:
    ledger = Ledger()
    mine = ledger.earn(20, activate_time=NOON + DAY)
    ledger.earn(50)
    ledger.accept(reverse(transaction_id=mine, points=5))
    pending = ledger.lots[1]
    ledger.end([pending._replace(activate_time=NEVER)], Kind.CANCEL, "issuance")

    found = ledger.carry_out(reverse(transaction_id=mine, points=1))

    assert found == AlreadyReversed(mine, 0, 1)


def test_a_lot_whose_deadline_has_passed_counts_as_cancelled() -> None:
    waiting = lot(activate_time=NEVER, waits_for="delivery", expire_time=NOON)

    with pytest.raises(AlreadyReversed) as refused:
        decided(reverse(), lots=[waiting])

    assert refused.value == AlreadyReversed(EARNED, 0, 0)


# What was burned


def test_the_lot_drawn_last_gets_its_points_back_first() -> None:
    ledger = Ledger()
    for life in (DAY, 2 * DAY, 3 * DAY):
        ledger.earn(10, lives=life)
    burned = ledger.burn(25)

    found = ledger.accept(reverse(transaction_id=burned, points=8))

    assert [(draw.lot.number, draw.points) for draw in found.returns] == [
        (3, 5),
        (2, 3),
    ]
    assert ledger.left() == {1: 0, 2: 3, 3: 10}
    assert posted(found) == [("burn:redemption", "member:ada", 8)]


def test_the_next_part_goes_on_where_the_last_one_ended() -> None:
    ledger = Ledger()
    for life in (DAY, 2 * DAY, 3 * DAY):
        ledger.earn(10, lives=life)
    burned = ledger.burn(25)
    ledger.accept(reverse(transaction_id=burned, points=8))

    found = ledger.accept(reverse(transaction_id=burned))

    assert [(draw.lot.number, draw.points) for draw in found.returns] == [
        (2, 7),
        (1, 10),
    ]


def test_points_of_an_expired_lot_go_to_breakage() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    ledger.earn(10)
    burned = ledger.burn(15)
    ledger.now += DAY

    found = ledger.accept(reverse(transaction_id=burned))

    assert posted(found) == [
        ("burn:redemption", "member:ada", 15),
        ("member:ada", "breakage", 10),
    ]
    has = ledger.balances()
    assert (has.available, has.lifetime_burned, has.lifetime_expired) == (10, 0, 10)
    assert ledger.lots[1].ended == 10
    ledger.check()


def test_points_of_an_expired_lot_are_issued_anew() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    ledger.earn(10)
    burned = ledger.burn(15)
    ledger.now += DAY

    found = ledger.accept(
        reverse(transaction_id=burned, expired_policy=ExpiredPolicy.REISSUE, grace=HOUR)
    )

    (made,) = found.lots
    assert made == lot(
        number=3,
        points=10,
        earn_time=NOON,
        expire_time=NOON + DAY + HOUR,
        record_number=4,
        origin=f"l{PART}-1",
    )
    assert posted(found) == [("burn:redemption", "member:ada", 15)]
    assert ledger.balances().available == 20
    ledger.check()


def test_a_lot_that_was_extended_meanwhile_takes_its_points_back() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    burned = ledger.burn(10)
    ledger.lots[1] = ledger.lots[1]._replace(expire_time=NEVER)
    ledger.now += DAY

    found = ledger.accept(reverse(transaction_id=burned))

    assert found.returns == (Draw(Place(PART, 1), 10, NEVER),)


def test_a_capture_is_reversed_as_far_as_it_burned() -> None:
    captured = transaction(
        postings=(
            Posting("held:ada", "burn:redemption", "points", 30),
            Posting("held:ada", "member:ada", "points", 20),
        ),
        draws=(Draw(Place(PART, 1), 30, NEVER),),
        returns=(Draw(Place(PART, 1), 20, NEVER),),
        lots=(),
    )
    world: dict[str, Any] = {
        "records": [record(number=2, kind=Kind.CAPTURE, result=captured)],
        "lots": [lot(remaining=70)],
        "accounts": [
            account(balance=70, lifetime_burned=30),
            account(account="burn:redemption", balance=30),
        ],
    }
    refund = reverse(transaction_id=BURNED, reason_code=ReasonCode.REFUND)

    found = decided(refund, **world)

    assert found.returns == (Draw(Place(PART, 1), 30, NEVER),)
    with pytest.raises(AlreadyReversed):
        decided(replace(refund, points=31), **world)


def test_a_refund_repays_no_shortfall() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    burned = ledger.burn(20)
    ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )

    ledger.accept(reverse(transaction_id=burned))

    assert (ledger.balances().available, ledger.balances().shortfall) == (20, 20)


def test_a_reverse_says_what_it_was_for() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)

    found = ledger.accept(
        reverse(
            transaction_id=mine,
            reason="returned",
            reason_code=ReasonCode.CLAWBACK,
            operator="grace",
            metadata={"order": "17"},
        )
    )

    assert (found.reverses, found.reason_code) == (
        Place(PART, 1),
        ReasonCode.CLAWBACK,
    )
    assert (found.reason, found.operator, found.metadata) == (
        "returned",
        "grace",
        {"order": "17"},
    )
