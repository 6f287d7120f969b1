"""Replay: the state that follows from the records, and damage that it finds."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from points.domain.bounds import NEVER, POINTS_MIN
from points.domain.identity import Place
from points.domain.refusals import MemberNotFound
from points.domain.replay import PartReplay
from points.domain.values import Draw, Kind, Posting, Record
from tests.clock import NOON
from tests.domain.build import (
    PART,
    account,
    burn_record,
    lot,
    member,
    record,
    transaction,
)


def replayed(records: Iterable[Record]) -> tuple[PartReplay, list[str]]:
    """Returns the state after the records, and what was wrong with them."""
    replay = PartReplay(PART)
    found = [what for one in records for what in replay.add(one)]
    return replay, found


def state(*records: Record) -> PartReplay:
    """Returns the state after records that are in order."""
    replay, found = replayed(records)
    assert found == []
    return replay


def test_without_records_there_is_nothing() -> None:
    replay = state()

    head = (replay.last_number, replay.last_lot_number, replay.last_time)
    assert (head, replay.accounts, replay.lots) == ((0, 0, 0), {}, {})


def test_accounts_follow_from_the_records() -> None:
    replay = state(record(), burn_record())

    assert list(replay.accounts.values()) == [
        account(account="issuance", balance=-100, floor=POINTS_MIN),
        account(balance=70, lifetime_earned=100, lifetime_burned=30),
        account(account="burn:redemption", balance=30, floor=POINTS_MIN),
    ]


def test_lots_follow_from_the_records() -> None:
    replay = state(record(), burn_record())

    assert replay.lots == {1: lot(remaining=70)}


def test_points_that_go_to_breakage_have_expired() -> None:
    expired = transaction(
        postings=(Posting("member:ada", "breakage", "points", 100),),
        balance_after=0,
        draws=(Draw(Place(PART, 1), 100, NEVER),),
        lots=(),
    )

    replay = state(record(), record(number=2, kind=Kind.EXPIRE, result=expired))

    assert replay.accounts["member:ada", "points"].lifetime_expired == 100


def test_members_follow_from_the_records() -> None:
    newest = member(version=4)

    replay = state(
        record(kind=Kind.CREATE_MEMBER, result=member()),
        record(kind=Kind.UPDATE_MEMBER, number=2, result=newest),
    )

    assert replay.members == {"ada": newest}


def test_refusals_change_nothing_but_the_head() -> None:
    replay = state(record(result=MemberNotFound("ada")))

    assert (replay.last_number, replay.accounts, replay.members) == (1, {}, {})


def test_only_transactions_are_counted_as_such() -> None:
    replay = state(
        record(result=MemberNotFound("ada")),
        record(number=2, kind=Kind.CREATE_MEMBER, result=member()),
        record(number=3),
    )

    assert replay.transaction_count == 1


def test_the_head_is_the_last_of_everything() -> None:
    replay = state(
        record(result=transaction(lots=(lot(number=5),))),
        burn_record(
            record_time=NOON + 1,
            result=transaction(
                postings=(Posting("member:ada", "burn:redemption", "points", 30),),
                balance_after=70,
                draws=(Draw(Place(PART, 5), 30, NEVER),),
                lots=(),
            ),
        ),
    )

    head = (replay.last_number, replay.last_lot_number, replay.last_time)
    assert head == (2, 5, NOON + 1)


DAMAGED: dict[str, tuple[list[Record], str]] = {
    "a missing first record": (
        [record(number=2)],
        "record 2 follows record 0",
    ),
    "a missing record": (
        [record(), burn_record(number=3)],
        "record 3 follows record 1",
    ),
    "a doubled record": (
        [record(), burn_record(number=1)],
        "record 1 follows record 1",
    ),
    "time that runs backwards": (
        [record(), burn_record(record_time=NOON - 1)],
        "record 2 is older than the one before",
    ),
    "a posting of nothing": (
        [
            record(),
            record(
                number=2,
                result=transaction(
                    postings=(Posting("issuance", "member:ada", "points", 0),),
                    lots=(),
                ),
            ),
        ],
        "transaction t7-2 posts 0 points",
    ),
    "an account below its floor": (
        [
            record(
                result=transaction(
                    postings=(Posting("member:ada", "breakage", "points", 1),),
                    balance_after=-1,
                    lots=(),
                )
            )
        ],
        "transaction t7-1 brings member:ada below its floor",
    ),
    "a draw from a lot that is not there": (
        [record(result=transaction(lots=(lot(number=2),))), burn_record()],
        "transaction t7-2 draws 30 from lot 1, which has fewer",
    ),
    "a draw of more than the lot has": (
        [record(result=transaction(lots=(lot(points=29),))), burn_record()],
        "transaction t7-2 draws 30 from lot 1, which has fewer",
    ),
    "a wrong balance": (
        [record(result=transaction(balance_after=101))],
        "transaction t7-1 says 101 points are left, the postings say 100",
    ),
}


@pytest.mark.parametrize(("records", "what"), DAMAGED.values(), ids=DAMAGED)
def test_damage_is_found(records: list[Record], what: str) -> None:
    _, found = replayed(records)

    assert what in found


def test_a_transaction_that_posts_nothing_is_none() -> None:
    nothing = record(result=transaction(postings=(), lots=()))

    assert next(PartReplay(PART).add(nothing)) == "record 1 is no EARN"


HIDDEN: dict[str, list[Record]] = {
    "an earn whose lot has more than was posted": [
        record(result=transaction(lots=(lot(points=101),)))
    ],
    "an earn without a lot": [record(result=transaction(lots=()))],
    "a burn that draws less than it posts": [
        record(),
        burn_record(
            result=transaction(
                postings=(Posting("member:ada", "burn:redemption", "points", 30),),
                balance_after=70,
                draws=(Draw(Place(PART, 1), 29, NEVER),),
                lots=(),
            )
        ),
    ],
    "a lot that is made twice": [
        record(),
        record(number=2, result=transaction(balance_after=200)),
    ],
    "a draw from another member's lot": [
        record(),
        record(
            number=2,
            member_id="bob",
            result=transaction(
                postings=(Posting("issuance", "member:bob", "points", 100),),
                lots=(lot(number=2, member_id="bob", record_number=2),),
            ),
        ),
        burn_record(
            number=3,
            result=transaction(
                postings=(Posting("member:ada", "burn:redemption", "points", 30),),
                balance_after=70,
                draws=(Draw(Place(PART, 2), 30, NEVER),),
                lots=(),
            ),
        ),
    ],
}


@pytest.mark.parametrize("records", HIDDEN.values(), ids=HIDDEN)
def test_lots_that_do_not_move_with_their_account_are_found(
    records: list[Record],
) -> None:
    _, found = replayed(records)

    assert found
