"""Reads: one snapshot each, pages in their order, filters that filter."""

from __future__ import annotations

import pytest

from points.domain.balances import TrialBalanceLine
from points.domain.bounds import NEVER
from points.domain.filters import Comparison
from points.domain.refusals import MemberNotFound
from points.domain.values import Balances, Head, Kind, Record
from points.store.opening import Store
from points.store.reads.reader import Snapshot, open_snapshot
from tests.clock import DAY, NOON
from tests.domain.build import (
    account,
    burn_record,
    frozen_member,
    lot,
    member,
    record,
    transaction,
)
from tests.store.build import FRESH, put


PART = 7


def balances(
    store: Store, member_id: str = "ada", *, now: int = NOON
) -> list[Balances]:
    """Returns the balances of a member at an instant."""
    with open_snapshot(store.backend) as snapshot:
        return snapshot.balances(PART, member_id, now=now)


def test_a_head_is_read(store: Store) -> None:
    head = Head(part=PART, last_number=4, last_lot_number=2, last_time=NOON)
    put(store, head)

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.head(PART) == head


def test_heads_are_read_in_the_order_of_their_parts(store: Store) -> None:
    put(store, FRESH)

    with open_snapshot(store.backend) as snapshot:
        assert [head.part for head in snapshot.heads()] == list(range(store.part_count))


def test_a_member_is_read(store: Store) -> None:
    put(store, frozen_member())

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.member(PART, "ada") == frozen_member()


@pytest.mark.parametrize(("part", "member_id"), [(PART, "bob"), (8, "ada")])
def test_a_member_that_is_missing_is_none(
    store: Store, part: int, member_id: str
) -> None:
    put(store, member())

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.member(part, member_id) is None


def test_a_record_is_read_by_its_place(store: Store) -> None:
    put(store, record(), burn_record(request_id="r2"))

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.record(PART, 2) == burn_record(request_id="r2")


@pytest.mark.parametrize(("part", "number"), [(PART, 2), (8, 1), (PART, 0)])
def test_a_record_that_is_missing_is_none(store: Store, part: int, number: int) -> None:
    put(store, record())

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.record(part, number) is None


def test_an_outcome_is_read_by_its_request_id(store: Store) -> None:
    refused = record(result=MemberNotFound("ada"))
    put(store, refused)

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.outcome(PART, "ada", "r1") == refused


@pytest.mark.parametrize(("member_id", "request_id"), [("ada", "r2"), ("bob", "r1")])
def test_an_outcome_that_is_missing_is_none(
    store: Store, member_id: str, request_id: str
) -> None:
    put(store, record())

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.outcome(PART, member_id, request_id) is None


def test_balances_are_worked_out_from_the_lots(store: Store) -> None:
    put(
        store,
        account(balance=60, lifetime_earned=90, lifetime_burned=30),
        lot(number=1, points=30, remaining=0),
        lot(number=2, points=10),
        lot(number=3, points=20, expire_time=NOON + 1),
        lot(number=4, points=30, activate_time=NOON + 1),
    )

    assert balances(store) == [
        Balances(
            unit="points",
            available=30,
            pending=30,
            lifetime_earned=90,
            lifetime_burned=30,
            next_expirations=((NOON + 1, 20),),
            next_activations=((NOON + 1, 30),),
        )
    ]


def test_lots_that_end_together_are_one_expiration(store: Store) -> None:
    ends = NOON + DAY
    put(
        store,
        account(balance=30),
        lot(number=1, points=10, expire_time=ends),
        lot(number=2, points=20, expire_time=ends, activate_time=NOON),
    )

    assert balances(store)[0].next_expirations == ((ends, 30),)


@pytest.mark.parametrize(
    ("now", "available", "pending", "expired"),
    [
        (NOON - 1, 0, 10, 0),
        (NOON, 10, 0, 0),
        (NOON + DAY - 1, 10, 0, 0),
        (NOON + DAY, 0, 0, 10),
        (NOON + DAY + 1, 0, 0, 10),
    ],
)
def test_a_lot_is_pending_then_available_then_expired_without_any_sweep(
    store: Store, now: int, available: int, pending: int, expired: int
) -> None:
    lasting_a_day = lot(points=10, activate_time=NOON, expire_time=NOON + DAY)
    put(store, account(balance=10), lasting_a_day)

    (found,) = balances(store, now=now)

    assert (found.available, found.pending, found.lifetime_expired) == (
        available,
        pending,
        expired,
    )


def test_each_unit_has_balances_of_its_own(store: Store) -> None:
    put(
        store,
        account(balance=1),
        account(balance=2, unit="miles"),
        lot(number=1, points=1),
        lot(number=2, points=2, unit="miles"),
    )

    found = balances(store)

    assert [(one.unit, one.available) for one in found] == [("miles", 2), ("points", 1)]


def test_balances_of_others_do_not_count(store: Store) -> None:
    put(
        store,
        account(account="member:bob", balance=1),
        account(part=8, balance=2),
        lot(number=1, member_id="bob", points=1),
        lot(number=2, part=8, points=2),
    )

    assert balances(store) == []


def test_the_trial_balance_sums_over_all_parts(store: Store) -> None:
    put(
        store,
        account(balance=70),
        account(account="member:bob", balance=5),
        account(account="member:eve", part=8, balance=20),
        account(account="issuance", balance=-105, floor=-1_000),
        account(account="issuance", part=8, balance=-20, floor=-1_000),
        account(account="burn:redemption", balance=30),
        account(account="issuance", unit="miles", balance=0),
    )

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.trial_balance() == [
            TrialBalanceLine("issuance", "miles", 0),
            TrialBalanceLine("burn:redemption", "points", 30),
            TrialBalanceLine("issuance", "points", -125),
            TrialBalanceLine("member", "points", 95),
        ]


def test_the_trial_balance_may_pass_64_bits(store: Store) -> None:
    most = 2**63 - 1
    put(store, account(balance=most), account(part=8, balance=most))

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.trial_balance() == [
            TrialBalanceLine("member", "points", 2 * most)
        ]


def test_a_snapshot_does_not_see_what_comes_later(store: Store) -> None:
    with open_snapshot(store.backend) as snapshot:
        before = snapshot.member(PART, "ada")
        put(store, member())
        after = snapshot.member(PART, "ada")

    assert (before, after) == (None, None)


@pytest.mark.parametrize("change", ["DELETE FROM member", "DROP TABLE member"])
def test_a_reader_cannot_write(store: Store, change: str) -> None:
    with (
        store.backend.reading.connect() as connection,
        pytest.raises(Exception, match=r"read-?only"),
    ):
        connection.exec_driver_sql(change)


def transactions(snapshot: Snapshot, before: int, *conditions: Comparison) -> list[int]:
    """Returns the numbers of at most three of Ada's transactions."""
    found = snapshot.transactions(
        PART, "ada", before=before, conditions=conditions, limit=3
    )
    return [one.number for one in found]


@pytest.fixture
def history(store: Store) -> Store:
    """Returns a store in which Ada has six transactions and others have some."""
    earns = [
        record(number=number, request_id=f"r{number}", record_time=NOON + number)
        for number in (1, 2, 4, 5, 8)
    ]
    others: list[Record] = [
        record(number=3, request_id="r3", result=MemberNotFound("ada")),
        record(number=6, request_id="r6", kind=Kind.CREATE_MEMBER, result=member()),
        record(number=7, member_id="bob"),
        record(number=2, part=8, request_id="r2"),
        burn_record(
            number=9,
            request_id="r9",
            channel="auction",
            record_time=NOON + 9,
            result=transaction(lots=()),
        ),
    ]
    put(store, *earns, *others)
    return store


def test_transactions_come_the_latest_first(history: Store) -> None:
    with open_snapshot(history.backend) as snapshot:
        pages = [transactions(snapshot, before) for before in (NEVER, 5, 1)]

    assert pages == [[9, 8, 5], [4, 2, 1], []]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([Comparison("kind", "=", "BURN")], [9]),
        ([Comparison("kind", "!=", "BURN")], [8, 5, 4]),
        ([Comparison("channel", "=", "auction")], [9]),
        ([Comparison("channel", "=", "AUCTION")], []),
        ([Comparison("record_time", "=", NOON + 4)], [4]),
        ([Comparison("record_time", "!=", NOON + 9)], [8, 5, 4]),
        ([Comparison("record_time", "<", NOON + 2)], [1]),
        ([Comparison("record_time", "<=", NOON + 2)], [2, 1]),
        ([Comparison("record_time", ">", NOON + 8)], [9]),
        ([Comparison("record_time", ">=", NOON + 8)], [9, 8]),
        (
            [Comparison("kind", "=", "EARN"), Comparison("record_time", ">", NOON + 4)],
            [8, 5],
        ),
        ([Comparison("kind", "=", "'; DROP TABLE record; --")], []),
    ],
    ids=str,
)
def test_transactions_are_filtered(
    history: Store, conditions: list[Comparison], found: list[int]
) -> None:
    with open_snapshot(history.backend) as snapshot:
        assert transactions(snapshot, NEVER, *conditions) == found
